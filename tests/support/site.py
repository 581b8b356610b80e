"""The site of `deploy/nginx` in a real nginx on free ports, in front of a test upstream."""

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.ports import free_port, listens
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS, wait_until

DEPLOY = ROOT / "deploy"
DOMAIN = "api.linky.example"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

needs_nginx = pytest.mark.skipif(NGINX is None, reason="install nginx (Debian: nginx-light)")

# The settings of Debian's and Ubuntu's own nginx.conf. Our site must not set them again.
# deploy/host/tune-nginx changes it, as it does on a host.
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/main.log; worker_processes 1; {user}
events {{
    worker_connections 768;
}}
http {{
    sendfile on; tcp_nopush on; types_hash_max_size 2048; server_tokens build; gzip on;
    keepalive_timeout 65; ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on;
    default_type application/octet-stream; access_log {folder}/all.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/linky.conf;
}}
"""


def rendered(domain: str, version: str) -> str:
    command = [str(DEPLOY / "host" / "render-nginx"), domain, version]
    site = (DEPLOY / "nginx" / "linky.conf").read_text(encoding="utf-8")
    done = subprocess.run(command, input=site, capture_output=True, text=True, check=True)
    return done.stdout


def tuned(main: str) -> str:
    """The system's nginx.conf, as setup changes it."""
    command = [str(DEPLOY / "host" / "tune-nginx")]
    done = subprocess.run(command, input=main, capture_output=True, text=True, check=True)
    return done.stdout


@dataclass
class Site:
    folder: Path
    http: int
    https: int

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {"Host": DOMAIN} | how.pop("headers", {})
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        with httpx.Client(verify=context, http2=False, timeout=HANG_SECONDS) as client:
            return client.request(
                method,
                f"https://127.0.0.1:{self.https}{path}",
                headers=headers,
                extensions={"sni_hostname": DOMAIN},
                **how,
            )

    def plain(self, request: str) -> bytes:
        """Send these bytes to the HTTP port; returns the answer."""
        with socket.create_connection(("127.0.0.1", self.http), timeout=HANG_SECONDS) as connection:
            connection.sendall(request.encode())
            return b"".join(iter(lambda: connection.recv(65536), b""))

    @contextmanager
    def connected(self, port: int = 0, protocol: str = "http/1.1") -> Iterator[ssl.SSLSocket]:
        """From this local port, or any."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.set_alpn_protocols([protocol])
        with (
            socket.create_connection(
                ("127.0.0.1", self.https), timeout=HANG_SECONDS, source_address=("127.0.0.1", port)
            ) as connection,
            context.wrap_socket(connection, server_hostname=DOMAIN) as inside,
        ):
            yield inside

    def raw(self, request: bytes, port: int = 0) -> bytes:
        """From this local port, or any. Returns the answer."""
        with self.connected(port) as inside:
            inside.sendall(request)
            if b"Connection: close" in request:
                return b"".join(iter(lambda: inside.recv(65536), b""))
            return inside.recv(65536)


def write(
    folder: Path, http: int, https: int, upstream: int, changes: Mapping[str, str], user: str
) -> None:
    assert NGINX is not None
    version = subprocess.run([NGINX, "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/([\d.]+)", version)
    assert found
    site = rendered(DOMAIN, found[1])
    site = re.sub(r"^ *listen \[::\].*\n", "", site, flags=re.MULTILINE)
    for here, there in (
        ("listen 80", f"listen 127.0.0.1:{http}"),
        ("listen 443", f"listen 127.0.0.1:{https}"),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        ("/etc/nginx/snippets", str(DEPLOY / "nginx")),
        ("/etc/linky/tls", str(folder)),
        ("/var/log/linky", str(folder / "logs")),
        ("/var/www/acme", str(folder / "acme")),
        *changes.items(),
    ):
        assert here in site, here
        site = site.replace(here, there)
    (folder / "linky.conf").write_text(site, encoding="utf-8")
    directive = f"user {user};" if os.geteuid() == 0 else ""
    around = AROUND.format(folder=folder, user=directive)
    (folder / "nginx.conf").write_text(tuned(around), encoding="utf-8")


def of_several(ports: Sequence[int]) -> dict[str, str]:
    """Changes for several servers, as the site's own comment says. The first is `upstream`."""
    return {
        f"server 127.0.0.1:{ports[0]} max_fails=0{most};": " ".join(
            f"server 127.0.0.1:{port} fail_timeout=1s{most};" for port in ports
        )
        for most in ("", " max_conns=128")
    }


def wait_for(port: int, log: Path) -> None:
    try:
        wait_until("listening", lambda: listens(port))
    except TimeoutError as hangs:
        raise TimeoutError(f"{hangs}: {log.read_text()}") from None


@contextmanager
def running_site(
    folder: Path, upstream: int, changes: Mapping[str, str] | None = None, user: str = "root"
) -> Iterator[Site]:
    """Run nginx with the site in front of this upstream. `changes` replace text of the site."""
    assert NGINX is not None
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    subprocess.run([DEPLOY / "host" / "self-signed", DOMAIN, folder], check=True)
    site = Site(folder, free_port(), free_port())
    write(folder, site.http, site.https, upstream, changes or {}, user)
    # nginx's errors go to its error log. stderr only has those from before the log is open.
    nginx = subprocess.Popen([NGINX, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        wait_for(site.https, folder / "main.log")
        yield site
    finally:
        nginx.terminate()
        nginx.wait(HANG_SECONDS)


def logged(site: Site, request_id: str, status: int = 200) -> tuple[dict[str, Any], str]:
    """Wait for the log line of a request, as nginx answers first; returns it with the whole log."""

    def found() -> tuple[dict[str, Any], str] | None:
        text = (site.folder / "logs" / "access.log").read_text(encoding="utf-8")
        wanted = (request_id, status)
        lines = map(json.loads, text.splitlines())
        return next(
            ((line, text) for line in lines if (line["request_id"], line["status"]) == wanted), None
        )

    line = wait_until("logged", found)
    assert line is not None
    return line
