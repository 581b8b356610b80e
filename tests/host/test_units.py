"""Units and cloud-config, checked by systemd and cloud-init; scripts, checked by shellcheck."""

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
API = DEPLOY / "systemd" / "linky-api.service"
INSTALLS = "linky-first-release.service"
"""It runs apt, pip and setup, so it is not hardened: they need all rights."""

SERVICES = [path for path in UNITS if path.suffix == ".service" and path.name != INSTALLS]
SHELLCHECK = Path(sys.executable).parent / "shellcheck"
EXPOSURE = 20
"""In tenths of systemd's scale from 0 (safe) to 10. Without hardening a service has 9.2."""

MAX_BYTES = 16384
"""EC2's limit for user data."""

PLACEHOLDERS = {
    *("Domain", "Region", "ReleaseUrl", "ReleaseSha256"),
    *("ContactEmail", "ParameterPrefix", "OperationsPrefix", "OperationsRole", "Bucket"),
}


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"install {package}")


def scripts() -> dict[str, str]:
    """Our shell scripts by name, that of the cloud-config included."""
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted((DEPLOY / "host").iterdir())
        if path.is_file() and path.read_bytes().startswith((b"#!/bin/sh", b"#!/bin/bash"))
    }
    for file in yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))["write_files"]:
        if file["content"].startswith("#!/bin/sh"):
            texts[Path(file["path"]).name] = file["content"]
    return texts


@needs("systemd-analyze", "systemd")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    for path in UNITS:
        # The programs are not installed here, and this test does not run them.
        text = re.sub(r"^(Exec\w+=)[^ \n]+", r"\1/bin/true", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    (tmp_path / "linky-api-next.service").write_text(next_unit((tmp_path / API.name).read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "linky" in line]
    assert (done.returncode, ours) == (0, [])


def next_unit(text: str) -> str:
    """What `setup` makes of linky-api.service, for the API of the next release."""
    command = [DEPLOY / "host" / "next-unit"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_the_api_of_the_next_release_differs_in_few_lines() -> None:
    text = API.read_text(encoding="utf-8")
    before, after = text.splitlines(), next_unit(text).splitlines()
    renamed = {line.replace("/opt/linky/current", "/opt/linky/next") for line in before}
    assert [line for line in after if line not in renamed] == [
        "Description=Linky API, during a deploy",
        "Sockets=linky-api.socket",
        "ExecStart=/opt/linky/next/.venv/bin/linky serve --when-ready",
        "Restart=no",
    ]
    assert "/opt/linky/current" not in "\n".join(after)
    assert "[Install]" not in after


@needs("systemd-analyze", "systemd")
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_hardened(path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_both_services_of_the_app_have_the_same_hardening() -> None:
    """Otherwise a setting could be missing in one of them without notice."""

    def hardening(name: str) -> str:
        text = (DEPLOY / "systemd" / name).read_text(encoding="utf-8")
        return text.partition("# What it may not do.")[2]

    assert hardening("linky-api.service")
    assert hardening("linky-api.service") == hardening("linky-worker.service")


@pytest.mark.parametrize("name", ["linky-api", "linky-worker"])
def test_the_server_gets_no_settings_of_operations(name: str) -> None:
    unit = (DEPLOY / "systemd" / f"{name}.service").read_text(encoding="utf-8")
    assert "User=linky\n" in unit
    settings = [line for line in unit.splitlines() if not line.startswith("Documentation=")]
    assert "operations" not in "\n".join(settings)


def properties_of_run(tmp_path: Path, command: str) -> list[str]:
    """The systemd properties with which the host runs a command of linky."""
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
    return [argument.removeprefix("--property=") for argument in properties]


@pytest.mark.parametrize("command", ["migrate", "backup", "restore", "bootstrap-database"])
def test_migrations_and_backups_run_as_their_own_user_with_their_own_secrets(
    tmp_path: Path, command: str
) -> None:
    properties = properties_of_run(tmp_path, command)
    assert "User=linky-operations" in properties
    assert "EnvironmentFile=-/etc/linky/operations.env" in properties
    unit = (DEPLOY / "systemd" / "linky-backup.service").read_text(encoding="utf-8")
    for line in properties:
        if line.startswith(("User=", "Group=", "SupplementaryGroups=", "StateDirectory")):
            assert f"\n{line}\n" in unit
        if line.startswith("EnvironmentFile=-"):
            assert f"\n{line}\n" in unit


@pytest.mark.parametrize("command", ["preflight", "doctor", "create-admin", "jobs"])
def test_other_commands_run_as_the_server(tmp_path: Path, command: str) -> None:
    properties = properties_of_run(tmp_path, command)
    assert "User=linky" in properties
    assert "StateDirectoryMode=0750" in properties
    assert not [line for line in properties if "operations" in line]


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


def test_the_user_data_fits_the_limits_and_has_only_known_placeholders() -> None:
    text = USER_DATA.read_text(encoding="utf-8")
    # Counted in base64, with room for longer values.
    assert len(text.encode()) * 4 / 3 + 1000 < MAX_BYTES
    assert text.isascii()
    placeholders = re.findall(r"\$\{(.*?)\}", text)
    assert set(placeholders) == PLACEHOLDERS
    assert len(placeholders) == len(PLACEHOLDERS)


@pytest.mark.parametrize("name", scripts())
def test_shellcheck_finds_nothing_in(name: str) -> None:
    done = subprocess.run(
        # SC1091: shellcheck can't read host.env, which exists only on a host.
        [SHELLCHECK, "--exclude=SC1091", "-"],
        input=scripts()[name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_scripts_are_executable_and_stop_at_the_first_failure() -> None:
    for name, text in scripts().items():
        assert re.search(r"^set -e", text, flags=re.MULTILINE), name
        path = DEPLOY / "host" / name
        assert not path.exists() or path.stat().st_mode & 0o111, name
