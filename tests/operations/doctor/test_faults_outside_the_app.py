"""`linky doctor` finds faults around the app: of the site, the certificate and other services."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.operations.doctor.results import Verdict
from tests.operations.doctor.installation import Installation, keep_backup, with_verdict
from tests.support.fcm import ANSWERS
from tests.support.provider import running_providers
from tests.support.stub_server import Response, stub_server
from tests.support.tls import Authority

pytestmark = pytest.mark.anyio


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


async def test_a_site_without_its_replica_is_ready(installation: Installation) -> None:
    checks = {"database": "ok", "migrations": "ok", "worker": "ok", "replica": "down"}
    body = json.dumps({"status": "ok", "version": "now", "checks": checks}).encode()
    installation.site.pages["/health/ready"] = (200, "application/json", body)
    results = await installation.only("site")
    assert results[0].verdict == Verdict.OK
    assert results[0].words == "ready, release now, without its replica"


# Links that apps open

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
        ((200, "application/json", b"{"), "is not JSON"),
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
    context = authority.server_context(**certificate)
    with stub_server(lambda _: Response(), context) as site:
        url = f"https://127.0.0.1:{site.port}"
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
    assert google.startswith("sign-in: Google: by the app only")
    assert with_verdict(results, Verdict.WRONG) == ["sign-in: Apple: its keys can't be fetched"]
