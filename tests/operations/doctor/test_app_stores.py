"""`linky doctor` checks what the app stores require of an app."""

import json
from typing import Any

import httpx
import pytest

from app.operations.doctor.results import Verdict
from app.operations.doctor.runner import STORE_CHECKS
from tests.operations.doctor.installation import WITHOUT_WORDS, Installation, changed, with_verdict
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio


async def test_the_app_stores_requirements_are_met(installation: Installation) -> None:
    results = await installation.results(STORE_CHECKS)
    assert with_verdict(results, Verdict.WRONG) == []
    names = {result.name for result in results if result.verdict == Verdict.OK}
    for paragraph in ("1.2 (filter)", "(report)", "(block)", "1.2 (contact)", "(terms)"):
        assert any(paragraph in name for name in names), paragraph
    for paragraph in ("5.1.1(i)", "5.1.1(v)", "4.8", "(deletion page)"):
        assert any(paragraph in name for name in names), paragraph
    (told,) = [result for result in results if "server-to-server" in result.name]
    assert any("LINE is notified of deleted accounts" in result.words for result in results)
    public_url = installation.settings().public_url
    assert f"{public_url}/api/v1/auth/oauth/apple/notifications" in told.words


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
    async with httpx.AsyncClient(timeout=HANG_SECONDS) as http:
        meta = (await http.get(f"{site.upstream}/api/v1/meta")).json()
    body = json.dumps(meta | change).replace("{site}", site.url).encode()
    site.pages["/api/v1/meta"] = (200, "application/json", body)
    (finding,) = with_verdict(await installation.results(checks), Verdict.WRONG)
    assert words.format(site=site.url) in finding


async def test_missing_routes_and_an_empty_word_list_are_found(
    installation: Installation,
) -> None:
    unknown_user = "00000000-0000-0000-0000-000000000000"
    hears = "/auth/oauth/apple/notifications"
    for path in ("/reports", f"/users/{unknown_user}/block", "/users/me", hears):
        installation.site.pages[f"/api/v1{path}"] = (404, "text/plain", b"")
    async with changed(installation, *WITHOUT_WORDS):
        unset = {"apple_private_key": None, "line_channel_secret": None}
        results = await installation.results(STORE_CHECKS, **unset)
    findings = with_verdict(results, Verdict.WRONG)
    assert len(findings) == 7
    assert "the list of banned words is empty" in findings[0]
    for words, line in zip(
        ("POST /reports", "PUT /users/", "DELETE /users/me"), findings[1:], strict=False
    ):
        assert f"{words}" in line
        assert "answers 404" in line
    assert "tokens can't be revoked" in findings[4]
    assert f"POST /api/v1{hears} is 404" in findings[5]
    assert "LINE can't be notified" in findings[6]
