"""What the routes of `linky dev` work with. It lives as long as the app."""

from dataclasses import dataclass

from fastapi import Request

from app.core.config import Settings
from app.core.errors import Forbidden, NotFound
from app.dev.faults import FaultSwitch
from app.dev.inbox import InboxFiles
from app.dev.stand_ins import People, StandIn
from app.integrations.identity import SocialProvider


@dataclass(frozen=True, slots=True)
class DevTools:
    settings: Settings
    stand_ins: dict[SocialProvider, StandIn]
    people: People
    inbox: InboxFiles
    faults: FaultSwitch

    def stand_in(self, name: str) -> StandIn:
        """Raises NotFound, also if the provider is a real one."""
        found = next((each for each in self.stand_ins.values() if each.name == name), None)
        if found is None:
            raise NotFound
        return found


def tools_of(request: Request) -> DevTools:
    tools = request.app.state.dev
    assert isinstance(tools, DevTools)
    return tools


async def not_from_another_site(request: Request) -> None:
    """Raises Forbidden for what a page of another site sends. A link from there may be followed."""
    is_read = request.method in ("GET", "HEAD")
    if not is_read and request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden
