"""Updates of the host: when it restarts for them, whose packages they are, and its Python."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.server import ROOT

HOST = ROOT / "deploy" / "host"
STAND_IN = """#!/bin/sh
# uv, with a file for each Python: the system's, its own, and the newest that it can fetch.
case "$*" in
"python find --system --show-version --managed-python 3.13") exec cat own ;;
"python find --system --show-version --no-managed-python 3.13") exec cat system ;;
"python install --no-bin --upgrade 3.13") exec cp newest own ;;
esac
exit 9
"""


def apt_settings(zone: str) -> str:
    """What `setup` writes on a host in this time zone, which has a form that needs no tzdata."""
    return subprocess.run(
        [HOST / "render-apt"],
        input=(HOST / "files" / "apt").read_text(encoding="utf-8"),
        env={"PATH": "/usr/bin:/bin", "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize(
    ("zone", "time"), [("UTC0", "19:30"), ("JST-9", "04:30"), ("IST-5:30", "01:00")]
)
def test_a_host_restarts_while_japan_sleeps_wherever_it_is(zone: str, time: str) -> None:
    assert f'\nUnattended-Upgrade::Automatic-Reboot-Time "{time}";\n' in apt_settings(zone)


def test_a_time_that_is_not_known_is_an_error_and_not_now(tmp_path: Path) -> None:
    """unattended-upgrades restarts at once where the time is empty."""
    (tmp_path / "date").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (tmp_path / "date").chmod(0o755)
    done = subprocess.run(
        [HOST / "render-apt"],
        input=(HOST / "files" / "apt").read_text(encoding="utf-8"),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.skipif(shutil.which("apt-config") is None, reason="install apt")
def test_apt_understands_its_settings_and_updates_postgresql(tmp_path: Path) -> None:
    file = tmp_path / "52linky"
    file.write_text(apt_settings("UTC0"), encoding="utf-8")
    command = ["apt-config", "--config-file", str(file), "dump"]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert 'Unattended-Upgrade::Automatic-Reboot-Time "19:30";' in dump
    origins = re.findall(r'^Unattended-Upgrade::Origins-Pattern:: "(.*)";$', dump, re.MULTILINE)
    assert "origin=apt.postgresql.org,codename=${distro_codename}-pgdg" in origins


class Pythons:
    """A host with a stub of uv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "uv").write_text(STAND_IN, encoding="utf-8")
        (folder / "uv").chmod(0o755)

    def set(self, **versions: str) -> None:
        for name, version in versions.items():
            (self._folder / name).write_text(version, encoding="utf-8")

    @property
    def own(self) -> str:
        file = self._folder / "own"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def update(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HOST / "newest-python", "./uv", "3.13"],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def pythons(tmp_path: Path) -> Pythons:
    return Pythons(tmp_path)


def test_a_host_whose_system_has_the_python_gets_no_other(pythons: Pythons) -> None:
    pythons.set(system="3.13.5", newest="3.13.9")
    done = pythons.update()
    assert (done.returncode, done.stdout, pythons.own) == (0, "", "")


def test_a_host_without_the_python_gets_it_or_the_setup_fails(pythons: Pythons) -> None:
    assert pythons.update().returncode != 0
    pythons.set(newest="3.13.9")
    done = pythons.update()
    assert (done.returncode, done.stdout, pythons.own) == (0, "Python is 3.13.9 now\n", "3.13.9")


def test_a_python_of_uv_gets_the_newest_patch(pythons: Pythons) -> None:
    pythons.set(own="3.13.5", system="3.13.7", newest="3.13.9")
    done = pythons.update()
    assert (done.returncode, pythons.own) == (0, "3.13.9")
    assert "3.13.5: run linky-deploy --restart" in done.stdout
    done = pythons.update()
    assert (done.returncode, done.stdout) == (0, "")


def test_without_a_network_the_python_stays_and_the_setup_goes_on(pythons: Pythons) -> None:
    pythons.set(own="3.13.5")
    done = pythons.update()
    assert (done.returncode, pythons.own) == (0, "3.13.5")
    assert "stays 3.13.5" in done.stderr
