"""Settings only for migrations and backups: they have their own prefix and their own role."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.core.settings.config import Settings, SettingsError, load_settings
from tests.support.aws import ACCOUNT, Aws, document
from tests.support.stack import ROOT
from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS

PREFIX, OPERATIONS = "/linky/prod", "/linky/prod-operations"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operations"
EXTERNAL_ID = "0123456789abcdef" * 4
OWNERS = "postgresql://linky_owner:geheim@db.example/linky"
SCRIPT = ROOT / "deploy" / "host" / "operations-profile"


@pytest.fixture
def stored(on_an_instance: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Aws:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)
    on_an_instance.put(PREFIX, {"LINKY_TERMS_VERSION": "2026-11", "LINKY_S3_BUCKET": "pictures"})
    on_an_instance.put(OPERATIONS, {"LINKY_MIGRATION_DATABASE_URL": OWNERS})
    return on_an_instance


@pytest.fixture
def gate(stored: Aws) -> Iterator[str]:
    """An STS that checks the external id as AWS does. Moto does not check it."""

    def respond(request: Request) -> Response:
        form, xml = request.form, {"Content-Type": "text/xml"}
        if (form.get("ExternalId"), form["RoleArn"]) != (EXTERNAL_ID, ROLE):
            return Response(403, b"<R><Error><Code>AccessDenied</Code></Error></R>", xml)
        answer = httpx.post(
            stored.url, content=request.body, headers=dict(request.headers), timeout=HANG_SECONDS
        )
        return Response(answer.status_code, answer.content, xml)

    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    stored.client("iam").create_role(
        RoleName="operations", AssumeRolePolicyDocument=document(trust)
    )
    with stub_server(respond) as server:
        yield server.url


def profile(external_id: str) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), ROLE]
    return subprocess.run(command, input=external_id, capture_output=True, text=True, check=False)


def settings_of_operations(
    gate: str, profile_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """The settings as a migration reads them on a host."""
    monkeypatch.setenv("LINKY_OPERATIONS_PREFIX", OPERATIONS)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", gate)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profile_file))
    monkeypatch.setenv("AWS_PROFILE", "linky-operations")
    return load_settings()


def test_a_migration_reads_both_prefixes_with_its_own_role(
    gate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "operations.aws"
    file.write_text(profile(f"{EXTERNAL_ID}\n").stdout)
    settings = settings_of_operations(gate, file, monkeypatch)
    assert settings.terms_version == "2026-11"
    assert "linky_owner:geheim" in str(settings.migration_database_url)


def test_without_the_external_id_the_role_is_refused(
    gate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tries the profiles that a process of the server could write."""
    file = tmp_path / "operations.aws"
    right = profile(EXTERNAL_ID).stdout
    for text in (
        right.replace(f"external_id = {EXTERNAL_ID}", ""),
        profile("another" * 8).stdout,
        "",
    ):
        file.write_text(text)
        with pytest.raises(SettingsError, match="operations-id") as refused:
            settings_of_operations(gate, file, monkeypatch)
        assert "geheim" not in str(refused.value)


def test_the_server_does_not_get_the_settings_of_operations(stored: Aws) -> None:
    assert load_settings().migration_database_url is None


@pytest.mark.parametrize("wrong", ["", "two words", 'quote"', "line\n[profile x]"])
def test_an_invalid_external_id_is_refused(wrong: str) -> None:
    done = profile(wrong)
    assert done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize("below", [PREFIX, f"{PREFIX}/", f"{PREFIX}/operations"])
def test_a_prefix_that_the_server_could_read_is_refused(
    stored: Aws, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    monkeypatch.setenv("LINKY_OPERATIONS_PREFIX", below)
    with pytest.raises(SettingsError, match="the server could read it"):
        load_settings()


def test_the_prefix_of_operations_overrides_that_of_the_server(
    stored: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have the setting while an installation moves it."""
    stored.put(PREFIX, {"LINKY_MIGRATION_DATABASE_URL": OWNERS.replace("geheim", "old")})
    monkeypatch.setenv("LINKY_OPERATIONS_PREFIX", OPERATIONS)
    assert "geheim" in str(load_settings().migration_database_url)
