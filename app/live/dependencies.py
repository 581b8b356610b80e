"""What routes of live changes ask for."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from app.live.hub.hub import Hub
from app.runtime.runtime import Runtime


def _hub_of(app: FastAPI) -> Hub:
    """The hub of an app. Its lifespan makes it; without a lifespan the first stream does."""
    hub: Hub | None = getattr(app.state, "hub", None)
    if hub is None:
        runtime: Runtime = app.state.runtime
        hub = app.state.hub = Hub(runtime)
    return hub


async def _get_hub(request: Request) -> Hub:
    return _hub_of(request.app)


LiveHub = Annotated[Hub, Depends(_get_hub)]
