"""Makes the app of `linky dev`: the app of production, and what helps a developer around it."""

from fastapi import FastAPI

from app.core.clock import utc_now
from app.core.config import Settings, SettingsError
from app.dev import pages, router
from app.dev.docs_bar import DocsBar
from app.dev.faults import Faults, FaultSwitch
from app.dev.inbox import InboxFiles
from app.dev.stand_ins import People, make_stand_ins, with_stand_ins
from app.dev.stand_ins import pages as stand_in_pages
from app.dev.stand_ins import router as stand_ins
from app.dev.tools import DevTools
from app.main import create_app

ROUTERS = (
    *(stand_ins.router, stand_in_pages.router),
    *(router.router, pages.router, router.client),
)
"""All that `linky dev` adds, under `/dev` and `/app`."""


def settings_for_dev(settings: Settings) -> Settings:
    """The settings with stand-ins, and with addresses at which a sign-in by the browser may end.

    Raises SettingsError in production.
    """
    _ensure_development(settings)
    own = settings.oauth_redirect_uris or (f"{settings.app_scheme}://auth/done",)
    pages_of_ours = (settings.base_url + pages.RETURN_PATH, f"{settings.base_url}/app")
    addresses = tuple(dict.fromkeys((*own, *pages_of_ours)))
    return with_stand_ins(settings).model_copy(update={"oauth_redirect_uris": addresses})


def create_dev_app(settings: Settings) -> FastAPI:
    """The app for settings from `settings_for_dev`. Raises SettingsError in production."""
    _ensure_development(settings)
    app = create_app(settings, more=ROUTERS)
    switch = FaultSwitch()
    app.state.dev = DevTools(
        settings=settings,
        stand_ins=make_stand_ins(settings, utc_now),
        people=People(settings.data_dir / "dev" / "people.json"),
        inbox=InboxFiles(settings),
        faults=switch,
    )
    app.add_middleware(DocsBar)
    app.add_middleware(Faults, switch=switch)
    return app


def _ensure_development(settings: Settings) -> None:
    if settings.is_production:
        raise SettingsError("`linky dev` is for development; use `linky serve` in production.")
