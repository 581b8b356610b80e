"""Runs the image's services as compose.yaml says: its user, environment, command and mounts.

The network is one of its own: each service's name leads to the loopback address, where the database
is PostgreSQL 18 of the tests. Docker's own work is not tried: networks, volumes, health checks.
"""

import io
import os
import re
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml
from PIL import Image

from app.operations.embedded.binaries import find_binaries
from tools.host import Failed, attempt, sh, until
from tools.image.build import CONTAINER

NAME = "linky.example"
EMAIL, PASSWORD = "admin@linky.example", "correct horse battery staple"
GIVEN = {
    "LINKY_VERSION": "0",
    "LINKY_DATABASE_PASSWORD": "0123456789abcdef",
    "LINKY_JWT_KEYS": f"one:{'0123456789abcdef' * 4}",
    "LINKY_PUBLIC_URL": f"https://{NAME}",
    # Here Caddy's calls come from the loopback address.
    "LINKY_TRUSTED_PROXIES": "127.0.0.1",
    # The trial's one user writes at once.
    "LINKY_ADMIN_MFA": "optional",
    "LINKY_NEW_ACCOUNT_HOURS": "0",
}
"""What an operator writes into `.env`."""

_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")

ENTER = """
set -e
root=$1 volume=$2 hosts=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o size=256m,mode=1777,noexec,nosuid,nodev none "$root/tmp"
mount --bind "$volume" "$root/var/lib/linky"
mount --bind "$hosts" "$root/etc/hosts"
mount -o remount,bind,ro "$root"
exec chroot "$root" "$@"
"""
"""Mounts what compose.yaml mounts, and the rest read-only."""


