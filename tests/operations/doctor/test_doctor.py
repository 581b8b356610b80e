"""`linky doctor` on a running installation: healthy, and with a single fault inside."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from sqlalchemy import make_url

from app.core import migrations
from app.core.database import asyncpg_arguments
from app.operations.doctor.results import Check, Result, Verdict
from app.operations.doctor.runner import INSTALLATION_CHECKS
from tests.operations.doctor.installation import Installation, changed, served, with_verdict
from tests.support.sql import execute
from tests.support.valkey import ValkeyServer
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

WITHOUT_OUTSIDERS: dict[str, Any] = {
    "line_channel_id": None,
    "line_channel_secret": None,
    "apple_client_ids": (),
}
"""Settings without LINE and Apple, which do not exist on loopback. Another test covers them."""


async def test_a_healthy_installation_has_no_findings(installation: Installation) -> None:
    results = await installation.results(**WITHOUT_OUTSIDERS)
    assert with_verdict(results, Verdict.WRONG) == []
    assert with_verdict(results, Verdict.WARNING) == []
    right = with_verdict(results, Verdict.OK)
    for words in (
        "settings: production, 1 signing keys",
        "database: PostgreSQL 18",
        f"migrations: at {migrations.head()}",
        "jobs: ",
        "limits: counted in the server's memory",
        "pictures: local: stored, served and removed",
        "push: FCM takes a message",
        "mail: the server takes mail",
        "backups: 1 in ",
        "disk: ",
        "site: ready, release ",
        "headers: as they should be",
        "certificate: trusted, for 28 more days of 30",
        "redirect: http:// leads to https:// (308)",
        "metrics: closed to the world (404)",
        "clock: as the database's and the site's",
    ):
        assert any(line.startswith(words) for line in right), (words, right)
    assert (len(installation.fcm.validated), installation.fcm.sent) == (1, [])
    installation.fcm.validated.clear()
    storage = installation.settings().storage_dir
    assert [path for path in storage.rglob("*") if path.is_file()] == []


# Single faults


class Broken(NamedTuple):
    """A check, the settings that break it, and the words of its finding."""

    check: str
    settings: dict[str, Any]
    words: str


AN_OVERDUE_REPORT = """
    INSERT INTO report_cases
        (target_type, target_id, gravity, reasons, report_count, snapshot, due_at)
    VALUES ('post', uuidv7(), 1, '{spam}', 1, '{}', now())
"""
A_LATE_JOB = """
    INSERT INTO pgqueuer (entrypoint, status, priority, execute_after)
    VALUES ('unknown.job', 'queued', 0, now() - interval '10 min')
