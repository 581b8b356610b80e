"""Checks that phones learn which apps open our links, as Apple and Google fetch it."""

from collections.abc import Sequence
from typing import Any

import httpx

from app.core.settings.app_links import package_and_key
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, wrong

NAME = "links"
APPLE, ANDROID = "/.well-known/apple-app-site-association", "/.well-known/assetlinks.json"


async def check_app_links(installation: Installation) -> Sequence[Result]:
    settings = installation.settings
    keys = [package_and_key(app)[1] for app in settings.android_apps]
    return [
        await _check(installation, APPLE, "LINKY_APPLE_APP_IDS", settings.apple_app_ids),
        await _check(installation, ANDROID, "LINKY_ANDROID_APPS", keys),
    ]


async def _check(
    installation: Installation, path: str, setting: str, wanted: Sequence[str]
) -> Result:
    if not wanted:
        return untried(NAME, f"{setting} is not set: links open in the browser")
    response = await installation.http.get(f"{installation.url}{path}")
    if fault := _fault_of(response, wanted):
        return wrong(NAME, f"{path} {fault}", "restart Linky; does a proxy or CDN answer instead?")
    return ok(NAME, f"{path} names what {setting} has")


def _fault_of(response: httpx.Response, wanted: Sequence[str]) -> str | None:
    if response.is_redirect:
        return "is a redirect, which phones do not follow"
    if response.status_code != httpx.codes.OK:
        return f"answers {response.status_code}"
    kind = response.headers.get("content-type", "").partition(";")[0]
    if kind != "application/json":
        return f"is {kind or 'without a type'}, and not application/json"
    try:
        named = set(_texts(response.json()))
    except ValueError:
        return "is not JSON"
    missing = [name for name in wanted if name not in named]
    return f"does not name {', '.join(missing)}" if missing else None


def _texts(value: Any) -> Sequence[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]
