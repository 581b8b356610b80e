"""A command that cannot work fails with one sentence that says what to do, and no traceback."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.support.command_line import Linky, linky_forked, refused
from tests.support.ports import free_port
from tests.support.server import environment

CREATE_ADMIN = ("create-admin", "boss@example.com", "--password-stdin")
PASSWORD = "geheim-yama-no-ue-5521\n"
LONG = "geheim" * 8


@pytest.fixture
def port_in_use() -> Iterator[str]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield str(other.getsockname()[1])


@pytest.mark.parametrize("command", ["dev", "serve"])
def test_a_port_in_use_is_refused(
    linky: Linky, own_database: str, port_in_use: str, command: str
) -> None:
    result = linky(command, LINKY_PORT=port_in_use, LINKY_DATABASE_URL=own_database)
    refused(result, port_in_use, "LINKY_PORT")


@pytest.mark.parametrize("command", ["serve", "worker", "preflight"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINKY_PUBLIC_URL", "https://linky.example"),
        ("LINKY_HOST", "0.0.0.0"),
        ("LINKY_HOST", "::"),
        ("LINKY_HOST", "192.0.2.1"),
    ],
)
def test_a_server_for_others_does_not_run_as_in_development(
    linky: Linky, own_database: str, command: str, name: str, value: str
) -> None:
    result = linky(command, LINKY_DATABASE_URL=own_database, **{name: value})
    refused(result, "LINKY_ENV", name)
    assert value not in result.stderr


def test_a_key_of_backups_that_is_none_is_refused_before_the_night(
    linky: Linky, own_database: str
) -> None:
    result = linky("preflight", LINKY_DATABASE_URL=own_database, LINKY_BACKUP_RECIPIENTS="age1…")
    refused(result, "LINKY_BACKUP_RECIPIENTS")


def test_a_real_process_prints_the_same_refusal(
    linky_process: Linky, own_database: str, port_in_use: str
) -> None:
    result = linky_process("serve", LINKY_PORT=port_in_use, LINKY_DATABASE_URL=own_database)
    refused(result, port_in_use, "LINKY_PORT")


@pytest.mark.parametrize("command", ["dev", "serve", "worker"])
def test_an_unwritable_data_folder_is_refused(linky: Linky, tmp_path: Path, command: str) -> None:
    result = linky(
        command, LINKY_PORT=str(free_port()), LINKY_DATA_DIR=str(path_below_a_file(tmp_path))
    )
    refused(result, "data folder", "LINKY_DATA_DIR")


def test_a_data_folder_that_cannot_store_the_signing_key_is_refused(
    linky: Linky, tmp_path: Path, own_database: str
) -> None:
    result = linky(
        "serve",
        LINKY_PORT=str(free_port()),
        LINKY_DATABASE_URL=own_database,
        LINKY_DATA_DIR=str(path_below_a_file(tmp_path)),
    )
    refused(result, "data folder", "LINKY_DATA_DIR")


def test_uvicorn_prints_the_same_short_refusal(tmp_path: Path) -> None:
    result = linky_forked(
        ["app.main:app", "--port", str(free_port())],
        environment(path_below_a_file(tmp_path)),
        tmp_path,
        program="uvicorn:main",
        command=str(Path(sys.executable).parent / "uvicorn"),
    )
    refused(result, "LINKY_DATA_DIR")


def path_below_a_file(tmp_path: Path) -> Path:
    """A path that even root cannot write to: its parent is a file."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "data"


@pytest.mark.parametrize(
    ("command", "name", "value", "words"),
    [
        ("dev", "LINKY_PORT", "abc", ["integer"]),
        ("serve", "LINKY_PORT", "70000", ["65535"]),
        ("openapi", "LINKY_JWT_KEYS", "one:geheim", ["key one", "32 bytes"]),
        ("worker", "LINKY_JWT_KEYS", LONG, ["kid:secret"]),
        ("migrate", "LINKY_DATABASE_URL", "mysql://u:geheim@127.0.0.1/d", ["postgresql://"]),
        ("serve", "LINKY_LIMITS_URL", "http://u:geheim@127.0.0.1", ["valkeys://"]),
    ],
)
def test_an_invalid_setting_is_refused_by_name(
    linky: Linky, command: str, name: str, value: str, words: list[str]
) -> None:
    refused(linky(command, **{name: value}), name, *words)


@pytest.mark.parametrize(
    "missing", ["LINKY_DATABASE_URL", "LINKY_JWT_KEYS", "LINKY_PUBLIC_URL", "LINKY_RATE_LIMITS"]
)
def test_production_refuses_a_missing_or_unsafe_setting(linky: Linky, missing: str) -> None:
    complete = {
        "LINKY_ENV": "production",
        "LINKY_DATABASE_URL": "postgresql://u:geheim@127.0.0.1/d",
        "LINKY_JWT_KEYS": f"one:{LONG}",
        "LINKY_PUBLIC_URL": "https://linky.example",
        "LINKY_RATE_LIMITS": "on",
    }
    unsafe = {"LINKY_RATE_LIMITS": "off", "LINKY_PUBLIC_URL": "http://linky.example"}
    refused(linky("serve", **complete | {missing: unsafe.get(missing, "")}), missing)


@pytest.mark.parametrize("command", ["dev", "migrate", "seed", CREATE_ADMIN])
def test_an_unreachable_database_is_refused(linky: Linky, command: str | tuple[str, ...]) -> None:
    arguments = (command,) if isinstance(command, str) else command
    unreachable = f"postgresql://linky:geheim@127.0.0.1:{free_port()}/linky"
    result = linky(
        *arguments, stdin=PASSWORD, LINKY_PORT=str(free_port()), LINKY_DATABASE_URL=unreachable
    )
    refused(result, "database can't be reached", "LINKY_DATABASE_URL")


def test_a_file_that_can_t_be_written_is_not_taken_for_the_database(linky: Linky) -> None:
    result = linky("openapi", "--output", "/nowhere/openapi.json")
    refused(result, "/nowhere/openapi.json can't be used (No such file or directory)")


def test_wrong_database_credentials_are_refused(linky: Linky, own_database: str) -> None:
    url = make_url(own_database)
    for wrong in (url.set(password="geheim"), url.set(database="nowhere")):
        text = wrong.render_as_string(hide_password=False)
        refused(linky("migrate", LINKY_DATABASE_URL=text), "LINKY_DATABASE_URL")


def test_an_unknown_command_prints_no_traceback(tmp_path: Path) -> None:
    result = linky_forked(["fly"], environment(Path("unused")), tmp_path)
    assert result.returncode == 2
    assert "fly" in result.stderr
    assert "Traceback" not in result.stderr
