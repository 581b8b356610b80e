"""`make test-host`: what it needs, and what it takes from the page for one server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from tests.support.server import ROOT
from tools.host import CannotRun, page
from tools.host.base import USER_DATA, ensure_possible
from tools.host.machine import has_ended


def test_without_root_it_names_the_command_to_use() -> None:
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


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match=r"apt-get install debootstrap .*systemd-container"):
        ensure_possible()


def test_other_systems_than_linux_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname="Darwin"))
    with pytest.raises(CannotRun, match="it needs Linux"):
        ensure_possible()


def test_a_zombie_or_missing_process_has_ended() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        assert not has_ended(child.pid)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(child.pid)
    assert has_ended(child.pid)


@pytest.mark.parametrize("language", ["", ".ja"])
def test_each_step_of_the_page_is_run(language: str) -> None:
    text = page.PAGE.with_name(f"one-server{language}.md").read_text(encoding="utf-8")
    run = [step.commands for step in page.steps()]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks == run
    names = {step.name for step in page.steps()}
    assert names >= page.MAY_FAIL | page.ANSWERS.keys()


def test_the_page_fits_its_name() -> None:
    assert len(page.PAGE.read_text(encoding="utf-8").splitlines()) <= 110


def test_the_command_of_the_page_installs_what_the_user_data_installs() -> None:
    script = (ROOT / "deploy" / "host" / "install").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^packages=\((.*?)\)$", script, re.MULTILINE | re.DOTALL)
    config = yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))
    assert listed.split() == config["packages"]
