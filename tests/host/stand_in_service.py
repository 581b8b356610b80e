"""The service of a release in the tests of linky-deploy: says over HTTPS which one it is."""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any


class Ready(BaseHTTPRequestHandler):
    """Knows one path."""

    told = b""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health/ready" else 404)
        self.send_header("Content-Length", str(len(self.told)))
        self.end_headers()
        self.wfile.write(self.told)

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    tree, port, certificate, listening = sys.argv[1:]
    Ready.told = json.dumps({"version": (Path(tree) / "version").read_text()}).encode()
    server = HTTPServer(("127.0.0.1", int(port)), Ready)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Path(listening).touch()
    server.serve_forever()
