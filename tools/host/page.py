"""The one page for one server (docs/one-server.md): its commands, on a machine that has nothing."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.operations.backup.places import WRITABLE
from tools import ROOT
from tools.host import DOMAIN, EMAIL, PATIENCE, Failed, until
from tools.host.client import PASSWORD
from tools.host.installation import Installation
from tools.host.machine import Machine
from tools.host.report import Stage
from tools.host.stages import OUTSIDE

PAGE = ROOT / "docs" / "one-server.md"
NAMES = {"you@linky.example": EMAIL, "linky.example": DOMAIN}
BLOCK_SECONDS = 300

_STEP = re.compile(r"^## \d+\. (On (?:your own computer|the server)): (.*)$", re.MULTILINE)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    is_on_the_server: bool
    name: str
    commands: str


def steps(page: Path = PAGE) -> Iterator[Step]:
    """The numbered steps, as the page has them."""
    text = page.read_text(encoding="utf-8").partition("\n## Afterwards")[0]
    _, *parts = _STEP.split(text)
    for where, name, words in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        (commands,) = _BLOCK.findall(words)
        yield Step(where == "On the server", name, commands)


ANSWERS = {
    "create your admin account": f"{PASSWORD}\n{PASSWORD}\n",
    "set up email": "geheim\n",
}
"""What a reader types where a command of the step asks."""

MAY_FAIL = {"back up, and check"}
"""Here nothing takes mail, so `linky doctor` says that something is wrong."""

SHIM = """#!/bin/sh
exec {python} -m tools.host.page {init} {root} {name} "$@"
"""


class Reader:
    """Follows the page, with its names for those of the page."""

    def __init__(self, machine: Machine, checkout: Path, folder: Path) -> None:
        self._machine = machine
        self._checkout = checkout
        self._folder = folder
        self._recipient = "age1…"

    def follow(self, step: Step) -> str:
        """Run the step. Returns what it printed. Raises Failed."""
        commands = step.commands
        for name, ours in NAMES.items():
            commands = commands.replace(name, ours)
        commands = commands.replace("age1…", self._recipient)
        if step.is_on_the_server:
            output = self._on_the_server(step, commands)
        else:
            output = self._at_home(commands)
        if found := re.search(r"LINKY_BACKUP_RECIPIENTS=(\S+)", output):
            self._recipient = found[1]
        return output

    def _on_the_server(self, step: Step, commands: str) -> str:
        shell = (
            ("bash", "-c", f"cd\n{commands}")
            if step.name in MAY_FAIL
            else ("bash", "-e", "-c", f"cd\n{commands}")
        )
        answers = ANSWERS.get(step.name, "")
        return self._machine.run(*shell, seconds=BLOCK_SECONDS, stdin=answers)

    def _at_home(self, commands: str) -> str:
        """In the checkout, with an ssh and an scp that reach the machine."""
        for name in ("ssh", "scp"):
            shim = self._folder / name
            shim.write_text(
                SHIM.format(
                    python=sys.executable,
                    init=self._machine.init,
                    root=self._machine.root,
                    name=name,
                )
            )
            shim.chmod(0o755)
        commands = commands.replace("./dev linky", f"{sys.executable} -m app.cli")
        done = subprocess.run(
            ["bash", "-e", "-c", commands],
            cwd=self._checkout,
            env=os.environ
            | {
                "PATH": f"{self._folder}:{os.environ['PATH']}",
                "PYTHON": sys.executable,
                "PYTHONPATH": str(ROOT),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BLOCK_SECONDS * PATIENCE,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(f"`{commands}` ended with {done.returncode}: {done.stdout[-1500:]}")
        return done.stdout


def start(site: Installation) -> None:
    """Boot a bare machine. Its name leads to itself, and it trusts the tests' authority."""
    machine = site.machine
    shutil.rmtree(machine.root / "etc/linky")
    # The page installs a database of its own.
    (machine.root / "etc/systemd/system/multi-user.target.wants/test-rds.service").unlink()
    (machine.root / "etc/hosts").write_text(f"127.0.0.1 localhost linky-test\n{OUTSIDE} {DOMAIN}\n")
    for unit in ("linky-api", "linky-api-next"):
        patience = machine.root / f"etc/systemd/system/{unit}.service.d/patience.conf"
        patience.parent.mkdir(parents=True)
        patience.write_text(f"[Service]\nTimeoutStartSec={30 * PATIENCE}\n")
    machine.boot()
    machine.run("ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo")
    until("Pebble runs", lambda: _pebble_answers(machine), 60)
    # As Let's Encrypt's authorities are trusted everywhere.
    authority = site.client.trust().read_text()
    (machine.root / "usr/local/share/ca-certificates/roots.crt").write_text(authority)
    machine.run("update-ca-certificates")
    # Python's clients trust a list of their own.
    settings = machine.root / "etc/linky/local.env"
    settings.parent.mkdir()
    settings.write_text("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt\n")
    settings.chmod(0o600)


