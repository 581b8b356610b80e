"""A running installation for the doctor to examine, and faults to give it."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from app.api import COUNTS
from app.core.settings.config import Settings
from app.main import create_app
from app.operations.doctor.installation import open_installation
from app.operations.doctor.results import CHECK_SECONDS, Check, Result, Verdict
from app.operations.doctor.runner import INSTALLATION_CHECKS, run_checks
from tests.operations.doctor.front import Front
from tests.support.fcm import FakeFcm
from tests.support.ports import free_port
from tests.support.sql import execute
from tests.support.waiting import HANG_SECONDS, wait_until

WITHOUT_WORDS = (
    "CREATE TABLE aside AS TABLE banned_words; TRUNCATE banned_words",
    "INSERT INTO banned_words SELECT * FROM aside; DROP TABLE aside",
)
"""Statements for `changed`: the list of banned words is empty meanwhile."""


class Installation:
    """The installation's settings, and the parts that a test may break."""

    def __init__(self, settings: dict[str, Any], site: Front, fcm: FakeFcm) -> None:
        self._settings = settings
        self.site = site
        self.fcm = fcm

    def settings(self, **changes: Any) -> Settings:
        values = self._settings | changes
        # Production refuses an address of FCM that has no TLS, as the tests' own has none.
        endpoint = values.pop("fcm_endpoint")
        settings = Settings(_env_file=None, **values)  # type: ignore[call-arg]
        return settings.model_copy(update={"fcm_endpoint": endpoint})

    @property
    def backups(self) -> Path:
        return Path(self._settings["backup_to"])

    async def results(
        self, checks: tuple[Check, ...] = INSTALLATION_CHECKS, clock: Any = None, **changes: Any
    ) -> list[Result]:
        """The doctor's results for the installation, with changed settings if given."""
        settings = self.settings(**changes)
        url = str(settings.database_url)
        async with open_installation(
            settings, url, http_port=self.site.http_port, counts=COUNTS
        ) as opened:
            opened.runtime.outbound.seconds = HANG_SECONDS
            patient = [
                # One that a test has made quick stays quick.
                replace(check, seconds=HANG_SECONDS) if check.seconds >= CHECK_SECONDS else check
                for check in checks
            ]
            return await run_checks(replace(opened, clock=clock or opened.clock), patient)

    async def only(self, name: str, **changes: Any) -> list[Result]:
        """The results of one check."""
        checks = tuple(check for check in INSTALLATION_CHECKS if check.name == name)
        assert checks, name
        return await self.results(checks, **changes)


def with_verdict(results: list[Result], verdict: Verdict) -> list[str]:
    """The name and the words of each result with this verdict."""
    return [f"{result.name}: {result.words}" for result in results if result.verdict == verdict]


class served:  # noqa: N801 - read as a word, as contextmanagers are.
    """The app under uvicorn, in a thread; enters with its address, once the app is ready.

    The app listens a moment before its worker runs. A doctor would report that.
    """

    def __init__(self, settings: Settings) -> None:
        self._port = free_port()
        config = uvicorn.Config(
            create_app(settings),
            host="127.0.0.1",
            port=self._port,
            log_config=None,
            server_header=False,
            proxy_headers=False,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()))

    def __enter__(self) -> str:
        self._thread.start()
        url = f"http://127.0.0.1:{self._port}"
        wait_until("started", self._has_started)
        wait_until(
            "ready",
            lambda: (
                httpx.get(f"{url}/health/ready", timeout=HANG_SECONDS).status_code == HTTPStatus.OK
            ),
        )
        return url

    def _has_started(self) -> bool:
        assert self._thread.is_alive(), "the app ended by itself"
        return self._server.started

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


def keep_backup(folder: Path, made_at: datetime) -> None:
    for part in ("dump", "manifest"):
        (folder / f"linky-{made_at:%Y%m%dT%H%M%SZ}.{part}.age").touch()


@asynccontextmanager
async def changed(installation: Installation, do: str, undo: str) -> AsyncIterator[None]:
    """Run the statement `do` on the installation's database, and `undo` at the end."""
    url = installation.settings().database_url
    await execute(url, do)
    try:
        yield
    finally:
        await execute(url, undo)
