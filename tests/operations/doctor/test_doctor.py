"""`linky doctor` on a running installation: healthy, and with a single fault at a time."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import asyncpg
import httpx
import pytest
from anyio import to_thread
from sqlalchemy import make_url
from typer.testing import CliRunner

from app.cli import cli
from app.core import migrations
from app.core.database import asyncpg_arguments
from app.core.logging import configure_logging
from app.operations.doctor import INSTALLATION_CHECKS, STORE_CHECKS, Result, Verdict
from app.operations.doctor.checks import Check
from tests.support.doctor import Installation, keep_backup, served, with_verdict
from tests.support.fcm import ANSWERS
from tests.support.front import serving
from tests.support.provider import running_providers
from tests.support.server import ROOT
from tests.support.sql import execute
from tests.support.tls import Authority
from tests.support.valkey import ValkeyServer
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

WITHOUT_OUTSIDERS: dict[str, Any] = {
    "line_channel_id": None,
    "line_channel_secret": None,
    "apple_client_ids": (),
}
"""Settings without LINE and Apple, which do not exist on loopback. Another test covers them."""


@asynccontextmanager
async def changed(installation: Installation, do: str, undo: str) -> AsyncIterator[None]:
    """Run the statement `do` on the installation's database, and `undo` at the end."""
    url = installation.settings().database_url
    await execute(url, do)
    try:
        yield
    finally:
        await execute(url, undo)


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


async def test_the_app_stores_requirements_are_met(installation: Installation) -> None:
    results = await installation.results(STORE_CHECKS)
    assert with_verdict(results, Verdict.WRONG) == []
    names = {result.name for result in results if result.verdict == Verdict.OK}
    for paragraph in ("1.2 (filter)", "(report)", "(block)", "1.2 (contact)", "(terms)"):
        assert any(paragraph in name for name in names), paragraph
    for paragraph in ("5.1.1(i)", "5.1.1(v)", "4.8", "(deletion page)"):
        assert any(paragraph in name for name in names), paragraph


# Single faults


class Broken(NamedTuple):
    """A check, the settings that break it, and the words of its finding."""

    check: str
    settings: dict[str, Any]
    words: str


WITHOUT_WORDS = (
    "CREATE TABLE aside AS TABLE banned_words; TRUNCATE banned_words",
    "INSERT INTO banned_words SELECT * FROM aside; DROP TABLE aside",
)
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
        "picture check", {"picture_check_url": "https://hooks.invalid"}, "every post with a picture"
    ),
    "no replica": Broken(
        "replica", {"database_replica_url": "postgresql://u:p@127.0.0.1:1/d"}, "unreachable"
    ),
    "a folder that can't be written": Broken(
        "pictures", {"data_dir": Path("/dev/null/data")}, "can't be written"
    ),
    "a mail server that does not answer": Broken("mail", {"smtp_port": 1}, "SMTPConnectError"),
    "a mail server without TLS": Broken("mail", {"smtp_starttls": "required"}, "STARTTLS"),
    "a key of push that is no file": Broken("push", {"fcm_credentials": "{}"}, "can't be read"),
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


def _no_hsts(installation: Installation) -> None:
    del installation.site.headers["Strict-Transport-Security"]


def _other_site(installation: Installation) -> None:
    installation.site.pages["/health/ready"] = (200, "text/html", b"Welcome to nginx!")


def _not_ready(installation: Installation) -> None:
    body = json.dumps({"checks": {"database": "ok", "worker": "down"}}).encode()
    installation.site.pages["/health/ready"] = (503, "application/json", body)


def _sniffing(installation: Installation) -> None:
    installation.site.dropped = {"x-content-type-options"}


def _open_metrics(installation: Installation) -> None:
    installation.site.passes_addresses = False


def _no_redirect(installation: Installation) -> None:
    installation.site.redirect = (200, "")


def _redirect_home(installation: Installation) -> None:
    installation.site.redirect = (308, installation.site.url + "/")


def _clock_of_site(installation: Installation) -> None:
    installation.site.headers["Date"] = "Mon, 02 Nov 2020 10:00:00 GMT"


def _no_token(installation: Installation) -> None:
    installation.fcm.gives_tokens = False


def _refused_key(installation: Installation) -> None:
    installation.fcm.refused = ANSWERS["unauthenticated"]


def _no_backup(installation: Installation) -> None:
    shutil.rmtree(installation.backups)


APPLE_ID = "ABCDE12345.jp.example.linky"
ANDROID_KEY = ":".join(["AB"] * 32)
APPS = {"apple_app_ids": APPLE_ID, "android_apps": f"jp.example.linky:{ANDROID_KEY}"}
APPLE_PATH, ANDROID_PATH = (
    "/.well-known/apple-app-site-association",
    "/.well-known/assetlinks.json",
)


async def test_links_are_not_tried_without_an_app(installation: Installation) -> None:
    results = await installation.only("links")
    assert [result.verdict for result in results] == [Verdict.UNTRIED] * 2


