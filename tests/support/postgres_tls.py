"""A proxy that adds TLS to a PostgreSQL without TLS."""

import asyncio
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, make_url

from tests.support.proxy import Proxy

SSL_REQUEST = struct.pack("!II", 8, 80877103)


class _TlsProxy(Proxy):
    """PostgreSQL's clients ask for TLS within the connection."""

    def __init__(self, target: int, context: ssl.SSLContext) -> None:
        super().__init__(target)
        self._tls = context

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Close clients that do not ask for TLS, or do not accept the certificate."""
        if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
            writer.write(b"S")
            await writer.start_tls(self._tls)
            await super().serve(reader, writer)


@contextmanager
def tls_before(database_url: str, context: ssl.SSLContext) -> Iterator[URL]:
    """The database's URL through the proxy. It says nothing about verification."""
    database = make_url(database_url)
    with _TlsProxy(int(database.port or 5432), context) as proxy:
        yield database.set(port=proxy.port)
