"""How pages for a browser lead on to the app."""

from fastapi import Request

from app.core.texts import Text
from app.web.runtime import runtime_of

OPEN_APP = Text("アプリを開く", "Open the app")


def app_address(request: Request) -> str:
    """Where links open the app. `linky dev` has a web client in its place."""
    client: str | None = getattr(request.app.state, "web_client", None)
    return client or f"{runtime_of(request).settings.app_scheme}://"
