"""A client of the machine, over verified HTTPS; and load from many clients."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from tools import ROOT
from tools.host import DOMAIN, PATIENCE, Failed, until
from tools.host.machine import Machine

MEMBERS = 8
MEMBER = "member{}@linky.test"
PASSWORD = "correct horse battery staple"
MAILS = "var/lib/linky/mail"
"""Where the worker writes mails, below the machine's root (LINKY_DATA_DIR, set by setup)."""

VERIFICATION = f"https://{DOMAIN}/account/verify-email?token="


class Client:
    """Calls curl inside the machine. It trusts the authority of Pebble."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def trust(self) -> Path:
        """Fetch Pebble's authority. Pebble makes a new authority at each start."""
        roots = self._machine.run("curl", "-sSk", "https://localhost:15000/roots/0")
        for place in ("tmp", "etc/pebble"):
            (self._machine.root / place / "root.pem").write_text(roots)
        return self._machine.root / "etc/pebble/root.pem"

    def call(
        self, method: str, path: str, body: object = None, token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Returns the status and the JSON of the answer."""
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

    def expect(self, status: int, *call: Any, **options: Any) -> dict[str, Any]:
        """Calls, and returns the body. Raises Failed for another status."""
        actual, body = self.call(*call, **options)
        if actual != status:
            raise Failed(f"{call[:2]} answered {actual}, not {status}: {body}")
        return body

    def headers(self, *options: str) -> str:
        """As curl prints them."""
        return self._machine.run("curl", "-sS", "-o", "/dev/null", "-D", "-", *options)

    def release(self) -> str | None:
        """The id that the ready release answers with, or None."""
        try:
            status, body = self.call("GET", "/health/ready")
        except Failed:
            return None
        return str(body["version"]) if status == 200 else None

    def people(self) -> list[dict[str, Any]]:
        """Make an admin, a lounge and members with verified addresses. Returns their tokens."""
        email = "admin@linky.test"
        self._machine.run(
            *("linky", "create-admin", email, "--password-stdin"), stdin=f"{PASSWORD}\n"
        )
        login = {"email": email, "password": PASSWORD}
        admin = self.expect(200, "POST", "/api/v1/auth/login", login)["tokens"]["access_token"]
        lounge = {"name": "試験", "description": "試験のラウンジ"}
        opened = self.expect(201, "POST", "/api/v1/admin/lounges", lounge, token=admin)
        sessions = []
        for number in range(MEMBERS):
            form = {
                "email": MEMBER.format(number),
                "password": PASSWORD,
                "nickname": f"会員{number}",
            }
            tokens = self.expect(201, "POST", "/api/v1/auth/register", form)["tokens"]
            sessions.append({"access_token": tokens["access_token"], "lounge_id": opened["id"]})
        # In production a member with an unverified address can't publish.
        for number in range(MEMBERS):
            token = {"token": self._mailed_token(MEMBER.format(number))}
            self.expect(204, "POST", "/api/v1/auth/email/verify", token)
        return sessions

    def _mailed_token(self, email: str) -> str:
        """Waits for the mail that verifies the address, and returns the token of its link."""
        folder, tokens = self._machine.root / MAILS, list[str]()

        def has_arrived() -> bool:
            for file in folder.glob("*.eml"):
                mail = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=default)
                body = mail.get_body(("plain",))
                if mail["to"] == email and body is not None:
                    tokens.extend(
                        re.findall(re.escape(VERIFICATION) + r"(\S+)", body.get_content())
                    )
            return bool(tokens)

        until(f"the mail to {email} is written", has_arrived, 20)
        return tokens[-1]

    def sign_in(self, number: int) -> str:
        """A new access token of a member that `people` made."""
        form = {"email": MEMBER.format(number), "password": PASSWORD}
        return str(self.expect(200, "POST", "/api/v1/auth/login", form)["tokens"]["access_token"])


class Load:
    """The figures of a load, once its callers have stopped."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}

    @property
    def failures(self) -> list[str]:
        return list(self.figures["failures"])

    def __str__(self) -> str:
        figures, failed = self.figures, len(self.failures)
        rate = figures["requests"] / figures["seconds"]
        return (
            f"{figures['requests']} requests ({rate:.0f}/s, {figures['writes']} posts): "
            f"{failed} failed, {figures['reconnects']} on a connection just closed, "
            f"the slowest took {figures['slowest_seconds']:.2f} s"
        )


@contextmanager
def load(machine: Machine, people: list[dict[str, Any]], authority: Path) -> Iterator[Load]:
    """Run callers in the machine's network during the block, and a second before and after."""
    folder = machine.root.parent
    sessions, report = folder / "sessions.json", folder / "load.json"
    sessions.write_text(json.dumps(people))
    for old in (report, report.with_suffix(".started")):
        old.unlink(missing_ok=True)
    copied = folder / "authority.pem"
    copied.write_text(authority.read_text())
    command = [sys.executable, "-m", "tools.host.load", str(copied), str(sessions), str(report)]
    callers = subprocess.Popen([*machine.inside("--net"), *command], cwd=ROOT)
    result = Load()
    try:
        until("the load starts", report.with_suffix(".started").exists, 20)
        time.sleep(1)
        yield result
        time.sleep(1)
        callers.send_signal(signal.SIGTERM)
        if callers.wait(90 * PATIENCE) != 0:
            raise Failed("the load generator failed")
    finally:
        if callers.poll() is None:
            callers.kill()
            callers.wait()
    result.figures = json.loads(report.read_text())
