"""Stands in for a release's service in the tests of linky-deploy: returns its version by HTTPS."""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any


class Ready(BaseHTTPRequestHandler):
    """Answers /health/ready only."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    tree, port, certificate, listening = sys.argv[1:]
    Ready.body = json.dumps({"version": (Path(tree) / "version").read_text()}).encode()
    server = HTTPServer(("127.0.0.1", int(port)), Ready)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Path(listening).touch()
    server.serve_forever()