async def test_links_that_apps_open_are_right(installation: Installation) -> None:
    for path, name in ((APPLE_PATH, APPLE_ID), (ANDROID_PATH, ANDROID_KEY)):
        body = json.dumps([{"a": {"b": [name]}}]).encode()
        installation.site.pages[path] = (200, "application/json", body)
    results = await installation.only("links", **APPS)
    assert [result.verdict for result in results] == [Verdict.OK] * 2


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (None, "answers 404"),  # The running app does not have the settings yet.
        ((302, "text/html", b""), "is a redirect, which phones do not follow"),
        ((200, "text/html", b"<h1>"), "is text/html, and not application/json"),
        ((200, "application/json", b"{"), "is no JSON"),
        ((200, "application/json", b"[]"), f"does not name {APPLE_ID}"),
    ],
)
async def test_a_fault_of_the_links_is_found(
    installation: Installation, page: tuple[int, str, bytes] | None, words: str
) -> None:
    if page is not None:
        installation.site.pages[APPLE_PATH] = page
    findings = with_verdict(await installation.only("links", **APPS), Verdict.WRONG)
    assert f"links: {APPLE_PATH} {words}" in findings


def _old_backup(installation: Installation) -> None:
    _no_backup(installation)
    installation.backups.mkdir()
    keep_backup(installation.backups, datetime.now(UTC) - timedelta(hours=30))


@pytest.mark.parametrize(
    ("breaks", "check", "words"),
    [
        (_no_hsts, "site", "headers: no Strict-Transport-Security"),
        (_sniffing, "site", "X-Content-Type-Options"),
        (_other_site, "site", "not as Linky does"),
        (_not_ready, "site", "not ready: worker"),
        (_open_metrics, "metrics", "anybody can read /metrics"),
        (_no_redirect, "redirect", "does not lead to https://"),
        (_redirect_home, "redirect", "loses the path"),
        (_clock_of_site, "clock", "away from the site's"),
        (_no_token, "push", "no token for the key"),
        (_refused_key, "push", "FCM refuses: UNAUTHENTICATED"),
        (_no_backup, "backups", "there is none"),
        (_old_backup, "backups", "the newest is 30 h old"),
    ],
)
async def test_a_fault_outside_the_app_is_found(
    installation: Installation, breaks: Callable[[Installation], None], check: str, words: str
) -> None:
    breaks(installation)
    (finding,) = with_verdict(await installation.only(check), Verdict.WRONG)
    assert words in finding


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
    assert "(refused: WRONGPASS)" in words
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


# The certificate


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({"begun": 80, "days": 90}, "should have been renewed: trusted, for 9 more days of 90"),
        ({"begun": 91, "days": 90}, "would not trust it: certificate has expired"),
        ({"name": "other.example"}, "would not trust it: IP address mismatch"),
        ({}, ""),
        ({"begun": 60, "days": 90}, ""),
    ],
)
async def test_a_bad_certificate_is_found(
    installation: Installation, authority: Authority, certificate: dict[str, Any], words: str
) -> None:
    with serving(lambda _: (200, {}, b""), authority.server_context(**certificate)) as port:
        url = f"https://127.0.0.1:{port}"
        findings = with_verdict(
            await installation.only("certificate", public_url=url), Verdict.WRONG
        )
    assert len(findings) == bool(words)
    assert words in "".join(findings)


async def test_an_unknown_certificate_authority_is_found(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    (finding,) = with_verdict(await installation.only("certificate"), Verdict.WRONG)
    assert "would not trust it: unable to get local issuer certificate" in finding


# Sign-in providers


async def test_providers_that_answer_are_ok_and_others_are_found(
    installation: Installation,
) -> None:
    with running_providers() as providers:
        settings = {
            "env": "development",  # In production they must be https.
            "google_client_ids": ("web.apps.googleusercontent.com",),
            "line_discovery_url": f"{providers.url}/line/.well-known/openid-configuration",
            "google_discovery_url": f"{providers.url}/google/.well-known/openid-configuration",
            "apple_discovery_url": "http://127.0.0.1:1/",
        }
        results = await installation.only("sign-in", **settings)
    assert with_verdict(results, Verdict.OK) == ["sign-in: LINE: by the app and by a browser"]
    (google,) = with_verdict(results, Verdict.WARNING)
    assert google.startswith("sign-in: Google: by the app alone")
    assert with_verdict(results, Verdict.WRONG) == ["sign-in: Apple: its keys can't be fetched"]


# Requirements of the app stores


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contact": {"email": None}}, "Apple 1.2 (contact): no address to write to"),
        ({"terms": {"version": None, "url": None}}, "users agree to no terms"),
        ({"terms": {"version": "1", "url": None}}, "the page of the terms has no address"),
        ({"terms": {"version": "1", "url": "{site}/gone.html"}}, "can't be loaded (404)"),
        (
            {"legal": {"privacy_url": None, "account_deletion_url": "{site}/account/delete"}},
            "the privacy policy has no address",
        ),
        (
            {
                "legal": {
                    "privacy_url": "{site}/privacy.html",
                    "account_deletion_url": "{site}/terms.html",
                }
            },
            "Google (deletion page): {site}/terms.html shows no form",
        ),
        ({"providers": ["email", "line", "google"]}, "line and google without Sign in with Apple"),
    ],
)
async def test_a_fault_that_an_app_store_would_refuse_is_found(
    installation: Installation, change: dict[str, Any], words: str
) -> None:
    site = installation.site
    checks = tuple(check for check in STORE_CHECKS if check.name == "what /meta says")
    (contact, *_) = await installation.results(checks)
    assert contact.verdict == Verdict.OK
    async with httpx.AsyncClient() as http:
        meta = (await http.get(f"{site.upstream}/api/v1/meta")).json()
    body = json.dumps(meta | change).replace("{site}", site.url).encode()
    site.pages["/api/v1/meta"] = (200, "application/json", body)
    (finding,) = with_verdict(await installation.results(checks), Verdict.WRONG)
    assert words.format(site=site.url) in finding


