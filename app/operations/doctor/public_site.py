"""Checks of the public URL, made as a client makes its requests."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from sqlalchemy import text

from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong

LEAST_HSTS = 15_768_000
"""Half a year, in seconds: the least that browsers' preload list and ASVS 5.0 (3.4.1) ask for."""

LEAST_LIFE_LEFT = 0.25
"""The share of a certificate's life. Renewal starts at a third; below this it does not work."""

RENEWAL = 'docs/operations.md, "A certificate that won\'t renew"'

MAX_SKEW = timedelta(seconds=5)
"""Access tokens tolerate 30 seconds. A clock that is synchronised stays far below that."""


async def check_site(installation: Installation) -> Sequence[Result]:
    """Checks readiness and security headers."""
    response = await installation.http.get(f"{installation.url}/health/ready")
    body = _json_object(response)
    if "checks" not in body:
        words = f"/health/ready answers {response.status_code}, and not as Linky does"
        return [wrong("site", words, "does LINKY_PUBLIC_URL lead to this Linky?")]
    down = ", ".join(name for name, state in body["checks"].items() if state != "ok")
    if response.status_code != httpx.codes.OK:
        words = f"not ready: {down or response.status_code}"
        return [wrong("site", words, "journalctl -u linky-api")]
    # Without its replica it is ready: the primary serves all reads.
    without = f", without its {down}" if down else ""
    return [
        ok("site", f"ready, release {body.get('version', '?')}{without}"),
        *_headers(installation, response),
    ]


def _headers(installation: Installation, response: httpx.Response) -> list[Result]:
    name, results = "headers", []
    if response.headers.get("x-content-type-options", "").lower() != "nosniff":
        words, remedy = "X-Content-Type-Options is not nosniff", "does nginx drop it?"
        results.append(wrong(name, words, remedy))
    if installation.is_https:
        age = re.search(r"max-age=\"?(\d+)", response.headers.get("strict-transport-security", ""))
        if age is None:
            remedy = "include linky-headers.conf in nginx's server"
            results.append(wrong(name, "no Strict-Transport-Security", remedy))
        elif int(age[1]) < LEAST_HSTS:
            words = f"Strict-Transport-Security for {int(age[1]) // 86400} days only"
            results.append(warning(name, words, "half a year at least"))
    if re.search(r"\d", response.headers.get("server", "")):
        words = f"the Server header shows a version: {response.headers['server']}"
        results.append(warning(name, words, "server_tokens off"))
    return results or [ok(name, "as they should be")]


async def check_certificate(installation: Installation) -> Sequence[Result]:
    """Checks that a phone trusts the certificate, and how long it is still valid."""
    name = "certificate"
    if not installation.is_https:
        words = f"{installation.url} has none"
        if installation.settings.is_production:
            return [wrong(name, words, "serve HTTPS")]
        return [untried(name, words)]
    address = installation.address
    try:
        certificate = await _certificate_of(str(address.hostname), address.port or 443)
    except ssl.SSLCertVerificationError as error:
        words = f"a phone would not trust it: {error.verify_message}"
        return [wrong(name, words, RENEWAL)]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [wrong(name, f"no TLS at {address.netloc} ({reason})", "is nginx running?")]
    return [_life_of(certificate, installation.clock())]


async def _certificate_of(host: str, port: int) -> dict[str, Any]:
    _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    try:
        return dict(writer.get_extra_info("peercert"))
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _life_of(certificate: dict[str, Any], now: datetime) -> Result:
    begin, end = (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate[when]), UTC)
        for when in ("notBefore", "notAfter")
    )
    left = end - now
    words = f"trusted, for {left.days} more days of {(end - begin).days}"
    if left < LEAST_LIFE_LEFT * (end - begin):
        remedy = f"certbot renew; {RENEWAL}"
        return wrong("certificate", f"it should have been renewed: {words}", remedy)
    return ok("certificate", words)


async def check_redirect(installation: Installation) -> Sequence[Result]:
    """Check that plain HTTP redirects to HTTPS, to the same host and path."""
    if not installation.is_https:
        return [untried("redirect", "there is no HTTPS to redirect to")]
    path = "/health/live?from=doctor"
    host = installation.address.hostname
    host = f"[{host}]" if host and ":" in host else host
    try:
        response = await installation.http.get(f"http://{host}:{installation.http_port}{path}")
    except httpx.TransportError:
        words = f"nothing answers on port {installation.http_port}"
        return [warning("redirect", words, "open it: certbot needs it, too")]
    target = response.headers.get("location", "")
    if response.status_code not in (301, 308) or not target.startswith("https://"):
        words = f"http:// answers {response.status_code} and does not lead to https://"
        return [wrong("redirect", words, "return 308 https://$host$request_uri;")]
    if not target.endswith(path):
        words = f"http:// leads to {target}, and loses the path"
        return [wrong("redirect", words, "return 308 https://$host$request_uri;")]
    return [ok("redirect", f"http:// leads to https:// ({response.status_code})")]


async def check_metrics(installation: Installation) -> Sequence[Result]:
    """/metrics must be closed to the public."""
    try:
        response = await installation.http.get(f"{installation.url}/metrics")
    except httpx.TransportError:
        return [untried("metrics", "the site can't be reached")]
    if response.status_code != httpx.codes.OK:
        return [ok("metrics", f"closed to the world ({response.status_code})")]
    if not installation.is_https:
        return [untried("metrics", "the site is on this machine, without a proxy before it")]
    words = "anybody can read /metrics"
    return [wrong("metrics", words, "have nginx set X-Forwarded-For, or refuse the path")]


async def check_clock(installation: Installation) -> Sequence[Result]:
    """Compares this machine's clock with those of the database and the site."""
    before = installation.clock()
    async with installation.runtime.reading() as ctx:
        database_time = await ctx.db.first(text("SELECT clock_timestamp()"))
    assert database_time is not None
    results = _skew("the database's", database_time, before, installation.clock(), timedelta())
    before = installation.clock()
    try:
        response = await installation.http.get(f"{installation.url}/health/live")
    except httpx.TransportError:
        return results or [ok("clock", "as the database's")]
    if (sent := _date_of(response)) is not None:
        # The Date header has whole seconds.
        results += _skew("the site's", sent, before, installation.clock(), timedelta(seconds=1))
    return results or [ok("clock", "as the database's and the site's")]


def _date_of(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _skew(
    whose: str, time: datetime, before: datetime, after: datetime, rounding: timedelta
) -> list[Result]:
    """Report a clock that is too far off. It was read between `before` and `after`."""
    skew = max(before - time - rounding, time - after, timedelta())
    if skew <= MAX_SKEW:
        return []
    words = f"{skew.total_seconds():.0f} s away from {whose}"
    return [wrong("clock", words, "timedatectl set-ntp true: tokens and signatures go by it")]


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