def filled(text: str, values: Mapping[str, str]) -> str:
    """As compose fills `${NAME}`, `${NAME:-default}` and `${NAME:?message}`."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if given := values.get(name):
            return given
        if kind == "?":
            raise Failed(f"compose.yaml: {name} {rest}")
        return rest or ""

    return _VARIABLE.sub(value, text)


def services() -> dict[str, Any]:
    text = (CONTAINER / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(filled(text, GIVEN))["services"]
    return found


class Trial:
    def __init__(self, root: Path, configuration: dict[str, Any], folder: Path) -> None:
        self._root = root
        self._image = configuration
        self._folder = folder
        self._services = services()
        self._volume = folder / "data"
        self._hosts = folder / "hosts"
        self._log = folder / "log"
        self.post: str | None = None
        """The path of the post that the first server made."""
        self.picture = b""
        self._volume.mkdir(mode=0o700)
        user = int(configuration["User"].partition(":")[0])
        os.chown(self._volume, user, user)
        names = " ".join(("localhost", NAME, *self._services))
        self._hosts.write_text(f"127.0.0.1 {names}\n")

    def command(self, service: str, *words: str) -> list[str]:
        """How the image runs the service's command, or the given one."""
        user, _, group = self._image["User"].partition(":")
        setpriv = (
            *("setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"),
            *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
        )
        inside = ("env", "-i", *self._environment(service), "sh", "-c", 'cd "$0" && exec "$@"')
        program = (*self._image["Entrypoint"], *(words or self._services[service]["command"]))
        return [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter"),
            *(str(self._root), str(self._volume), str(self._hosts)),
            *(*setpriv, *inside, self._image["WorkingDir"], *program),
        ]

    def _environment(self, service: str) -> Iterator[str]:
        yield from self._image["Env"]
        # As compose: what `environment` says beats `env_file`.
        settings = GIVEN | self._services[service]["environment"]
        yield from (f"{name}={value}" for name, value in settings.items())

    def run(self, *words: str, stdin: str = "") -> str:
        return sh(*self.command("api", *words), stdin=stdin)

    @contextmanager
    def running(self, *command: str, env: dict[str, str] | None = None) -> Iterator[None]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=os.environ | (env or {}),
                stdin=subprocess.DEVNULL,
            )
        try:
            yield
        except Failed as error:
            raise Failed(f"{error}\n{self._log.read_text(errors='replace')[-2000:]}") from None
        finally:
            if process.poll() is None:
                os.kill(service_of(process.pid), signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @contextmanager
    def database(self) -> Iterator[None]:
        """PostgreSQL 18 on the usual port, with the role and the database of the compose file."""
        binaries = find_binaries(None)
        data = self._folder / "postgres"
        data.mkdir()
        os.chown(data, 65534, 65534)
        as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        secret = self._folder / "secret"
        secret.write_text(GIVEN["LINKY_DATABASE_PASSWORD"])
        secret.chmod(0o644)
        options = self._services["database"]["environment"]["POSTGRES_INITDB_ARGS"].split()
        initdb = (binaries.path("initdb"), "-D", str(data), "--username=linky", *options)
        sh(*as_nobody, *initdb, "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", cwd=data)
        server = (binaries.path("postgres"), "-D", str(data), "-k", str(data), "-h", "127.0.0.1")
        command = self._services["database"]["command"][1:]
        with self.running(*as_nobody, *server, *command):
            psql = (binaries.path("psql"), "-h", "127.0.0.1", "-U", "linky", "-d", "postgres")
            env = {"PGPASSWORD": GIVEN["LINKY_DATABASE_PASSWORD"]}
            create = (*psql, "-qc", "CREATE DATABASE linky")
            until("PostgreSQL answers", lambda: attempt(*create, env=env).returncode == 0, 30)
            yield

    @contextmanager
    def proxy(self) -> Iterator[ssl.SSLContext]:
        """Caddy with our Caddyfile, and its own authority in place of Let's Encrypt."""
        text = (CONTAINER / "Caddyfile").read_text(encoding="utf-8")
        ours = self._folder / "Caddyfile"
        offline = "\tadmin off\n\tlocal_certs\n\tskip_install_trust\n"
        ours.write_text(text.replace("\tadmin off\n", offline))
        home = self._folder / "caddy"
        authority = home / "caddy/pki/authorities/local/root.crt"
        env = {
            "XDG_DATA_HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "LINKY_PUBLIC_URL": GIVEN["LINKY_PUBLIC_URL"],
            "LINKY_UPSTREAM": "127.0.0.1:8000",
        }
        command = ("caddy", "run", "--adapter", "caddyfile", "--config", str(ours))
        with self.running(*command, env=env):
            until("Caddy has an authority", authority.exists, 30)
            yield ssl.create_default_context(cafile=authority)


def service_of(process: int) -> int:
    """What `unshare` has started, which itself takes no signal while it waits."""
    folder = Path(f"/proc/{process}")
    if (folder / "comm").read_text().strip() != "unshare":
        return process
    children = (folder / f"task/{process}/children").read_text().split()
    return int(children[0]) if children else process


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(made, "PNG")
    return made.getvalue()


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


class Caller:
    """A user, by HTTPS through Caddy."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._http = httpx.Client(verify=context, timeout=60, headers={"Host": NAME})

    def call(self, method: str, path: str, status: int, **how: Any) -> Any:
        url = f"https://127.0.0.1{path}"
        answer = self._http.request(method, url, extensions={"sni_hostname": NAME}, **how)
        if answer.status_code != status:
            raise Failed(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content

    def is_ready(self) -> bool:
        try:
            return bool(self.call("GET", "/health/ready", 200))
        except (Failed, httpx.HTTPError):
            return False

    def sign_in(self) -> None:
        form = {"email": EMAIL, "password": PASSWORD}
        token = self.call("POST", "/api/v1/auth/login", 200, json=form)["tokens"]["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def post_with_picture(self) -> str:
        """Returns its path."""
        form = {"name": "試験", "description": "試験のラウンジ"}
        lounge = self.call("POST", "/api/v1/admin/lounges", 201, json=form)
        files = {"file": ("a.png", picture(), "image/png")}
        image = self.call("POST", "/api/v1/images", 201, files=files, headers=key())
        post = {
            "lounge_id": lounge["id"],
            "title": "一枚",
            "body": "猫",
            "image_ids": [image["id"]],
        }
        made = self.call("POST", "/api/v1/posts", 201, json=post, headers=key())
        return f"/api/v1/posts/{made['id']}"

    def picture_of(self, path: str) -> bytes:
        post = self.call("GET", path, 200)
        url = httpx.URL(post["images"][0]["url"])
        content: bytes = self.call("GET", url.path, 200)
        return content
