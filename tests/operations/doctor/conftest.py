"""A running installation: the app behind HTTPS, with mail, push and backups, all on loopback."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from app.operations import embedded
from app.operations.doctor import installation as opened
from tests.operations.doctor.front import Front, front
from tests.operations.doctor.installation import Installation, keep_backup, served
from tests.support.database import fresh_database
from tests.support.fcm import FakeFcm, fake_fcm
from tests.support.patience import let_pools_wait
from tests.support.ports import free_port
from tests.support.shared_limits import let_valkey_be_slow
from tests.support.tls import Authority
from tests.support.waiting import HANG_SECONDS
from tests.support.world import token

PUBLIC_KEY = "age1vuucxc67cr5qjrkjhwsyz0mqvd7tg486wuq0g4s7a3fwfgz4juts6d5fej"


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="package")
def running(
    server_url: str, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    sink = Controller(Sink(), hostname="127.0.0.1", port=free_port(), ready_timeout=HANG_SECONDS)
    sink.start()
    try:
        with (
            pytest.MonkeyPatch.context() as patch,
            fresh_database(server_url, f"doctor_{token()}") as url,
            front(authority.server_context()) as site,
            fake_fcm() as fcm,
        ):
            # An app that ends releases its process's embedded PostgreSQL. Here all tests share it.
            patch.setattr(embedded, "release", lambda *_: None)
            # What is late on a busy machine is not a fault.
            let_pools_wait(patch)
            patch.setattr(opened, "HTTP_SECONDS", HANG_SECONDS)
            let_valkey_be_slow(patch)
            settings = healthy(site, fcm, folder) | {"database_url": url, "smtp_port": sink.port}
            installation = Installation(settings, site, fcm)
            with served(installation.settings()) as site.upstream:
                yield installation
    finally:
        sink.stop()


def healthy(site: Front, fcm: FakeFcm, folder: Path) -> dict[str, Any]:
    """Settings without a fault. The database and the port for mail are still to be added."""
    return {
        "env": "production",
        "app_name": "猫の広場",
        "data_dir": folder / "data",
        "public_url": site.url,
        "jwt_keys": ("one:" + "k" * 40,),
        "trusted_proxies": ("127.0.0.1",),
        "push": "fcm",
        "fcm_credentials": fcm.write_credentials(folder / "fcm.json"),
        "fcm_endpoint": fcm.url,
        "mail": "smtp",
        "mail_from": "Linky <no-reply@linky.example>",
        "smtp_host": "127.0.0.1",
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


@pytest.fixture
async def installation(
    running: Installation, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """The running installation, without faults at the start of each test."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    running.site.reset()
    running.fcm.gives_tokens, running.fcm.refused = True, None
    running.backups.mkdir(exist_ok=True)
    for old in running.backups.iterdir():
        old.unlink()
    keep_backup(running.backups, datetime.now(UTC))
    return running