"""
BROKEN = {
    "no proxy trusted": Broken("settings", {"trusted_proxies": ()}, "no proxy is trusted"),
    "a database that does not answer": Broken(
        "database", {"database_url": "postgresql://u:p@127.0.0.1:1/d"}, "can't be reached"
    ),
    "no Valkey": Broken("limits", {"limits_url": "valkey://:geheim@127.0.0.1:1"}, "unreachable"),
    "a webhook that can't be found": Broken(
        "webhooks",
        {"webhook_url": "https://hooks.invalid", "webhook_secret": "s" * 24},
        "can't be reached: gaierror",
    ),
    "a picture check that can't be found": Broken(
        "picture check", {"picture_check_url": "https://hooks.invalid"}, "every post with an image"
    ),
    "no replica": Broken(
        "replica", {"database_replica_url": "postgresql://u:p@127.0.0.1:1/d"}, "unreachable"
    ),
    "a folder that can't be written": Broken(
        "pictures", {"data_dir": Path("/dev/null/data")}, "can't be written"
    ),
    "a mail server that does not answer": Broken("mail", {"smtp_port": 1}, "SMTPConnectError"),
    "a mail server without TLS": Broken("mail", {"smtp_starttls": "required"}, "STARTTLS"),
    "a key of push that is not a file": Broken("push", {"fcm_credentials": "{}"}, "can't be read"),
    "no key for backups": Broken("backups", {"backup_recipients": ()}, "no key to encrypt for"),
    "a site that does not answer": Broken(
        "site", {"public_url": "https://127.0.0.1:1"}, "be reached"
    ),
    "no TLS at the address": Broken(
        "certificate", {"public_url": "https://127.0.0.1:1"}, "no TLS at 127.0.0.1:1"
    ),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_fault_in_the_settings_is_found(installation: Installation, what: str) -> None:
    broken = BROKEN[what]
    results = await installation.only(broken.check, **broken.settings)
    (words,) = with_verdict(results, Verdict.WRONG)
    assert broken.words in words
    assert all(result.remedy for result in results if result.verdict == Verdict.WRONG)


async def test_that_everybody_may_publish_at_once_is_a_warning(installation: Installation) -> None:
    assert not with_verdict(await installation.only("settings"), Verdict.WARNING)
    results = await installation.only("settings", publish_needs="nothing")
    (words,) = with_verdict(results, Verdict.WARNING)
    assert "may publish at once" in words


async def test_that_users_read_the_products_name_is_a_warning(installation: Installation) -> None:
    results = await installation.only("settings", app_name="Linky")
    (words,) = with_verdict(results, Verdict.WARNING)
    assert "users read Linky" in words
    assert [result.remedy for result in results if result.verdict == Verdict.WARNING] == [
        "set LINKY_APP_NAME"
    ]


@pytest.mark.parametrize(
    ("do", "undo", "check", "verdict", "words"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "UPDATE alembic_version SET version_num = '{head}'",
            "migrations", Verdict.WRONG, "at 0001, this release has",
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "UPDATE alembic_version SET version_num = '{head}'",
            "migrations", Verdict.OK, "a later release's",
        ),
        (
            "ALTER TABLE alembic_version RENAME TO gone",
            "ALTER TABLE gone RENAME TO alembic_version",
            "migrations", Verdict.WRONG, "no tables",
        ),
        (
            A_LATE_JOB, "DELETE FROM pgqueuer", "jobs", Verdict.WRONG, "the oldest for 10 min",
        ),
        (
            "INSERT INTO pgqueuer (entrypoint, status, priority) VALUES ('a.job', 'failed', 0)",
            "DELETE FROM pgqueuer", "jobs", Verdict.WARNING, "dead: a.job 1",
        ),
        (
            AN_OVERDUE_REPORT, "DELETE FROM report_cases",
            "reports", Verdict.WARNING, "1 are overdue",
        ),
        (
            AN_OVERDUE_REPORT, "DELETE FROM report_cases",
            "counts", Verdict.WARNING, "some are wrong: report_cases.report_count",
        ),
    ],
)  # fmt: skip
async def test_a_fault_in_the_database_is_found(
    installation: Installation, do: str, undo: str, check: str, verdict: Verdict, words: str
) -> None:
    undo = undo.format(head=migrations.head())
    async with changed(installation, do, undo):
        (finding,) = with_verdict(await installation.only(check), verdict)
    assert words in finding


async def test_an_unfinished_index_is_found(installation: Installation) -> None:
    url = installation.settings().database_url
    await execute(url, "CREATE TABLE doubles AS SELECT 1 AS x FROM generate_series(1, 2)")
    try:
        with pytest.raises(asyncpg.UniqueViolationError):
            await execute(url, "CREATE UNIQUE INDEX CONCURRENTLY half ON doubles (x)")
        (finding,) = with_verdict(await installation.only("migrations"), Verdict.WRONG)
        assert "not finished: half" in finding
    finally:
        await execute(url, "DROP TABLE doubles")


async def test_pictures_that_clients_can_not_load_are_found(
    installation: Installation, tmp_path: Path
) -> None:
    # The server serves another folder.
    (finding,) = with_verdict(await installation.only("pictures", data_dir=tmp_path), Verdict.WRONG)
    assert "clients get 404" in finding


async def test_a_nearly_full_disk_is_found(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for free, verdict in ((4, Verdict.WRONG), (14, Verdict.WARNING), (16, Verdict.OK)):
        usage = SimpleNamespace(total=100 * 2**30, free=free * 2**30)
        monkeypatch.setattr(
            "app.operations.doctor.disk.shutil.disk_usage", lambda _, usage=usage: usage
        )
        (finding,) = await installation.only("disk")
        assert (finding.verdict, finding.words) == (verdict, f"{free}% of 100 GiB are free")


async def test_servers_that_each_count_for_themselves_are_found(
    installation: Installation,
) -> None:
    url = make_url(str(installation.settings().database_url))
    arguments = asyncpg_arguments(url.render_as_string(hide_password=False))
    named = {"application_name": "linky-api 2 another-machine"}
    another = await asyncpg.connect(**arguments, server_settings=named)
    try:
        (found,) = with_verdict(await installation.only("limits"), Verdict.WARNING)
        assert found == "limits: 2 processes count each for itself, so a caller has 2 limits"
    finally:
        await another.close()


async def test_a_server_of_several_processes_that_each_count_for_themselves_is_found(
    installation: Installation,
) -> None:
    (found,) = with_verdict(await installation.only("limits", processes=3), Verdict.WARNING)
    assert found == "limits: 3 processes count each for itself, so a caller has 3 limits"


async def test_valkey_is_tried_as_a_server_uses_it(
    installation: Installation, valkey: ValkeyServer
) -> None:
    shared = {"limits_url": valkey.url}
    (found,) = await installation.only("limits", **shared)
    assert (found.verdict, found.words) == (Verdict.OK, "counted in Valkey, for all processes")
    wrong = {"limits_url": f"valkey://:geheim@127.0.0.1:{valkey.port}"}
    (words,) = with_verdict(await installation.only("limits", **wrong), Verdict.WRONG)
    assert "(refused: AuthenticationError)" in words
    with served(installation.settings(**shared)) as address:
        metrics = httpx.get(f"{address}/metrics", timeout=HANG_SECONDS).text
        assert "linky_limits_shared 1.0" in metrics


async def test_a_wrong_clock_is_found(installation: Installation) -> None:
    checks = tuple(check for check in INSTALLATION_CHECKS if check.name == "clock")
    results = await installation.results(
        checks, clock=lambda: datetime.now(UTC) + timedelta(seconds=20)
    )
    database, site = with_verdict(results, Verdict.WRONG)
    assert "s away from the database's" in database
    assert "s away from the site's" in site


async def test_a_check_that_hangs_or_fails_is_a_finding(installation: Installation) -> None:
    async def never(_: object) -> Sequence[Result]:
        await asyncio.Event().wait()
        return []

    async def fails(_: object) -> Sequence[Result]:
        raise RuntimeError("secret")

    checks = (Check("slow", never, "wait", 0.05), Check("broken", fails, "mend it"))
    slow, broken = await installation.results(checks)
    assert (slow.verdict, slow.words, slow.remedy) == (
        Verdict.WRONG, "no answer within 0 s", "wait",
    )  # fmt: skip
    assert (broken.verdict, broken.words) == (Verdict.WRONG, "it failed: RuntimeError")