async def test_missing_routes_and_an_empty_word_list_are_found(
    installation: Installation,
) -> None:
    unknown_user = "00000000-0000-0000-0000-000000000000"
    for path in ("/reports", f"/users/{unknown_user}/block", "/users/me"):
        installation.site.pages[f"/api/v1{path}"] = (404, "text/plain", b"")
    async with changed(installation, *WITHOUT_WORDS):
        results = await installation.results(STORE_CHECKS, apple_private_key=None)
    findings = with_verdict(results, Verdict.WRONG)
    assert len(findings) == 5
    assert "the list of banned words is empty" in findings[0]
    for words, line in zip(
        ("POST /reports", "PUT /users/", "DELETE /users/me"), findings[1:], strict=False
    ):
        assert f"{words}" in line
        assert "answers 404" in line
    assert "tokens can't be revoked" in findings[4]


# The command


async def run(installation: Installation, *arguments: str, **changes: str) -> Any:
    """`linky doctor` with the installation's settings, as an operator calls it."""
    settings = installation.settings()
    environment = {
        "LINKY_ENV": "production",
        "LINKY_DATABASE_URL": str(settings.database_url),
        "LINKY_DATA_DIR": str(settings.data_dir),
        "LINKY_PUBLIC_URL": str(settings.public_url),
        "LINKY_JWT_KEYS": "one:" + "k" * 40,
        "LINKY_TRUSTED_PROXIES": "127.0.0.1",
        "LINKY_MAIL": "smtp",
        "LINKY_SMTP_HOST": "127.0.0.1",
        "LINKY_SMTP_PORT": str(settings.smtp_port),
        "LINKY_LOG_LEVEL": "warning",
    }
    port = str(installation.site.http_port)
    command = ["doctor", "--http-port", port, *arguments]
    result = await to_thread.run_sync(
        lambda: CliRunner().invoke(cli, command, env=environment | changes)
    )
    configure_logging("warning", as_json=True)
    return result


async def test_the_command_names_remedies_and_fails_only_for_faults(
    installation: Installation,
) -> None:
    healthy = await run(installation)
    assert healthy.exit_code == 0, healthy.output
    assert "WRONG" not in healthy.output
    assert "warn   backups" in healthy.output
    broken = await run(installation, LINKY_SMTP_PORT="1")
    assert broken.exit_code == 1
    (line,) = [line for line in broken.output.splitlines() if line.startswith("WRONG")]
    assert "SMTPConnectError" in line
    assert '-> docs/runbook.md, "Mail: SMTP"' in broken.output


async def test_the_command_prints_json_and_checks_the_app_stores(
    installation: Installation,
) -> None:
    async with changed(installation, *WITHOUT_WORDS):
        result = await run(installation, "--store", "--json")
    assert result.exit_code == 1
    listed = json.loads(result.stdout)
    (filtered,) = [finding for finding in listed if "filter" in finding["name"]]
    assert filtered == {
        "name": "Apple 1.2 (filter)",
        "verdict": "wrong",
        "words": "the list of banned words is empty",
        "remedy": "fill it in /admin/words",
    }


async def test_invalid_settings_are_a_finding(installation: Installation) -> None:
    result = await run(installation, "--json", LINKY_PUBLIC_URL="http://linky.example")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["name"], finding["verdict"]) == ("settings", "wrong")
    assert "LINKY_PUBLIC_URL" in finding["words"]
    assert "kkkk" not in result.output


def test_the_named_sections_are_in_the_runbook() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "app" / "operations" / "doctor").glob("*.py")
    ]
    named = {name for source in sources for name in re.findall(r'runbook\.md, "([^"{]+)"', source)}
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ (.+)$", runbook, re.MULTILINE))
    assert named
    assert named <= headings
