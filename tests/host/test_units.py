"""Units and cloud-config, by the programs that will read them; scripts, by shellcheck."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.server import ROOT

DEPLOY = ROOT / "deploy"
USER_DATA = DEPLOY / "cloud-init" / "user-data.yaml"
UNITS = sorted(
    path
    for path in (DEPLOY / "systemd").iterdir()
    if path.suffix in (".service", ".socket", ".timer")
)
INSTALLS = "linky-first-release.service"
"""It is apt, pip and setup: what it may not do, it could not install."""

SERVICES = [path for path in UNITS if path.suffix == ".service" and path.name != INSTALLS]
SHELLCHECK = Path(sys.executable).parent / "shellcheck"
EXPOSURE = 20
"""Tenths, of systemd's own scale from 0 (safe) to 10; without hardening it is 9.2."""

MOST_BYTES = 16384
"""What EC2 takes as user data."""

PLACEHOLDERS = {
    *("Domain", "Region", "ReleaseUrl", "ReleaseSha256"),
    *("ContactEmail", "ParameterPrefix", "OperationsPrefix", "OperationsRole", "Bucket"),
}


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"install {package}")


def scripts() -> dict[str, str]:
    """Every shell script of ours, by its name; that of the cloud-config too."""
    found = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted((DEPLOY / "host").iterdir())
        if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/bin/bash"))
    }
    for file in yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))["write_files"]:
        if file["content"].startswith("#!/bin/sh"):
            found[Path(file["path"]).name] = file["content"]
    return found


@needs("systemd-analyze", "systemd")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for path in UNITS:
        # The programs are not here; whether they can be run is not what is asked.
        text = re.sub(r"^(Exec\w+=)[^ \n]+", r"\1/bin/true", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / path.name for path in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "linky" in line]
    assert (done.returncode, ours) == (0, [])


@needs("systemd-analyze", "systemd")
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_may_do_what_it_needs_and_no_more(path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_what_the_services_of_the_app_share_is_the_same_in_each() -> None:
    """Hardening that was forgotten in one of two is found by nobody."""

    def hardening(name: str) -> str:
        text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        return text.partition("# What it may not do.")[2]

    assert hardening("linky-api.service")
    assert hardening("linky-api.service") == hardening("linky-worker.service")


@pytest.mark.parametrize("name", ["linky-api", "linky-worker"])
def test_the_server_is_told_nothing_of_operations(name: str) -> None:
    unit = (DEPLOY / "systemd" / f"{name}.service").read_text(encoding="utf-8")
    assert "User=linky\n" in unit
    assert "operations" not in unit


def properties_of_run(tmp_path: Path, command: str) -> list[str]:
    """With which properties the host runs a command of ours."""
    systemd_run = tmp_path / "systemd-run"
    systemd_run.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    systemd_run.chmod(0o755)
    done = subprocess.run(
        [DEPLOY / "host" / "run", "/opt/linky/releases/x", command, "--option"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    *properties, program, called, option = done.stdout.splitlines()
    assert (program, called) == ("/opt/linky/releases/x/.venv/bin/linky", command)
    assert option == "--option"
    return [one.removeprefix("--property=") for one in properties]


@pytest.mark.parametrize("command", ["migrate", "backup", "restore", "bootstrap-database"])
def test_migrations_and_backups_have_a_user_and_secrets_of_their_own(
    tmp_path: Path, command: str
) -> None:
    properties = properties_of_run(tmp_path, command)
    assert "User=linky-operations" in properties
    assert "EnvironmentFile=-/etc/linky/operations.env" in properties
    unit = (DEPLOY / "systemd" / "linky-backup.service").read_text(encoding="utf-8")
    for line in properties:
        if line.startswith(("User=", "Group=", "SupplementaryGroups=", "StateDirectory=")):
            assert f"\n{line}\n" in unit
        if line.startswith("EnvironmentFile=-"):
            assert f"\n{line}\n" in unit


@pytest.mark.parametrize("command", ["preflight", "doctor", "create-admin", "jobs"])
def test_all_else_has_the_servers(tmp_path: Path, command: str) -> None:
    properties = properties_of_run(tmp_path, command)
    assert "User=linky" in properties
    assert not [one for one in properties if "operations" in one]


@needs("cloud-init", "cloud-init")
def test_cloud_init_understands_the_user_data() -> None:
    done = subprocess.run(
        ["cloud-init", "schema", "--config-file", USER_DATA],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Valid schema" in done.stdout


def test_the_user_data_fits_into_an_instance_and_into_a_template() -> None:
    text = USER_DATA.read_text(encoding="utf-8")
    # In base64, with room for longer values.
    assert len(text.encode()) * 4 / 3 + 1000 < MOST_BYTES
    assert text.isascii()
    found = re.findall(r"\$\{(.*?)\}", text)
    assert set(found) == PLACEHOLDERS
    assert len(found) == len(PLACEHOLDERS)


@pytest.mark.parametrize("name", scripts())
def test_shellcheck_finds_nothing_in(name: str) -> None:
    done = subprocess.run(
        # SC1091: what host.env holds is not there to be read.
        [SHELLCHECK, "--exclude=SC1091", "-"],
        input=scripts()[name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_scripts_can_be_run_and_stop_at_the_first_failure() -> None:
    for name, text in scripts().items():
        assert re.search(r"^set -e", text, flags=re.MULTILINE), name
        path = DEPLOY / "host" / name
        assert not path.exists() or path.stat().st_mode & 0o111, name
