"""A proxy that adds TLS to a PostgreSQL without TLS."""

import select
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

from sqlalchemy import URL, make_url

SSL_REQUEST = struct.pack("!II", 8, 80877103)
SIZE = 65536


class _Front(ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def tls_before(database_url: str, context: ssl.SSLContext) -> Iterator[URL]:
    """The database's URL through the proxy. It says nothing about verification."""
    database = make_url(database_url)

    class Handler(BaseRequestHandler):
        request: socket.socket

        def handle(self) -> None:
            # Closes clients that do not ask for TLS, or do not accept the certificate.
            if self.request.recv(len(SSL_REQUEST), socket.MSG_WAITALL) != SSL_REQUEST:
                return
            self.request.sendall(b"S")
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as inside:
                there = (str(database.host), int(database.port or 5432))
                with socket.create_connection(there) as plain:
                    _pass_on(inside, plain)

    with _Front(("127.0.0.1", 0), Handler) as front:
        thread = Thread(target=front.serve_forever, daemon=True)
        thread.start()
        try:
            yield database.set(port=front.server_address[1])
        finally:
            front.shutdown()
    thread.join(20)


def _pass_on(inside: ssl.SSLSocket, plain: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([inside, plain], [], [])
        if plain in ready:
            if not (data := plain.recv(SIZE)):
                return
            inside.sendall(data)
        if inside in ready:
            if not (data := inside.recv(SIZE)):
                return
            plain.sendall(data)
            while inside.pending():
                plain.sendall(inside.recv(SIZE))
