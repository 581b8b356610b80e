"""`make test-host` where it can't run: it says so, and what would be needed."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.server import ROOT
from tools.host import CannotRun
from tools.host.base import ensure_possible
from tools.host.machine import has_ended


def test_who_is_not_root_is_told_what_to_call() -> None:
    program = (
        "import os; os.geteuid = lambda: 1000; "
        "from tools.host.__main__ import main; raise SystemExit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == (
        "make test-host can't run here: only root may boot a machine: sudo make test-host.\n"
    )


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match=r"apt-get install debootstrap .*systemd-container"):
        ensure_possible()


def test_another_system_than_linux_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname="Darwin"))
    with pytest.raises(CannotRun, match="it needs Linux"):
        ensure_possible()


def test_a_process_has_ended_once_it_is_a_zombie_or_gone() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert not has_ended(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(child.pid)
    assert has_ended(child.pid)
