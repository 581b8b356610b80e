"""Checks of what Apple's and Google's app stores require, named by the stores' own paragraphs.

Apple: App Review Guidelines. Google Play: User Generated Content, account deletion, child safety.
LINE: the development guidelines of its login.
Requirements on the app itself, or on the stores' consoles, are listed for a person to check.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import func, select

from app.operations.doctor.installation import Installation
from app.operations.doctor.results import REMOTE_CHECK_SECONDS, Check, Result, ok, untried, wrong
from app.screening.enums import WordKind
from app.screening.models import ListedWord

UNUSED_ID = UUID(int=0)

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
LINE_UNLINKING = "LINE (unlinking)"
NOTIFICATIONS = "Apple (server-to-server notifications)"
BY_HAND = "by hand"

_COUNT_BANNED_WORDS = select(func.count()).where(ListedWord.kind == WordKind.BANNED)


async def _check_filter(installation: Installation) -> Sequence[Result]:
    async with installation.runtime.reading() as ctx:
        count = await ctx.db.first(_COUNT_BANNED_WORDS) or 0
    if not count:
        return [wrong(FILTER, "the list of banned words is empty", "fill it in /admin/words")]
    return [ok(FILTER, f"texts are compared with {count} words before they appear")]


async def _check_report(installation: Installation) -> Sequence[Result]:
    return await _need_token(installation, REPORT, [("POST", "/reports")])


async def _check_block(installation: Installation) -> Sequence[Result]:
    block_user, mute_post = f"/users/{UNUSED_ID}/block", f"/posts/{UNUSED_ID}/mute"
    return await _need_token(installation, BLOCK, [("PUT", block_user), ("PUT", mute_post)])


async def _check_deletion(installation: Installation) -> Sequence[Result]:
    return await _need_token(installation, DELETION, [("DELETE", "/users/me")])


async def _need_token(
    installation: Installation, name: str, calls: Sequence[tuple[str, str]]
) -> Sequence[Result]:
    """Check that these routes exist: without a token they answer 401."""
    for method, path in calls:
        response = await installation.http.request(method, f"{installation.url}/api/v1{path}")
        if response.status_code != httpx.codes.UNAUTHORIZED:
            words = f"{method} {path} answers {response.status_code} without a token, and not 401"
            return [wrong(name, words, "is this Linky, and is all of it reachable?")]
    shown = ", ".join(f"{method} /api/v1{path}" for method, path in calls)
    return [ok(name, shown.replace(str(UNUSED_ID), "{id}"))]


async def _check_meta(installation: Installation) -> Sequence[Result]:
    """Check contact, legal pages and sign-in as the app reads them from /meta."""
    response = await installation.http.get(f"{installation.url}/api/v1/meta")
    response.raise_for_status()
    meta = response.json()
    return [
        _contact(meta),
        await _terms(installation, meta),
        await _privacy(installation, meta),
        await _deletion_page(installation, meta),
        *await _sign_in(installation, meta),
        *_unlinking(installation, meta),
    ]


def _contact(meta: dict[str, Any]) -> Result:
    address = meta["contact"]["email"] or ""
    if "@" not in address:
        return wrong(CONTACT, "no address to write to", "set LINKY_CONTACT_EMAIL")
    return ok(CONTACT, "an address is published in /meta")


async def _terms(installation: Installation, meta: dict[str, Any]) -> Result:
    terms = meta["terms"]
    if not terms["version"]:
        words = "users agree to no terms before they publish"
        return wrong(TERMS, words, "set LINKY_TERMS_VERSION and LINKY_TERMS_URL")
    problem = await _page_problem(installation, terms["url"])
    if problem:
        return wrong(
            TERMS, f"the page of the terms {problem}", "set LINKY_TERMS_URL to a public page"
        )
    return ok(TERMS, f"users agree to version {terms['version']} before they publish")


async def _privacy(installation: Installation, meta: dict[str, Any]) -> Result:
    problem = await _page_problem(installation, meta["legal"]["privacy_url"])
    if problem:
        remedy = "set LINKY_PRIVACY_URL to a public page"
        return wrong(PRIVACY, f"the privacy policy {problem}", remedy)
    return ok(PRIVACY, "the policy can be read")


async def _deletion_page(installation: Installation, meta: dict[str, Any]) -> Result:
    url = meta["legal"]["account_deletion_url"]
    problem = await _page_problem(installation, url, has="<form")
    if problem:
        return wrong(DELETION_PAGE, f"{url} {problem}", "check LINKY_PUBLIC_URL")
    if installation.settings.mail == "file" and installation.settings.is_production:
        words = "the page is there, and its mails go nowhere (LINKY_MAIL=file)"
        return wrong(DELETION_PAGE, words, "set LINKY_MAIL to ses or smtp")
    return ok(DELETION_PAGE, "works without the app; enter its URL in the Play Console")


async def _page_problem(installation: Installation, url: str | None, has: str = "") -> str | None:
    """The rest of the sentence that starts with the page's name; None if the page is right."""
    if not url:
        return "has no address"
    try:
        async with httpx.AsyncClient(
            timeout=installation.http.timeout, follow_redirects=True
        ) as http:
            response = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"can't be loaded ({type(error).__name__})"
    if response.status_code != httpx.codes.OK:
        return f"can't be loaded ({response.status_code})"
    if has not in response.text:
        return "shows no form"
    return None


