"""Makes the app of `linky dev`: the app of production, and what helps a developer around it."""

from fastapi import FastAPI
from starlette.middleware import Middleware

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
    app = create_app(
        settings,
        docs_script="/dev/static/docs.js",
        extra_routers=ROUTERS,
        extra_middleware=[Middleware(Faults, switch=switch)],
    )
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