def follow(site: Installation, stage: Stage, checkout: Path, folder: Path) -> None:
    """Follow the page from a bare machine to HTTPS, mail and backups."""
    machine = site.machine
    reader = Reader(machine, checkout, folder)
    printed = {step.name: reader.follow(step) for step in steps()}
    expected = f"install: https://{DOMAIN} is up"
    stage.expect(printed["install"].rstrip().endswith(expected), printed["install"][-1500:])
    ready = printed["create your admin account"]
    stage.expect('"status":"ok"' in ready.replace(" ", ""), ready)
    login = {"email": EMAIL, "password": PASSWORD}
    site.client.expect(200, "POST", "/api/v1/auth/login", login)
    settings = (machine.root / "etc/linky/local.env").read_text()
    stage.expect("LINKY_SMTP_PASSWORD='geheim'\n" in settings, "linky-set wrote no password")
    kept = list((machine.root / WRITABLE[1:]).iterdir())
    stage.expect(bool(kept), f"there is no backup: {printed['back up, and check']}")
    wrong = re.findall(r"^WRONG +(\S+)", printed["back up, and check"], re.MULTILINE)
    stage.expect(wrong == ["mail"], printed["back up, and check"])
    stage.expect("LINKY_JWT_KEYS=first:" in printed["back up, and check"], "the keys are not shown")
    stage.note(f"{len(printed)} steps of {PAGE.name} lead to HTTPS, an admin and a backup")
    _refused_setting(site, stage, settings)
    _again(site, stage)


def _pebble_answers(machine: Machine) -> bool:
    return machine.attempt("curl", "-sSk", "https://localhost:15000/roots/0").returncode == 0


def _refused_setting(site: Installation, stage: Stage, settings: str) -> None:
    for wrong in ("LINKY_MAIL=pigeon", "LINKY_SMPT_HOST=x", "LINKY_BACKUP_RECIPIENTS=age1…"):
        done = site.machine.attempt("linky-set", wrong, seconds=60)
        stage.expect(done.returncode == 1, f"linky-set took {wrong}: {done.stdout}")
    now = (site.machine.root / "etc/linky/local.env").read_text()
    stage.expect(now == settings, "a refused setting stays")
    stage.note("linky-set takes back what Linky refuses")


def _again(site: Installation, stage: Stage) -> None:
    """Steps 1 and 2 are also the way to a new release: run again, they change nothing."""
    settings = (site.machine.root / "etc/linky/local.env").read_text()
    output = site.machine.run("bash", "-c", "~/linky/deploy/host/install", seconds=BLOCK_SECONDS)
    stage.expect("wrote" not in output, f"install, run again, changed something: {output}")
    now = (site.machine.root / "etc/linky/local.env").read_text()
    stage.expect(now == settings, "install, run again, changed a setting")


def main(words: list[str]) -> int:
    """An `ssh root@… COMMAND` or `scp FILE… root@…:FOLDER` to the machine."""
    init, root, program, *arguments = words
    if program == "scp":
        *files, target = arguments
        folder = Path(root) / "root" / target.partition(":")[2]
        return subprocess.run(["cp", *files, folder], check=False).returncode
    _, command = arguments
    which = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wdns=/root")
    inside = ("nsenter", f"--target={init}", *which, "bash", "-c", command)
    return subprocess.run(inside, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