async def _sign_in(installation: Installation, meta: dict[str, Any]) -> list[Result]:
    social = [name for name in meta["providers"] if name in ("line", "google")]
    if "apple" in meta["providers"]:
        return [
            ok(APPLE_SIGN_IN, "Sign in with Apple is offered beside the others"),
            _revocation(installation),
            await _notifications(installation),
        ]
    if social:
        words = f"{' and '.join(social)} without Sign in with Apple"
        return [wrong(APPLE_SIGN_IN, words, "set it up: docs/services.md, Apple's section")]
    return [ok(APPLE_SIGN_IN, "only Linky's own accounts, so Sign in with Apple is not needed")]


def _revocation(installation: Installation) -> Result:
    settings = installation.settings
    if settings.apple_team_id and settings.apple_key_id and settings.apple_private_key:
        return ok(REVOCATION, "Apple's tokens are revoked when a user leaves")
    words = "without Apple's key Apple's tokens can't be revoked when a user leaves"
    return wrong(REVOCATION, words, "set LINKY_APPLE_TEAM_ID, _KEY_ID and _PRIVATE_KEY")


def _unlinking(installation: Installation, meta: dict[str, Any]) -> list[Result]:
    """LINE Login, development guidelines: it must hear that a user leaves, and the page say so."""
    if "line" not in meta["providers"]:
        return []
    if installation.settings.line_channel_secret is None:
        words = "without the channel's secret LINE can't be notified of a deleted account"
        return [wrong(LINE_UNLINKING, words, "set LINKY_LINE_CHANNEL_SECRET")]
    words = "LINE is notified of deleted accounts; apps must send line_access_token, and say so"
    return [ok(LINE_UNLINKING, words)]


async def _notifications(installation: Installation) -> Result:
    """Only Apple's console shows whether the URL is registered there."""
    path = "/api/v1/auth/oauth/apple/notifications"
    url = f"{installation.settings.public_url}{path}"
    response = await installation.http.post(f"{installation.url}{path}")
    if response.status_code == httpx.codes.NOT_FOUND:
        return wrong(NOTIFICATIONS, f"POST {path} is 404", "is all of Linky reachable?")
    return ok(NOTIFICATIONS, f"heard; register {url} in Apple's developer account")


async def _check_by_hand(installation: Installation) -> Sequence[Result]:
    return [
        untried(BY_HAND, "Apple 2.1: an account for the reviewer, in App Store Connect"),
        untried(BY_HAND, "Apple 1.2: reports are answered within 24 hours, in /admin/reports"),
        untried(BY_HAND, "Apple 5.1.2, Google Data safety: the forms on what is collected"),
        untried(BY_HAND, "Google Child Safety Standards: a public page that names app and contact"),
    ]


CHECKS = (
    Check(FILTER, _check_filter, "linky doctor"),
    Check(REPORT, _check_report, "linky doctor"),
    Check(BLOCK, _check_block, "linky doctor"),
    Check(DELETION, _check_deletion, "linky doctor"),
    Check("what /meta says", _check_meta, "linky doctor", REMOTE_CHECK_SECONDS),
    Check(BY_HAND, _check_by_hand, ""),
)
