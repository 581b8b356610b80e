"""The installation under test: what its operators and its users do."""

import shutil
import time
from pathlib import Path
from typing import Any

from tools.host import Failed
from tools.host.client import Client, Load, load
from tools.host.machine import Machine
from tools.host.releases import Release
from tools.host.report import Stage


class Installation:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.client = Client(machine)
        self.people: list[dict[str, Any]] = []
        self.authority = Path()
        self.posts = 0

    def load(self) -> Any:
        return load(self.machine, self.people, self.authority)

    def judge(self, stage: Stage, result: Load) -> None:
        """Expect that no request failed, and that every acknowledged post exists."""
        stage.note(str(result))
        stage.expect(not result.failures, f"requests failed: {result.failures[:5]}")
        self.posts += result.figures["writes"]
        stored = int(self.sql("SELECT count(*) FROM posts"))
        stage.expect(
            stored == self.posts, f"{self.posts} posts were acknowledged, {stored} are stored"
        )

    def sql(self, statement: str) -> str:
        psql = "/srv/postgres/bin/psql"
        connect = (psql, "-h", "127.0.0.1", "-p", "5433", "-U", "linky", "-d", "linky")
        return self.machine.run(*connect, "-qAtc", statement).strip()

    def main_pid(self, service: str) -> str:
        return self.machine.run("systemctl", "show", "-P", "MainPID", service).strip()

    def start_seconds(self, service: str) -> float:
        """How long its last start took, until it was ready."""
        moments = ("InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic")
        begun, ready = (self.machine.run("systemctl", "show", "-P", m, service) for m in moments)
        return (int(ready) - int(begun)) / 1e6

    def deploy(self, release: Release, wanted: int) -> tuple[float, str]:
        """Run linky-deploy as an operator does. Returns its seconds and its output."""
        inside = Path("/var/tmp") / release.archive.name
        shutil.copy(release.archive, self.machine.root / str(inside).lstrip("/"))
        command = ("linky-deploy", "--archive", str(inside), "--sha256", release.sha256)
        started = time.monotonic()
        done = self.machine.attempt(*command, seconds=240)
        if done.returncode != wanted:
            raise Failed(f"linky-deploy ended with {done.returncode}: {done.stdout[-2500:]}")
        return time.monotonic() - started, done.stdout
