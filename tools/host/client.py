"""The machine seen from a client: HTTPS by name, the certificate verified; and load."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.host import DOMAIN, Failed, until
from tools.host.machine import Machine

MEMBERS = 8
PASSWORD = "correct horse battery staple"


class Client:
    """curl inside the machine, which trusts what Pebble signs."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def trust(self) -> Path:
        """Pebble makes an authority at each of its starts; this is that of now."""
        roots = self._machine.run("curl", "-sSk", "https://localhost:15000/roots/0")
        for place in ("tmp", "etc/pebble"):
            (self._machine.root / place / "root.pem").write_text(roots)
        return self._machine.root / "etc/pebble/root.pem"

    def call(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of the answer."""
        command = [
            *("curl", "-sS", "--cacert", "/etc/pebble/root.pem", "--max-time", "70"),
            *("-X", method, "-w", "\n%{http_code}", f"https://{DOMAIN}{path}"),
        ]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "--data-binary", json.dumps(body)]
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        text, _, status = self._machine.run(*command).rpartition("\n")
        return int(status), json.loads(text) if text.strip() else {}

    def expect(self, status: int, *how: Any, **more: Any) -> dict[str, Any]:
        found, body = self.call(*how, **more)
        if found != status:
            raise Failed(f"{how[:2]} answered {found}, not {status}: {body}")
        return body

    def headers(self, *options: str) -> str:
        """What curl says of an answer's head."""
        return self._machine.run("curl", "-sS", "-o", "/dev/null", "-D", "-", *options)

    def release(self) -> str | None:
        """The release that says it is ready, or None."""
        try:
            status, body = self.call("GET", "/health/ready")
        except Failed:
            return None
        return str(body["version"]) if status == 200 else None

    def people(self) -> list[dict[str, Any]]:
        """An admin made on the machine, a lounge of theirs, and members with their tokens."""
        email = "admin@linky.test"
        self._machine.run(
            *("linky", "create-admin", email, "--password-stdin"), stdin=f"{PASSWORD}\n"
        )
        login = {"email": email, "password": PASSWORD}
        admin = self.expect(200, "POST", "/api/v1/auth/login", login)["tokens"]["access_token"]
        lounge = {"name": "試験", "description": "試験のラウンジ"}
        opened = self.expect(201, "POST", "/api/v1/admin/lounges", lounge, token=admin)
        found = []
        for number in range(MEMBERS):
            form = {
                "email": f"member{number}@linky.test",
                "password": PASSWORD,
                "nickname": f"会員{number}",
            }
            tokens = self.expect(201, "POST", "/api/v1/auth/register", form)["tokens"]
            found.append({"access_token": tokens["access_token"], "lounge_id": opened["id"]})
        return found


class Load:
    """What the callers found, once they have stopped."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}

    @property
    def failures(self) -> list[str]:
        return list(self.figures["failures"])

    def __str__(self) -> str:
        found = self.figures
        rate = found["requests"] / found["seconds"]
        return (
            f"{found['requests']} requests ({rate:.0f}/s, {found['writes']} posts): "
            f"{len(found['failures'])} failed, {found['reconnects']} on a connection just closed, "
            f"the slowest took {found['slowest_seconds']:.2f} s"
        )


@contextmanager
def load(machine: Machine, people: list[dict[str, Any]], authority: Path) -> Iterator[Load]:
    """Callers in the machine's network while the block runs, and for a second before and after."""
    folder = machine.root.parent
    sessions, report = folder / "sessions.json", folder / "load.json"
    sessions.write_text(json.dumps(people))
    for old in (report, report.with_suffix(".begun")):
        old.unlink(missing_ok=True)
    copied = folder / "authority.pem"
    copied.write_text(authority.read_text())
    command = [sys.executable, "-m", "tools.host.load", str(copied), str(sessions), str(report)]
    callers = subprocess.Popen([*machine.inside("--net"), *command], cwd=ROOT)
    found = Load()
    try:
        until("the load begins", report.with_suffix(".begun").exists, 20)
        time.sleep(1)
        yield found
        time.sleep(1)
        callers.send_signal(signal.SIGTERM)
        if callers.wait(90) != 0:
            raise Failed("the load generator failed")
    finally:
        if callers.poll() is None:
            callers.kill()
            callers.wait()
    found.figures = json.loads(report.read_text())
