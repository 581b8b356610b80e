"""What every command needs: the settings, a runtime on the database, and a refusal in words."""

import asyncio
import getpass
import os
import socket
from collections.abc import Callable, Coroutine
from typing import Any

from app.core.config import Settings, load_settings
from app.core.logging import configure_logging
from app.operations.database_url import database_url
from app.runtime.runtime import Runtime


class Refusal(Exception):
    """What can't be done and why, in one sentence for the person at the terminal."""


def who() -> str:
    """Who is at the terminal, as far as the machine knows; with sudo, who they were before."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # A user id without a name, as in many containers.
        name = f"uid {os.getuid()}"
    before = os.environ.get("SUDO_USER")
    return f"terminal: {name}@{socket.gethostname()}" + (f" (sudo: {before})" if before else "")


def read_settings() -> Settings:
    """Read the settings and begin to log as they say. Raises SettingsError."""
    settings = load_settings()
    configure_logging(settings.log_level, as_json=settings.is_production)
    return settings


def on_database[Result](act: Callable[[Runtime], Coroutine[Any, Any, Result]]) -> Result:
    """Run `act` with the runtime that the settings describe, and close that."""
    settings = read_settings()
    return with_runtime(settings, database_url(settings), act)


def with_runtime[Result](
    settings: Settings, url: str, act: Callable[[Runtime], Coroutine[Any, Any, Result]]
) -> Result:
    """Run `act` with a runtime on the database at `url`, and close that."""

    async def run() -> Result:
        runtime = Runtime.build(settings, url)
        try:
            return await act(runtime)
        finally:
            await runtime.close()

    return asyncio.run(run())
