"""What the app stores ask, by their own paragraphs, and tried for real where that is possible.

App Review Guidelines of Apple; User Generated Content, account deletion and child safety of Google
Play. What stands in the apps themselves, or in the stores' consoles, can't be seen from here.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from app.operations.doctor.checks import LONGER_SECONDS, Check
from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result, ok, untried, wrong

NOBODY = UUID(int=0)
"""An id that nothing has."""

FILTER = "Apple 1.2 (filter)"
REPORT = "Apple 1.2, Google UGC (report)"
BLOCK = "Apple 1.2, Google UGC (block)"
CONTACT = "Apple 1.2 (contact)"
TERMS = "Apple 1.2, Google UGC (terms)"
PRIVACY = "Apple 5.1.1(i) (privacy)"
DELETION = "Apple 5.1.1(v) (deletion in the app)"
DELETION_PAGE = "Google (deletion page)"
APPLE_SIGN_IN = "Apple 4.8 (sign-in)"
REVOCATION = "Apple 5.1.1(v) (revocation)"
BY_HAND = "by hand"

_WORDS = text("SELECT count(*) FROM banned_words WHERE kind = 'banned'")


async def check_filter(patient: Patient) -> Sequence[Result]:
    async with patient.runtime.reads() as session:
        count = await session.scalar(_WORDS) or 0
    if not count:
        return [wrong(FILTER, "the list of banned words is empty", "fill it in /admin/words")]
    return [ok(FILTER, f"texts are held against {count} words before they appear")]


async def check_report(patient: Patient) -> Sequence[Result]:
    return await _asks_who(patient, REPORT, [("POST", "/reports")])


async def check_block(patient: Patient) -> Sequence[Result]:
    people, posts = f"/users/{NOBODY}/block", f"/posts/{NOBODY}/mute"
    return await _asks_who(patient, BLOCK, [("PUT", people), ("PUT", posts)])


async def check_deletion(patient: Patient) -> Sequence[Result]:
    return await _asks_who(patient, DELETION, [("DELETE", "/users/me")])


async def _asks_who(
    patient: Patient, name: str, calls: Sequence[tuple[str, str]]
) -> Sequence[Result]:
    """Whether these calls are there: who has no token is asked for one."""
    for method, path in calls:
        response = await patient.http.request(method, f"{patient.url}/api/v1{path}")
        if response.status_code != httpx.codes.UNAUTHORIZED:
            words = f"{method} {path} answers {response.status_code} without a token, and not 401"
            return [wrong(name, words, "is this Linky, and is all of it reachable?")]
    shown = ", ".join(f"{method} /api/v1{path}" for method, path in calls)
    return [ok(name, shown.replace(str(NOBODY), "{id}"))]


async def check_meta(patient: Patient) -> Sequence[Result]:
    """Whom to write to, what one agrees to, how one signs in: as the app is told."""
    response = await patient.http.get(f"{patient.url}/api/v1/meta")
    response.raise_for_status()
    meta = response.json()
    return [
        _contact(meta),
        await _terms(patient, meta),
        await _privacy(patient, meta),
        await _deletion_page(patient, meta),
        *_sign_in(patient, meta),
    ]


def _contact(meta: dict[str, Any]) -> Result:
    address = meta["contact"]["email"] or ""
    if "@" not in address:
        return wrong(CONTACT, "nobody to write to", "set LINKY_CONTACT_EMAIL")
    return ok(CONTACT, "an address is published in /meta")


async def _terms(patient: Patient, meta: dict[str, Any]) -> Result:
    terms = meta["terms"]
    if not terms["version"]:
        words = "nobody has to agree to anything before they publish"
        return wrong(TERMS, words, "set LINKY_TERMS_VERSION and LINKY_TERMS_URL")
    problem = await _page_problem(patient, terms["url"])
    if problem:
        return wrong(
            TERMS, f"the page of the terms {problem}", "set LINKY_TERMS_URL to a page in the open"
        )
    return ok(TERMS, f"version {terms['version']} is agreed to before one publishes")


async def _privacy(patient: Patient, meta: dict[str, Any]) -> Result:
    problem = await _page_problem(patient, meta["legal"]["privacy_url"])
    if problem:
        remedy = "set LINKY_PRIVACY_URL to a page in the open"
        return wrong(PRIVACY, f"the privacy policy {problem}", remedy)
    return ok(PRIVACY, "the policy can be read")


async def _deletion_page(patient: Patient, meta: dict[str, Any]) -> Result:
    url = meta["legal"]["account_deletion_url"]
    problem = await _page_problem(patient, url, has="<form")
    if problem:
        return wrong(DELETION_PAGE, f"{url} {problem}", "check LINKY_PUBLIC_URL")
    if patient.settings.mail == "file" and patient.settings.is_production:
        words = "the page is there, and its mails go nowhere (LINKY_MAIL=file)"
        return wrong(DELETION_PAGE, words, "set LINKY_MAIL to ses or smtp")
    return ok(DELETION_PAGE, "works without the app; enter it in the Play Console")


async def _page_problem(patient: Patient, url: str | None, has: str = "") -> str | None:
    """What is wrong with a page, as the end of a sentence; None if it can be read."""
    if not url:
        return "has no address"
    try:
        async with httpx.AsyncClient(timeout=patient.http.timeout, follow_redirects=True) as http:
            response = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"can't be loaded ({type(error).__name__})"
    if response.status_code != httpx.codes.OK:
        return f"can't be loaded ({response.status_code})"
    if has not in response.text:
        return "shows no form"
    return None


def _sign_in(patient: Patient, meta: dict[str, Any]) -> list[Result]:
    social = [name for name in meta["providers"] if name in ("line", "google")]
    if "apple" in meta["providers"]:
        return [
            ok(APPLE_SIGN_IN, "Apple's is offered beside the others"),
            _revocation(patient),
        ]
    if social:
        words = f"{' and '.join(social)} without Sign in with Apple"
        return [wrong(APPLE_SIGN_IN, words, "set it up: docs/runbook.md, Apple's section")]
    return [ok(APPLE_SIGN_IN, "only accounts of our own, so that Apple's is not needed")]


def _revocation(patient: Patient) -> Result:
    settings = patient.settings
    if settings.apple_team_id and settings.apple_key_id and settings.apple_private_key:
        return ok(REVOCATION, "Apple's tokens are revoked when somebody leaves")
    words = "without Apple's key their tokens can't be revoked when somebody leaves"
    return wrong(REVOCATION, words, "set LINKY_APPLE_TEAM_ID, _KEY_ID and _PRIVATE_KEY")


async def check_by_hand(patient: Patient) -> Sequence[Result]:
    """What nobody can see from here."""
    return [
        untried(BY_HAND, "Apple 2.1: an account for the reviewer, in App Store Connect"),
        untried(BY_HAND, "Apple 1.2: reports are answered within 24 hours, in /admin/reports"),
        untried(BY_HAND, "Apple 5.1.2, Google Data safety: the forms on what is collected"),
        untried(BY_HAND, "Google Child Safety Standards: a public page that names app and contact"),
    ]


CHECKS = (
    Check(FILTER, check_filter, "linky doctor"),
    Check(REPORT, check_report, "linky doctor"),
    Check(BLOCK, check_block, "linky doctor"),
    Check(DELETION, check_deletion, "linky doctor"),
    Check("what /meta says", check_meta, "linky doctor", LONGER_SECONDS),
    Check(BY_HAND, check_by_hand, ""),
)
