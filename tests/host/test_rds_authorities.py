"""Updating the list of RDS's certificate authorities: a valid list replaces the old file."""

import subprocess
from pathlib import Path

import pytest

from app.core.settings.database_tls import ensure_readable
from deploy.host.deploy import Host, refresh_authorities
from tests.support.server import ROOT
from tests.support.tls import Authority

SCRIPT = ROOT / "deploy" / "host" / "rds-authorities"


def pem(folder: Path, name: str) -> str:
    folder.mkdir(exist_ok=True)
    return Authority(folder, name).file.read_text()


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    names = (
        "Amazon RDS ap-northeast-1 Root CA RSA2048 G1",
        "Amazon RDS us-east-1 Root CA ECC384 G1",
    )
    return "".join(pem(tmp_path / "authority", name) for name in names)


def fetched(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run the script with this text as the list that AWS published."""
    published = tmp_path / "published.pem"
    published.write_text(text)
    command = [str(SCRIPT), str(tmp_path / "rds.pem"), f"file://{published}"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_valid_list_replaces_the_file(tmp_path: Path, bundle: str) -> None:
    file = tmp_path / "rds.pem"
    assert fetched(tmp_path, bundle).returncode == 0
    assert file.read_text() == bundle
    assert file.stat().st_mode & 0o777 == 0o644
    ensure_readable(file)
    before = file.stat().st_mtime_ns
    assert fetched(tmp_path, bundle).returncode == 0
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize("wrong", ["", "<html>geheim</html>", "cut", "garbage", "of another"])
def test_an_invalid_list_leaves_the_old_file(tmp_path: Path, bundle: str, wrong: str) -> None:
    (tmp_path / "rds.pem").write_text("the old one")
    text = {
        "cut": bundle[: int(len(bundle) * 0.9)],
        "garbage": bundle.replace("MII", "MI\N{HEAVY CHECK MARK}", 1),
        "of another": bundle + pem(tmp_path / "other", "Amazon of another kind"),
    }.get(wrong, wrong)
    done = fetched(tmp_path, text)
    assert done.returncode != 0
    assert "not the list" in done.stderr
    assert (tmp_path / "rds.pem").read_text() == "the old one"
    assert not list(tmp_path.glob("rds.pem.new"))


def test_a_failed_download_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "rds.pem").write_text("the old one")
    command = [str(SCRIPT), str(tmp_path / "rds.pem"), f"file://{tmp_path}/none.pem"]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
    assert (tmp_path / "rds.pem").read_text() == "the old one"


def test_a_deploy_refreshes_the_list_and_goes_on_after_a_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script, file = tmp_path / "fetch", tmp_path / "rds.pem"
    script.write_text('#!/bin/sh\necho new >"$1"\necho "no answer"\nexit 1\n')
    script.chmod(0o755)
    host = Host(authorities=(str(script), str(file)), environment={})
    refresh_authorities(host)
    assert not file.exists(), "a host without the file does not get it"
    file.write_text("old")
    refresh_authorities(host)
    assert file.read_text() == "new\n"
    assert "no answer" in capsys.readouterr().out
