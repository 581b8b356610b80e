"""`linky dev` and `linky seed`: the only import from `app` to `linky_dev`, the layer above it.

A server's archive, image and wheel have no `linky_dev`, and production never imports it. So each
import of it is here, inside a function, and comes after both questions (ADR 0085).
"""

from importlib.util import find_spec

from app.cli.common import CommandError, read_settings
from app.core.settings.config import Settings


def dev() -> None:
    """Migrate, fill an empty database with a demo, and serve.

    For development. Without LINKY_DATABASE_URL it starts a PostgreSQL in LINKY_DATA_DIR.
    """
    settings = read_settings()
    if settings.is_production:
        raise CommandError("`linky dev` is for development; use `linky serve` in production.")
    _ensure_there("dev")
    from linky_dev.commands import run_dev

    run_dev(settings)


def seed() -> None:
    """Fill an empty database with a demo community.

    Refuses in production.
    """
    settings = read_settings()
    if settings.is_production:
        raise CommandError("the demo community is for development; production starts empty.")
    _ensure_there("seed")
    from linky_dev.commands import run_seed

    run_seed(settings)


def beside_dev(settings: Settings) -> Settings:
    """The settings with the fake providers of a `linky dev` that runs here."""
    if settings.is_production or not _is_there():
        return settings
    from linky_dev.fake_providers.settings import beside_dev as with_its_fake_providers
    from linky_dev.fake_providers.settings import go_past_proxies

    go_past_proxies(settings)
    return with_its_fake_providers(settings)


def _is_there() -> bool:
    return find_spec("linky_dev") is not None


def _ensure_there(command: str) -> None:
    if not _is_there():
        raise CommandError(
            f"`linky {command}` needs the package linky_dev, which a server is installed without: "
            "run it in a checkout (README.md). To serve there is `linky serve`."
        )
