"""`linky-bootstrap`, the script of the user data: it installs a server's first release."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from tests.support.stack import USER_DATA

CALLS = "calls"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="install curl")


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder with host.env, the release that it names, and a stub of linky-deploy."""
    noting = f'#!/bin/sh\necho "${{0##*/}} $1" >>{tmp_path}/{CALLS}\n'
    write_program(tmp_path / "bin" / "linky-deploy", noting)
    write_program(tmp_path / "tree" / "deploy" / "host" / "setup", noting)
    release = tmp_path / "linky.tar.gz"
    with tarfile.open(release, "w:gz") as tar:
        tar.add(tmp_path / "tree", "linky-1")
    sha256 = hashlib.sha256(release.read_bytes()).hexdigest()
    settings = f"DOMAIN=linky.example RELEASE_URL=file://{release} RELEASE_SHA256={sha256}\n"
    (tmp_path / "etc" / "linky").mkdir(parents=True)
    (tmp_path / "etc" / "linky" / "host.env").write_text(settings)
    return tmp_path


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o755)


def bootstrap(host: Path) -> subprocess.CompletedProcess[str]:
    """Run the script, with the folder in place of the root of the file system."""
    files = yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))["write_files"]
    (script,) = (file["content"] for file in files if file["path"].endswith("/linky-bootstrap"))
    for place in ("/opt/linky", "/etc/linky", "/dev/console"):
        script = script.replace(place, f"{host}{place}")
    return subprocess.run(
        ["sh", "-c", script],
        env=os.environ | {"PATH": f"{host}/bin:{os.environ['PATH']}", "TMPDIR": str(host)},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(host: Path) -> list[str]:
    noted = host / CALLS
    return noted.read_text().splitlines() if noted.exists() else []


def test_the_first_release_is_set_up_and_deployed_until_that_has_worked(host: Path) -> None:
    failing = host / "bin" / "linky-deploy"
    working = failing.read_text()
    failing.write_text(working + "exit 1\n")
    done = bootstrap(host)
    assert done.returncode == 1
    assert "run linky-bootstrap again" in done.stderr

    failing.write_text(working)
    done = bootstrap(host)
    assert (done.returncode, calls(host)) == (0, ["setup ", "linky-deploy --archive"] * 2)
    assert "installed; https://linky.example" in done.stderr


def test_a_first_release_that_does_not_serve_is_mended_by_a_restart(host: Path) -> None:
    deploy = host / "bin" / "linky-deploy"
    deploy.write_text(f"#!/bin/sh\nmkdir -p {host}/opt/linky/current\nexit 1\n")
    done = bootstrap(host)
    assert done.returncode == 1
    assert "INSTALLATION FAILED" in done.stderr
    assert "then run linky-deploy --restart" in done.stderr


def test_a_server_with_a_release_does_not_go_back_to_its_first(host: Path) -> None:
    (host / "opt" / "linky" / "current").mkdir(parents=True)
    done = bootstrap(host)
    assert (done.returncode, calls(host)) == (1, [])
    assert "linky-deploy" in done.stderr
    assert "FAILED" not in done.stderr
