"""Stands in for a release's service in the tests of linky-deploy: returns its version by HTTPS.

It speaks HTTP itself: to import `http.server` takes as much CPU as all else that it does.
"""

import json
import socket
import ssl
import sys


def answer(path: str, body: bytes) -> bytes:
    """Answers /health/ready only."""
    status = "200 OK" if path == "/health/ready" else "404 Not Found"
    return f"HTTP/1.0 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def serve(client: socket.socket, body: bytes) -> None:
    with client, client.makefile("rb") as request:
        path = request.readline().split()[1].decode()
        while request.readline().strip():
            pass
        client.sendall(answer(path, body))


def main(tree: str, port: str, certificate: str, listening: str) -> None:
    with open(f"{tree}/version") as file:
        body = json.dumps({"version": file.read()}).encode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = context.wrap_socket(socket.create_server(("127.0.0.1", int(port))), server_side=True)
    open(listening, "w").close()
    while True:
        try:
            serve(server.accept()[0], body)
        except (OSError, IndexError):
            # The client broke off, as one does that only asks whether the port is open.
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
