"""Makes the app of `linky dev`: the app of production, and what helps a developer around it."""

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.clock import utc_now
from app.core.settings.config import Settings, SettingsError
from app.core.settings.origins import THIS_MACHINE
from app.main import create_app
from app.web.cors import ANY_PORT
from linky_dev import fake_provider_pages, fake_provider_router, pages, router
from linky_dev.fake_providers.app_check import FakeAppCheck
from linky_dev.fake_providers.people import People
from linky_dev.fake_providers.settings import make_fake_providers, with_fake_providers
from linky_dev.faults import Faults, FaultSwitch
from linky_dev.inbox import InboxFiles
from linky_dev.tools import DevTools

SCRIPT = '<script src="/dev/static/docs.js" data-fill="{}" defer></script></body>'


class DocsBar:
    """Adds our script to the page of Swagger UI, which is one small message."""

    def __init__(self, app: ASGIApp, fill: str) -> None:
        self._app = app
        self._script = SCRIPT.format(fill).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/docs":
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def with_bar(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                body = message.get("body", b"").replace(b"</body>", self._script, 1)
                lines = [line for line in start["headers"] if line[0] != b"content-length"]
                lines.append((b"content-length", str(len(body)).encode()))
                await send({**start, "headers": lines})
                message, start = {**message, "body": body}, None
            await send(message)

        await self._app(scope, receive, with_bar)


ROUTERS = (
    *(fake_provider_router.router, fake_provider_pages.router),
    *(router.router, pages.router, router.client, router.home),
)
"""All that `linky dev` adds: `/`, and what is under `/dev` and `/app`."""


def settings_for_dev(settings: Settings) -> Settings:
    """The settings with fake providers, and with addresses at which a sign-in by the browser may
    end.

    A web app that is served on this machine, as `flutter run -d chrome` does, may call the API.

    Raises SettingsError in production.
    """
    _ensure_development(settings)
    own = settings.oauth_redirect_uris or (f"{settings.app_scheme}://auth/done",)
    pages_of_ours = (settings.base_url + pages.RETURN_PATH, f"{settings.base_url}/app")
    addresses = tuple(dict.fromkeys((*own, *pages_of_ours)))
    own_ports = tuple(f"http://{host}{ANY_PORT}" for host in THIS_MACHINE)
    made_up = {
        "oauth_redirect_uris": addresses,
        "cors_origins": settings.cors_origins or own_ports,
    }
    return with_fake_providers(settings).model_copy(update=made_up)


def create_dev_app(settings: Settings) -> FastAPI:
    """The app for settings from `settings_for_dev`. Raises SettingsError in production."""
    _ensure_development(settings)
    switch = FaultSwitch()
    tools = (
        Middleware(DocsBar, fill=settings.brand.shades.light.fill),
        Middleware(Faults, switch=switch),
    )
    app = create_app(settings, for_developers=True, extra_routers=ROUTERS, extra_middleware=tools)
    app.state.web_client = f"{settings.base_url}/app#/"
    app.state.dev = DevTools(
        settings=settings,
        fake_providers=make_fake_providers(settings, utc_now),
        app_check=FakeAppCheck(settings, utc_now),
        people=People(settings.data_dir / "dev" / "people.json"),
        inbox=InboxFiles(settings),
        faults=switch,
    )
    return app


def _ensure_development(settings: Settings) -> None:
    if settings.is_production:
        raise SettingsError("`linky dev` is for development; use `linky serve` in production.")
