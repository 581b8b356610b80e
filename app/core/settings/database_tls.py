"""TLS to the database: from the URL to the arguments of asyncpg and libpq.

In our form of a URL `ssl` is libpq's `sslmode`, and `sslrootcert` the file of the authorities.
ADR 0041.
"""

import os
import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.core.addresses import is_this_machine

VERIFY_FULL = "verify-full"
VERIFYING = ("verify-ca", VERIFY_FULL)
SYSTEM = "system"
"""libpq's word for the authorities that the machine trusts."""


def with_driver(url: str) -> str:
    """A database's URL in the form that SQLAlchemy and asyncpg need.

    RDS and most tutorials write `postgresql://…?sslmode=require`. Raises ValueError if the URL is
    not PostgreSQL's.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+asyncpg"):
        raise ValueError("must begin with postgresql://")
    return f"postgresql+asyncpg://{re.sub(r'(?<=[?&])sslmode=', 'ssl=', rest)}"


def with_tls(url: str, *, is_required: bool, authorities: Path | None) -> str:
    """Complete a URL: if TLS is required and the URL has no `ssl`, add full verification.

    A database on this machine needs no TLS. Raises ValueError for a URL that can't be read.
    """
    made, added = _parsed(url), {}
    mode = made.query.get("ssl")
    if mode is None and is_required and not is_local(made):
        mode = added["ssl"] = VERIFY_FULL
    if mode in VERIFYING and authorities and "sslrootcert" not in made.query:
        added["sslrootcert"] = str(authorities)
    return _extended(url, added)


def is_local(url: URL) -> bool:
    """Whether the database is on this machine: a Unix socket or a loopback address."""
    hosts = url.query.get("host", url.host or "")
    if not isinstance(hosts, str):
        return False
    return not hosts or hosts.startswith("/") or is_this_machine(hosts)


def is_verified(url: str) -> bool:
    """Whether only the right server can answer: its certificate is verified, or it is local."""
    made = make_url(url)
    return is_local(made) or made.query.get("ssl") == VERIFY_FULL


def ensure_readable(authorities: Path) -> None:
    """Raises ValueError if the file has no certificates."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=authorities)
    except OSError as error:
        raise ValueError(f"holds no certificates that can be read ({error.strerror})") from None


def tls_context(url: URL, server_name: str | None = None) -> ssl.SSLContext | None:
    """How to verify the server of a URL, or None if the URL asks for no verification.

    `server_name` is the name in the certificate, for a connection to another address such as a
    tunnel.
    """
    mode, file = _mode_and_file(url)
    if mode not in VERIFYING:
        return None
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = server_name
    if file:
        context.load_verify_locations(cafile=file)
    else:
        context.load_default_certs()
    # With all public authorities and no check of the name, every server would pass.
    context.check_hostname = mode == VERIFY_FULL or not file
    context.set_alpn_protocols(["postgresql"])
    return context


def for_engine(url: str) -> tuple[URL, dict[str, Any]]:
    """The URL and the `connect_args` for SQLAlchemy: asyncpg takes no file of authorities."""
    made = make_url(url)
    context = tls_context(made)
    return made.difference_update_query(["sslrootcert"]), {"ssl": context} if context else {}


def libpq_tls(url: URL) -> dict[str, str | None]:
    """Environment variables with which pg_dump and other tools verify in the same way."""
    mode, file = _mode_and_file(url)
    trusted = file or (SYSTEM if mode == VERIFY_FULL else None)
    return {"PGSSLMODE": mode, "PGSSLROOTCERT": trusted}


def untrusted(error: BaseException) -> str | None:
    """Why a server's certificate was refused, or None if the error has another cause."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_message
        cause = cause.__cause__ or cause.__context__
    return None


class _Context(ssl.SSLContext):
    """Compares the certificate with `server_name` instead of the host of the connection."""

    server_name: str | None = None

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        name = self.server_name or server_hostname
        return super().wrap_bio(incoming, outgoing, server_side, name, session)


def _mode_and_file(url: URL) -> tuple[str | None, str | None]:
    mode, authorities = url.query.get("ssl"), url.query.get("sslrootcert")
    # As in libpq: with a file of authorities, `require` verifies the certificate too.
    if mode == "require" and authorities:
        mode = "verify-ca"
    file = authorities or os.environ.get("PGSSLROOTCERT")
    return (str(mode) if mode else None), (str(file) if file and file != SYSTEM else None)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("can't be read; write postgresql://USER:PASSWORD@HOST:PORT/NAME") from None


def _extended(url: str, query: dict[str, str]) -> str:
    added = "&".join(f"{name}={quote(value, safe='/')}" for name, value in query.items())
    if not added:
        return url
    return f"{url}{'&' if '?' in url else '?'}{added}"
