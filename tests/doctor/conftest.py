"""A running installation: the app behind HTTPS, with mail, push and backups, all on loopback."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from app.api import COUNTS
from app.core.config import Settings
from app.main import create_app
from app.operations import embedded
from app.operations.doctor import (
    INSTALLATION_CHECKS,
    Result,
    Verdict,
    open_installation,
    run_checks,
)
from app.operations.doctor.checks import Check
from tests.journey.server import free_port
from tests.support.database import fresh_database
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.front import Front, front
from tests.support.tls import Authority
from tests.support.waiting import wait_until
from tests.support.world import token

PUBLIC_KEY = "age1vuucxc67cr5qjrkjhwsyz0mqvd7tg486wuq0g4s7a3fwfgz4juts6d5fej"


class Installation:
    """Its settings, and what a test may break in it."""

    def __init__(self, settings: dict[str, Any], site: Front, fcm: FakeFcm) -> None:
        self._settings = settings
        self.site = site
        self.fcm = fcm

    def settings(self, **changes: Any) -> Settings:
        return Settings(_env_file=None, **self._settings | changes)  # type: ignore[call-arg]

    @property
    def backups(self) -> Path:
        return Path(self._settings["backup_to"])

    async def results(
        self, checks: tuple[Check, ...] = INSTALLATION_CHECKS, clock: Any = None, **changes: Any
    ) -> list[Result]:
        """What a doctor says of it, with other settings where a test wants that."""
        settings = self.settings(**changes)
        url = str(settings.database_url)
        async with open_installation(
            settings, url, http_port=self.site.http_port, counts=COUNTS
        ) as opened:
            return await run_checks(replace(opened, clock=clock or opened.clock), checks)

    async def only(self, name: str, **changes: Any) -> list[Result]:
        """The results of one check."""
        checks = tuple(check for check in INSTALLATION_CHECKS if check.name == name)
        assert checks, name
        return await self.results(checks, **changes)


def said(results: list[Result], verdict: Verdict) -> list[str]:
    return [f"{one.name}: {one.words}" for one in results if one.verdict == verdict]


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="package")
def running(
    server_url: str, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    sink = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    sink.start()
    try:
        with (
            pytest.MonkeyPatch.context() as patch,
            fresh_database(server_url, f"doctor_{token()}") as url,
            front(authority.server_context()) as site,
            fake_fcm() as fcm,
        ):
            # An app that ends gives up its process's server, which is that of all tests here.
            patch.setattr(embedded, "release", lambda: None)
            settings = {
                "env": "production",
                "database_url": url,
                "data_dir": folder / "data",
                "public_url": site.url,
                "jwt_keys": ("one:" + "k" * 40,),
                "trusted_proxies": ("127.0.0.1",),
                "push": "fcm",
                "fcm_credentials": fcm.write_credentials(folder / "fcm.json"),
                "fcm_endpoint": fcm.url,
                "mail": "smtp",
                "smtp_host": "127.0.0.1",
                "smtp_port": sink.port,
                "backup_to": str(folder / "backups"),
                "backup_recipients": (PUBLIC_KEY,),
                "terms_version": "2026-11",
                "terms_url": f"{site.url}/terms.html",
                "privacy_url": f"{site.url}/privacy.html",
                "contact_email": "hello@linky.example",
                "line_channel_id": "1657000000",
                "line_channel_secret": "s" * 32,
                "apple_client_ids": ("jp.example.linky",),
                "apple_team_id": "TEAM000001",
                "apple_key_id": "KEY0000001",
                "apple_private_key": "-----BEGIN PRIVATE KEY-----",
            }
            installation = Installation(settings, site, fcm)
            with served(installation.settings()) as site.upstream:
                yield installation
    finally:
        sink.stop()


class served:  # noqa: N801 - read as a word, as contextmanagers are.
    """The app under uvicorn, in a thread; enters with its address, once the app is ready.

    It listens a moment before its worker is at work, and a doctor who came then would see that.
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
        wait_until("ready", lambda: httpx.get(f"{url}/health/ready").status_code == HTTPStatus.OK)
        return url

    def _has_started(self) -> bool:
        assert self._thread.is_alive(), "the app ended by itself"
        return self._server.started

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture
async def installation(
    running: Installation, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """The one that runs, healthy at the beginning of each test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    running.site.reset()
    running.fcm.gives_tokens, running.fcm.refused = True, None
    running.backups.mkdir(exist_ok=True)
    for old in running.backups.iterdir():
        old.unlink()
    keep_backup(running.backups, datetime.now(UTC))
    return running


def keep_backup(folder: Path, made_at: datetime) -> None:
    for part in ("dump", "manifest"):
        (folder / f"linky-{made_at:%Y%m%dT%H%M%SZ}.{part}.age").touch()
