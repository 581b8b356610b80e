"""What all commands share: reading settings, opening the database, and refusing."""

import asyncio
import getpass
import os
import socket
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from app.core.addresses import is_this_machine
from app.core.logging import configure_logging
from app.core.settings.config import Settings, load_settings
from app.jobs.signal import wake_by_notification
from app.operations.database_url import database_url
from app.runtime.runtime import Runtime


class CommandError(Exception):
    """What can't be done and why, in one sentence for the operator."""


def terminal_user() -> str:
    """The operator's user name and host, for the audit log. With sudo, both user names."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # A user id without a name, as in many containers.
        name = f"uid {os.getuid()}"
    sudo_user = os.environ.get("SUDO_USER")
    sudo = f" (sudo: {sudo_user})" if sudo_user else ""
    return f"terminal: {name}@{socket.gethostname()}{sudo}"


def read_settings() -> Settings:
    """Read the settings, and configure the log accordingly. Raises SettingsError."""
    settings = load_settings()
    configure_logging(settings.log_level, as_json=settings.is_production)
    return settings


def read_settings_of_server() -> Settings:
    """Reads them for `serve` and `worker`, which production runs: refuses to run as in development.

    A forgotten LINKY_ENV would mean no second step for admins, and a database whose TLS is not
    verified. `linky dev` may be reached by others: a phone on the same network, a tunnel.
    """
    settings = read_settings()
    if not settings.is_production:
        for name, why in _signs_of_others(settings):
            raise CommandError(
                f"LINKY_ENV is not set to production, but {name} {why}: set LINKY_ENV=production. "
                "For development there is `linky dev`."
            )
    return settings


def _signs_of_others(settings: Settings) -> Iterator[tuple[str, str]]:
    if (settings.public_url or "").lower().startswith("https://"):
        yield "LINKY_PUBLIC_URL", "begins with https://"
    if not is_this_machine(settings.host):
        yield "LINKY_HOST", "is an address that others can reach"


def ensure_port_is_free(settings: Settings) -> None:
    """Raises Refusal if another program listens there."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CommandError(
                f"can't listen on {settings.host}:{settings.port} ({error.strerror}); "
                "set LINKY_PORT (or LINKY_HOST) to another."
            ) from None


def on_database[Result](act: Callable[[Runtime], Coroutine[Any, Any, Result]]) -> Result:
    """Run `act` with a runtime for the settings. Closes it afterwards."""
    settings = read_settings()
    return with_runtime(settings, database_url(settings), act)


def with_runtime[Result](
    settings: Settings, url: str, act: Callable[[Runtime], Coroutine[Any, Any, Result]]
) -> Result:
    """Run `act` with a runtime for the database at `url`. Closes it afterwards."""

    async def run() -> Result:
        runtime = Runtime.build(settings, url)
        wake_by_notification(runtime)
        try:
            return await act(runtime)
        finally:
            await runtime.close()

    return asyncio.run(run())
