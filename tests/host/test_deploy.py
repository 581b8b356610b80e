"""linky-deploy installs, starts and keeps releases: the real code in a temporary root."""

import ast
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from deploy.host import deploy as subject
from deploy.host.deploy import Host, id_of, installed, main
from tests.host.deploying import FIRST, SECOND, Site, checksum
from tests.support.server import ROOT

SCRIPT = ROOT / "deploy" / "host" / "deploy.py"


def test_a_release_is_installed_migrated_and_served(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.deploy(FIRST) == 0
    assert site.serving == FIRST
    assert site.log("run.log") == [f"preflight {FIRST}", f"migrate {FIRST}"]
    assert list((site.host.release(FIRST) / "app" / "__pycache__").glob("x.*.pyc"))
    assert f"{FIRST} serves." in capsys.readouterr().out
    assert site.deploy(SECOND) == 0
    assert site.serving == SECOND
    assert (id_of(site.host.current), id_of(site.host.previous)) == (SECOND, FIRST)


def test_deploying_the_same_release_again_changes_nothing(site: Site) -> None:
    assert site.deploy(FIRST) == 0
    assert site.deploy(SECOND) == 0
    assert site.deploy(SECOND) == 0
    assert site.serving == SECOND
    assert id_of(site.host.previous) == FIRST


REFUSALS = {
    "preflight": ("LINKY_JWT_KEYS must be set", 1, "preflight failed"),
    "uv.lock": ("broken", 1, "environment can't be made"),
    "migrate": ("lock timeout", 3, "the migration failed"),
}


@pytest.mark.parametrize("step", REFUSALS)
def test_a_failure_before_the_switch_leaves_the_service_alone(
    site: Site, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.deploy(FIRST) == 0
    calls = site.log("systemctl.log")
    message, status, words = REFUSALS[step]
    assert site.deploy(SECOND, **{step: message}) == status
    assert site.serving == FIRST
    assert site.log("systemctl.log") == calls
    assert id_of(site.host.current) == FIRST
    output = capsys.readouterr().out
    assert words in output
    assert "to be had" in output if step == "uv.lock" else message in output
    assert [f"migrate {SECOND}"] * (step == "migrate") == [
        line for line in site.log("run.log") if line == f"migrate {SECOND}"
    ]


def test_an_archive_with_another_checksum_is_refused(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = site.archive(FIRST)
    assert site.call("--archive", str(archive), "--sha256", "0" * 64) == 1
    assert "checksum" in capsys.readouterr().out
    assert not any(site.host.releases.iterdir())
    # An upper-case checksum and a file:// address are accepted.
    assert site.call("--archive", f"file://{archive}", "--sha256", checksum(archive).upper()) == 0


def test_an_archive_with_an_invalid_release_id_is_refused(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = site.archive("../../etc")
    assert site.call("--archive", str(other), "--sha256", checksum(other)) == 1
    assert "deploy/archive" in capsys.readouterr().out
    missing = str(tmp_path / "missing.tar.gz")
    assert site.call("--archive", missing, "--sha256", "0" * 64) == 1
    assert not any(site.host.releases.iterdir())


def test_a_bridge_serves_while_the_services_restart(site: Site) -> None:
    assert site.deploy(FIRST) == 0
    assert not [
        call for call in site.log("systemctl.log") if call.startswith("restart linky-api-n")
    ]
    before = len(site.log("systemctl.log"))
    assert site.deploy(SECOND) == 0
    assert site.log("systemctl.log")[before:] == [
        "restart linky-api-next.service",
        "reset-failed linky-api.service linky-worker.service linky-api.socket",
        "start linky-api.socket",
        "restart linky-api.service linky-worker.service",
        "stop linky-api-next.service",
        "reset-failed linky-api-next.service",
    ]
    assert not site.host.next.is_symlink()


def test_a_release_that_does_not_start_as_a_bridge_stops_nothing(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.deploy(FIRST) == 0
    pid = (site.folder / "pid").read_text()
    assert site.deploy(SECOND, starts="no") == 4
    assert (site.folder / "pid").read_text() == pid
    assert site.serving == FIRST
    assert (id_of(site.host.current), id_of(site.host.previous)) == (FIRST, None)
    output = capsys.readouterr().out
    assert "Job for linky-api-next.service failed" in output
    assert "the last line of the log" in output
    assert f"{FIRST} serves as before" in output
    assert not site.host.next.is_symlink()


def test_a_restart_is_bridged_and_needs_settings_that_are_right(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert site.call("--restart") == 1
    assert "no release serves" in capsys.readouterr().out
    assert site.deploy(FIRST) == 0
    pid = (site.folder / "pid").read_text()
    assert site.call("--restart") == 0
    assert site.serving == FIRST
    assert (restarted := (site.folder / "pid").read_text()) != pid
    assert "restart linky-api-next.service" in site.log("systemctl.log")
    (site.host.release(FIRST) / "preflight").write_text("LINKY_JWT_KEYS must be set")
    assert site.call("--restart") == 1
    assert (site.folder / "pid").read_text() == restarted


def test_five_releases_are_kept_including_the_previous_release(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [f"20261125-05000{n}-{str(n) * 10}" for n in range(7)]
    for number, release_id in enumerate(ids):
        mark = site.host.release(release_id) / ".installed"
        mark.parent.mkdir()
        mark.touch()
        os.utime(mark, (number, number))
    site.host.previous.symlink_to(site.host.release(ids[0]))
    site.host.current.symlink_to(site.host.release(ids[2]))
    assert site.deploy(FIRST) == 0
    kept = installed(site.host)
    assert kept == [FIRST, ids[6], ids[5], ids[4], ids[2]]
    assert {path.name for path in site.host.releases.iterdir()} == set(kept)
    capsys.readouterr()
    assert site.call("--list") == 0
    output = capsys.readouterr().out
    assert f"{FIRST}  current" in output
    assert f"{ids[2]}  previous" in output


def test_an_interrupted_installation_is_repeated(site: Site) -> None:
    folder = site.host.release(FIRST)
    folder.mkdir()
    (folder / "half").touch()
    assert site.deploy(FIRST) == 0
    assert not (folder / "half").exists()


def test_a_second_deploy_at_the_same_time_is_refused(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with subject.alone(site.host):
        assert site.call("--list") == 1
    assert "another deploy is running" in capsys.readouterr().out
    assert site.call("--list") == 0


def test_a_deploy_is_refused_if_the_disk_is_nearly_full(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subject, "FREE_BYTES", 1 << 60)
    assert site.deploy(FIRST) == 1
    assert "are free" in capsys.readouterr().out


def test_a_changed_host_configuration_is_reported(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "#!/bin/sh\necho changed\n"
    archive = {"deploy/host/fingerprint": script}
    assert site.deploy(FIRST, **archive) == 0
    assert "deploy/host/setup" in capsys.readouterr().out
    site.host.configuration.write_text("changed\n")
    assert site.deploy(FIRST, **archive) == 0
    assert "deploy/host/setup" not in capsys.readouterr().out


def test_missing_arguments_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--archive", "x"], ["--back", "--list"]):
        with pytest.raises(SystemExit) as ended:
            main(words, Host())
        assert ended.value.code == 2
    assert "--archive needs --sha256" in capsys.readouterr().err


def test_the_host_is_read_from_host_env(tmp_path: Path) -> None:
    settings = tmp_path / "host.env"
    settings.write_text("# words\nDOMAIN='api.linky.example'\nREGION='ap-northeast-1'\nBUCKET=''\n")
    host = subject.this_host(settings)
    assert (host.domain, host.region) == ("api.linky.example", "ap-northeast-1")


def test_the_script_runs_on_the_pythons_of_both_ubuntus() -> None:
    """Ubuntu 24.04 has Python 3.12. The app itself needs a newer Python."""
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 12))


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a git checkout")
def test_linky_deploy_accepts_the_archive_of_deploy_release(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--shared", ROOT, clone], check=True)
    (clone / ".tools").symlink_to(ROOT / ".tools")  # uv, which is there already
    results = [released(clone), released(clone)]
    assert results[0] == results[1], "the same commit gives the same bytes"
    archive, release_id = clone / results[0]["archive"], results[0]["release"]
    assert subject.verified(archive, results[0]["sha256"]) == release_id
    assert archive.with_name(f"{archive.name}.sha256").read_text().split() == [
        results[0]["sha256"],
        archive.name,
    ]
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
        environment = tar.extractfile(f"linky-{release_id}/release.env")
        assert environment is not None
        assert environment.read() == f"LINKY_RELEASE={release_id}\n".encode()
    assert {"uv.lock", ".uv-version", "app/main.py", "alembic.ini", "deploy/host/setup"} <= names
    assert not [name for name in names if name.startswith(("tests", "bench", "linky_dev", ".git"))]


def released(clone: Path) -> dict[str, str]:
    """Run deploy/archive; returns what it prints: release, archive, sha256."""
    done = subprocess.run(
        [clone / "deploy" / "archive"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split() for line in done.stdout.splitlines())


def test_the_host_has_the_pinned_version_of_uv() -> None:
    wanted = (ROOT / ".uv-version").read_text().strip()
    text = (ROOT / "deploy" / "host" / "uv.txt").read_text(encoding="utf-8")
    assert f"uv=={wanted} " in text
    assert text.count("--hash=sha256:") == 2
