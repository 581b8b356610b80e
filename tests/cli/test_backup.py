"""`linky backup`, `backup-key` and `restore`, with pictures and backups in a real S3 server."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.cli.common import CommandError
from app.operations.backup.last_made import FILE
from tests.support import s3
from tests.support.sql import rows

KEYS = ["images/one/full.webp", "images/one/small.webp"]
A_PICTURE = """
    WITH owner AS (
        INSERT INTO users (provider, nickname, role) VALUES ('guest', '花子', 'guest')
        RETURNING id
    )
    INSERT INTO images (owner_id, key, thumbnail_key, width, height, blurhash)
    SELECT id, $1, $2, 4, 3, 'L' FROM owner
"""

A_NAME = "linky-20200101T000000Z"

type Run = Callable[..., str]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if s3.weed() is None:
        pytest.skip("there is no S3 server for this machine")
    with s3.s3_server(tmp_path_factory.mktemp("s3")) as server:
        url = server.endpoint
        for bucket in ("pictures", "backups", "empty"):
            s3.client(url).create_bucket(Bucket=bucket)
        for key in KEYS:
            s3.client(url).put_object(Bucket="pictures", Key=key, Body=key.encode())
        yield url


@pytest.fixture
def installation(
    endpoint: str, own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs `linky` with the settings of an installation in AWS. Refusals are raised."""
    rows(own_database, A_PICTURE, *KEYS)
    settings = {
        "LINKY_DATA_DIR": str(tmp_path / "data"),
        "LINKY_DATABASE_URL": own_database,
        "LINKY_STORAGE": "s3",
        "LINKY_S3_BUCKET": "pictures",
        "LINKY_S3_ENDPOINT_URL": endpoint,
        "LINKY_BACKUP_TO": "s3://backups/daily",
        "LINKY_LOG_LEVEL": "warning",
        "AWS_ACCESS_KEY_ID": s3.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": s3.SECRET_KEY,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, arguments)
        if result.exception is not None:
            # The output before the failure helps to explain it.
            result.exception.add_note(result.output)
            raise result.exception
        return result.output

    return run


def test_a_backup_is_made_verified_and_restored(
    installation: Run, endpoint: str, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = installation("backup-key", "linky-backup.key")
    (public,) = re.findall(r"^LINKY_BACKUP_RECIPIENTS=(age1\w+)$", output, re.MULTILINE)
    monkeypatch.setenv("LINKY_BACKUP_RECIPIENTS", public)
    assert "no backups in s3://backups/daily" in installation("restore", "--list")
    made = installation("backup")
    assert "2 objects listed" in made
    (name,) = re.findall(r"linky-\d{8}T\d{6}Z", made)
    stored = s3.client(endpoint).list_objects_v2(Bucket="backups", Prefix="daily/")["Contents"]
    assert [item["Key"] for item in stored] == [
        f"daily/{name}.dump.age",
        f"daily/{name}.manifest.age",
    ]
    assert name in installation("restore", "--list")

    verify = ("restore", "--verify", "--identity", "linky-backup.key")
    verified = installation(*verify)
    assert "WRONG" not in verified
    assert "2 objects, all in the store" in verified
    assert "2 objects read, and each is what it was" in verified

    # Objects of the same length, so that only the hash shows the difference.
    s3.client(endpoint).put_object(Bucket="pictures", Key=KEYS[0], Body=KEYS[1].encode()[::-1][:20])
    s3.client(endpoint).put_object(Bucket="pictures", Key=KEYS[1], Body=KEYS[1].encode()[::-1])
    try:
        with pytest.raises(CommandError, match="1 of 8 checks") as refusal:
            installation(*verify, name)
        assert f"2 of 2 objects differ from what they were: {KEYS[0]}" in refusal.value.__notes__[0]
        s3.client(endpoint).delete_object(Bucket="pictures", Key=KEYS[0])
        with pytest.raises(CommandError, match="2 of 8 checks") as refusal:
            installation(*verify)
        assert f"WRONG  1 objects are lost: {KEYS[0]}" in refusal.value.__notes__[0]
    finally:
        for key in KEYS:
            s3.client(endpoint).put_object(Bucket="pictures", Key=key, Body=key.encode())

    into = ("restore", name, "--identity", "linky-backup.key", "--into", own_database)
    with pytest.raises(CommandError, match="not empty"):
        installation(*into)
    rows(own_database, "UPDATE users SET nickname = '別人'")
    assert "WRONG" not in installation(*into, "--replace")
    assert rows(own_database, "SELECT nickname FROM users")[0][0] == "花子"


def test_a_backup_is_verified_on_another_machine(
    installation: Run, monkeypatch: pytest.MonkeyPatch, own_database: str
) -> None:
    """The backup is restored into its own PostgreSQL. The live database, if there is one, only says
    which pictures were erased since.
    """
    output = installation("backup-key", "key")
    monkeypatch.setenv("LINKY_BACKUP_RECIPIENTS", output.rpartition("=")[2].strip())
    monkeypatch.setenv("LINKY_BACKUP_TO", "s3://backups/elsewhere")
    installation("backup")
    verify = ("restore", "--verify", "--identity", "key", "--server", "embedded")
    assert "2 objects, all in the store" in installation(*verify)
    rows(own_database, "UPDATE images SET key = $1, thumbnail_key = $2", "images/x", "images/y")
    monkeypatch.setenv("LINKY_S3_BUCKET", "empty")
    assert "2 were erased since" in installation(*verify)
    monkeypatch.delenv("LINKY_DATABASE_URL")
    with pytest.raises(CommandError, match="1 of 8 checks"):
        installation(*verify)
    with pytest.raises(CommandError, match="1 of 8 checks"):
        installation(*verify[:-2])


def test_a_bucket_without_write_access_is_refused(
    installation: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = installation("backup-key", "key")
    monkeypatch.setenv("LINKY_BACKUP_RECIPIENTS", output.rpartition("=")[2].strip())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.READ_ONLY_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.READ_ONLY_SECRET)
    with pytest.raises(CommandError, match="AccessDenied"):
        installation("backup")


def test_a_backup_names_the_missing_setting(
    installation: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match=r"linky backup-key.*LINKY_BACKUP_RECIPIENTS"):
        installation("backup")
    monkeypatch.delenv("LINKY_BACKUP_TO")
    with pytest.raises(CommandError, match="LINKY_BACKUP_TO"):
        installation("backup")
    assert "No backup is made" in installation("backup", "--if-set")
    monkeypatch.setenv("LINKY_BACKUP_TO", "s3://backups/daily")
    with pytest.raises(CommandError, match="LINKY_BACKUP_RECIPIENTS"):
        installation("backup", "--if-set")


def test_the_time_of_the_last_good_backup_is_kept_for_the_alarm(
    installation: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    last = tmp_path / "data" / FILE
    with pytest.raises(CommandError, match="LINKY_BACKUP_RECIPIENTS"):
        installation("backup")
    assert not last.exists(), "a backup is expected before there is a key for it"

    output = installation("backup-key", "key")
    monkeypatch.setenv("LINKY_BACKUP_RECIPIENTS", output.rpartition("=")[2].strip())
    monkeypatch.setenv("LINKY_BACKUP_TO", str(tmp_path / "key" / "in a file"))
    with pytest.raises(CommandError, match="can't be used"):
        installation("backup")
    # The first try began the waiting. If the next ones fail too, it goes on.
    os.utime(last, (1, 1))
    with pytest.raises(CommandError, match="can't be used"):
        installation("backup")
    assert last.stat().st_mtime == 1

    monkeypatch.setenv("LINKY_BACKUP_TO", str(tmp_path / "backups"))
    installation("backup")
    assert last.stat().st_mtime > 1
    monkeypatch.delenv("LINKY_BACKUP_TO")
    installation("backup", "--if-set")
    assert not last.exists()


def test_a_backup_is_made_where_its_time_can_not_be_kept(
    installation: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output = installation("backup-key", "key")
    monkeypatch.setenv("LINKY_BACKUP_RECIPIENTS", output.rpartition("=")[2].strip())
    monkeypatch.setenv("LINKY_BACKUP_TO", str(tmp_path / "backups"))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "key" / "in a file"))
    made = installation("backup")
    assert "can't be kept" in made
    assert f"is in {tmp_path / 'backups'}" in made


def test_the_urls_of_a_restore_may_come_from_the_environment(
    installation: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation("backup-key", "key")
    for name, option, arguments in (
        ("LINKY_RESTORE_SERVER", "--server", ["--verify"]),
        ("LINKY_RESTORE_INTO", "--into", [A_NAME]),
    ):
        monkeypatch.setenv(name, "mysql://h/d")
        with pytest.raises(CommandError, match=f"{option} .*postgresql://"):
            installation("restore", *arguments, "--identity", "key")
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--verify"], "--identity"),
        (["--identity", "key"], "--verify or --into"),
        (["--verify", "--into", "postgresql://h/d", "--identity", "key"], "--verify or --into"),
        (["--into", "postgresql://h/d", "--identity", "key"], "name the backup"),
        (["--into", "postgresql://h/d", "--replace", "--identity", "key"], "name the backup"),
        ([A_NAME, "--into", "mysql://h/d", "--identity", "key"], "postgresql://"),
        (["--verify", "--identity", "nowhere"], "can't be read"),
        (["--verify", "--identity", "key", "--from", "empty"], "no backup"),
        (["yesterday", "--verify", "--identity", "key"], "not the name of a backup"),
        ([A_NAME, "--verify", "--identity", "key", "--from", "e"], "there is no"),
    ],
)
def test_an_impossible_restore_is_refused_with_its_reason(
    installation: Run, arguments: list[str], words: str
) -> None:
    installation("backup-key", "key")
    with pytest.raises(CommandError, match=words):
        installation("restore", *arguments)
