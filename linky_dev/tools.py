"""What the routes of `linky dev` work with. It lives as long as the app."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request

from app.core.addresses import literal_address
from app.core.errors import Forbidden, NotFound
from app.core.settings.config import Settings
from app.integrations.identity.enums import SocialProvider
from linky_dev.fake_providers.app_check import FakeAppCheck
from linky_dev.fake_providers.people import People
from linky_dev.fake_providers.provider import FakeProvider
from linky_dev.faults import FaultSwitch
from linky_dev.inbox import InboxFiles

_PORT = re.compile(r":\d*$")


@dataclass(frozen=True, slots=True)
class DevTools:
    settings: Settings
    fake_providers: dict[SocialProvider, FakeProvider]
    app_check: FakeAppCheck
    people: People
    inbox: InboxFiles
    faults: FaultSwitch

    def fake_provider(self, name: str) -> FakeProvider:
        """Raises NotFound, also if the provider is a real one."""
        found = next((each for each in self.fake_providers.values() if each.name == name), None)
        if found is None:
            raise NotFound
        return found


def tools_of(request: Request) -> DevTools:
    tools = request.app.state.dev
    assert isinstance(tools, DevTools)
    return tools


async def not_from_another_site(request: Request) -> None:
    """Raises Forbidden for what a page of another site sends. A link from there may be followed.

    A page whose name was led to this machine after it was loaded (DNS rebinding) is of the same
    site, for its browser. Its name is in the Host all the same.
    """
    is_read = request.method in ("GET", "HEAD")
    if not is_read and request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden
    host = _PORT.sub("", request.headers.get("host", "")).lower()
    public = urlsplit(tools_of(request).settings.base_url).hostname
    if host not in ("localhost", public) and literal_address(host) is None:
        raise Forbidden
