"""The secrets that `linky put-secrets` puts for a deployed stack."""

from pathlib import Path

import pytest

from app.cli.common import Refusal
from app.cli.secrets import put_secrets
from app.core.config import Settings, load_settings
from app.core.database_tls import is_verified
from tests.support.aws import Aws
from tests.support.deployed_stack import OPERATIONS, PREFIX, Deployed
from tests.support.stack import DOMAIN

SECRET = "geheim" * 8


@pytest.mark.usefixtures("operator")
def test_secrets_are_put_once_and_the_server_can_load_them(
    stack: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.stdin", Lines(SECRET))
    key = tmp_path / "fcm.json"
    key.write_text('{"private_key": "geheim"}')

    put_secrets(["LINKY_LINE_CHANNEL_SECRET"], file=[f"LINKY_FCM_CREDENTIALS={key}"])

    output = capsys.readouterr().out
    assert "geheim" not in output
    assert stack.outputs["DatabaseHost"] in output
    stored = values(stack.aws)
    operations_values = values(stack.aws, OPERATIONS)
    assert stored.keys() == {
        *("LINKY_JWT_KEYS", "LINKY_DATABASE_URL"),
        *("LINKY_LINE_CHANNEL_SECRET", "LINKY_FCM_CREDENTIALS"),
    }
    assert operations_values.keys() == {"LINKY_MIGRATION_DATABASE_URL"}
    for value in (
        stored["LINKY_JWT_KEYS"],
        stored["LINKY_DATABASE_URL"],
        *operations_values.values(),
    ):
        assert value not in output
    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)
    monkeypatch.setenv("LINKY_ENV", "production")
    assert load_settings().migration_database_url is None, "the server does not need it"
    monkeypatch.setenv("LINKY_OPERATIONS_PREFIX", OPERATIONS)
    check_settings_of_operations(stack, load_settings())

    monkeypatch.setattr("sys.stdin", Lines("another" * 8))
    put_secrets(["LINKY_LINE_CHANNEL_SECRET"])
    assert (values(stack.aws), values(stack.aws, OPERATIONS)) == (stored, operations_values)
    assert capsys.readouterr().out.count("kept") == 4

    monkeypatch.setattr("sys.stdin", Lines("another" * 8))
    put_secrets(["LINKY_LINE_CHANNEL_SECRET"], overwrite=True)
    changed = {name for name, value in values(stack.aws).items() if value != stored[name]}
    assert changed == {"LINKY_LINE_CHANNEL_SECRET"}, (
        "secrets that Linky generated are never replaced"
    )


def check_settings_of_operations(stack: Deployed, settings: Settings) -> None:
    """Check that they fit the stack, with a verified database for the server and for migrations."""
    assert settings.storage == "s3"
    assert settings.s3_bucket == stack.outputs["PicturesBucket"]
    assert settings.public_url == f"https://{DOMAIN}"
    assert (settings.mail, settings.mail_from) == ("ses", "Linky <no-reply@linky.example>")
    assert settings.backup_to == f"s3://{stack.outputs['ArchiveBucket']}/backups"
    assert "linky_app:" in (settings.database_url or "")
    assert "linky_owner:" in (settings.migration_database_url or "")
    assert is_verified(settings.database_url or "")
    assert is_verified(settings.migration_database_url or "")


class Lines:
    """A pipe with one line."""

    def __init__(self, line: str) -> None:
        self._line = line

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        return f"{self._line}\n"


def values(aws: Aws, prefix: str = PREFIX) -> dict[str, str]:
    """The SecureStrings below a prefix, by setting."""
    pages = aws.client("ssm").get_paginator("get_parameters_by_path")
    return {
        parameter["Name"].rpartition("/")[2]: parameter["Value"]
        for page in pages.paginate(Path=prefix, WithDecryption=True)
        for parameter in page["Parameters"]
        if parameter["Type"] == "SecureString"
    }


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize(
    ("names", "line", "why"),
    [
        (["LINKY_LINE_CHANNEL_SECRET"], "geheim", "32"),
        (["LINKY_LINE_CHANNEL_SECRET"], "", "nothing was given"),
        (["LINKY_LINE_CHANNEL_SECRET"], "geheim" * 700, "4096"),
        (["LINKY_APPLE_PRIVATE_KEY"], "geheim.p8", "--file"),
        (["LINKY_TERMS_URL"], "geheim", "none of"),
        (["LINKY_LINE_CHANNEL_SECRET=geheim"], "", "command line"),
    ],
)
def test_an_invalid_value_is_refused_and_nothing_is_put(
    stack: Deployed, monkeypatch: pytest.MonkeyPatch, names: list[str], line: str, why: str
) -> None:
    before = values(stack.aws)
    monkeypatch.setattr("sys.stdin", Lines(line))
    with pytest.raises(Refusal, match=why) as refusal:
        put_secrets(names)
    assert "geheim" not in str(refusal.value).replace("geheim.p8", "geheim")
    assert values(stack.aws) == before


@pytest.mark.usefixtures("operator")
def test_an_unknown_stack_is_refused() -> None:
    with pytest.raises(Refusal, match="nowhere"):
        put_secrets(stack="nowhere")
