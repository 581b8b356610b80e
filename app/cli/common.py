"""What all commands share: reading settings, opening the database, and refusing."""

import asyncio
import getpass
import os
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from app.core.config import Settings, load_settings
from app.core.logging import configure_logging
from app.jobs import wake_by_notification
from app.operations.database_url import database_url
from app.runtime.runtime import Runtime


class Refusal(Exception):
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


def beside_dev(settings: Settings) -> Settings:
    """The settings for a process beside `linky dev`, whose stand-ins it then knows."""
    if settings.is_production:
        return settings  # Before the import: production loads nothing that is for development.
    from app.dev.stand_ins import beside_dev as with_its_stand_ins
    from app.dev.stand_ins import go_past_proxies

    go_past_proxies(settings)
    return with_its_stand_ins(settings)


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
