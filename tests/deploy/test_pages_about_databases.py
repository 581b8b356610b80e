"""What operations.md says about a database: its log, its backups, and how one is restored."""

import re

import pytest
import yaml

from app.operations.backup.places import WRITABLE, made_at
from tests.support.stack import ROOT, properties
from tools.host.stages import BACKUP_KEY, BACKUPS

PAGES = ("operations.md", "operations.ja.md")
USER = "linky-operations"
CONTAINERS = ROOT / "deploy" / "container"


def code_of(name: str) -> str:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    return text.replace("\\\n", " ")


@pytest.mark.parametrize("name", PAGES)
def test_a_database_by_hand_logs_no_values_of_rows(name: str) -> None:
    set_by_hand = dict(re.findall(r"ALTER SYSTEM SET (\w+) = '?(\w+)'?", code_of(name)))
    of_the_stack = properties("DatabaseParameters")["Parameters"]
    hiding = {
        key: str(value)
        for key, value in of_the_stack.items()
        if key.startswith(("log_parameter_max", "log_error_verb"))
    }
    assert hiding
    assert set_by_hand == hiding
    script = (ROOT / "deploy" / "host" / "install").read_text(encoding="utf-8")
    assert dict(re.findall(r"ALTER SYSTEM SET (\w+) = '?(\w+)'?", script)) == hiding


@pytest.mark.parametrize("name", PAGES)
def test_a_restore_that_fills_a_database_names_its_backup(name: str) -> None:
    calls = re.findall(r"^ *(?:\./dev|sudo) linky restore (\S+)(.*)$", code_of(name), re.MULTILINE)
    filling = [first for first, rest in calls if "--list" not in first and "--verify" not in first]
    assert filling
    for backup in filling:
        assert f"linky-{made_at(backup):%Y%m%dT%H%M%SZ}" == backup


def writable(path: str) -> list[str]:
    """The folders that a unit, or a script that makes one, lets its service write."""
    text = (ROOT / "deploy" / path).read_text(encoding="utf-8")
    return re.findall(r"ReadWritePaths=-?([^\s\"]+)", text)


@pytest.mark.parametrize("name", PAGES)
def test_the_folder_for_backups_is_the_one_that_the_units_may_write(name: str) -> None:
    folders = writable("systemd/linky-backup.service")
    assert folders == writable("host/run") == [WRITABLE] == [BACKUPS]
    code = code_of(name)
    assert set(re.findall(r"LINKY_BACKUP_TO=(/[\w/-]+)", code)) == {WRITABLE}
    made = re.findall(r"install -d -o (\S+) -g linky -m 0750 (\S+)$", code, re.MULTILINE)
    unit = (ROOT / "deploy/systemd/linky-backup.service").read_text(encoding="utf-8")
    assert made == [(USER, WRITABLE)]
    assert f"User={USER}\n" in unit
    assert set(re.findall(r"/var/backups/[\w-]+", code)) == {WRITABLE}


@pytest.mark.parametrize("name", PAGES)
def test_the_key_lies_where_a_restore_on_the_server_can_read_it(name: str) -> None:
    code = code_of(name)
    put = re.findall(r"install -o (\S+) -m 0400 \S+ (\S+)$", code, re.MULTILINE)
    assert put == [(USER, BACKUP_KEY)]
    # The service's own folder: it can read nothing below /root, /home and /tmp.
    assert BACKUP_KEY.startswith(f"/var/lib/{USER}/")
    restored = re.findall(r"^ *sudo linky restore linky-.* --identity (\S+)", code, re.MULTILINE)
    removed = re.findall(r"^ *rm (/\S+)$", code, re.MULTILINE)
    assert (restored, [path for path in removed if "key" in path]) == ([BACKUP_KEY], [BACKUP_KEY])


@pytest.mark.parametrize("name", PAGES)
def test_pictures_are_back_and_the_servers_own_before_a_restore_checks_them(name: str) -> None:
    code = code_of(name)
    (store,) = re.findall(r"rsync -a linky-copy/storage/ \S+:(\S+)$", code, re.MULTILINE)
    (owner,) = re.findall(rf"chown -R (\w+):\w+ {store}$", code, re.MULTILINE)
    unit = (ROOT / "deploy/systemd/linky-api.service").read_text(encoding="utf-8")
    assert f"User={owner}\n" in unit
    back, owned, restored = (
        code.index(at) for at in ("/storage/ root@", "chown -R linky", "sudo linky restore linky-")
    )
    assert back < owned < restored


def test_a_restore_with_containers_stops_what_writes_and_can_read_the_key() -> None:
    code = code_of("containers.md")
    services = yaml.safe_load((CONTAINERS / "compose.yaml").read_text(encoding="utf-8"))["services"]
    (stopped,) = re.findall(r"^docker compose stop (.+)$", code, re.MULTILINE)
    assert set(stopped.split()) == set(services) - {"database", "migrate"}
    dockerfile = (CONTAINERS / "Dockerfile").read_text(encoding="utf-8")
    (user,) = re.findall(r"^USER (\d+):", dockerfile, re.MULTILINE)
    assert re.findall(r"chown -R (\d+) restore$", code, re.MULTILINE) == [user]
    # The shell of the container knows the URL, so that it stands in no list of processes outside.
    (call,) = re.findall(
        r"'LINKY_RESTORE_INTO=\$LINKY_DATABASE_URL linky restore (.+)'$", code, re.MULTILINE
    )
    backup, *options = call.split()
    assert f"linky-{made_at(backup):%Y%m%dT%H%M%SZ}" == backup
    assert options == ["--replace", "--from", "/restore", "--identity", "/restore/linky-backup.key"]
    assert "LINKY_DATABASE_URL" in services["api"]["environment"]
