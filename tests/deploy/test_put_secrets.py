"""The secrets that `linky put-secrets` puts for a deployed stack."""

from pathlib import Path

import pytest

from app.cli.common import CommandError
from app.cli.secrets import OPERATIONS as FOR_OPERATIONS
from app.cli.secrets import SECRETS, put_secrets
from app.core.settings.config import Settings, load_settings
from app.core.settings.database_tls import is_verified
from tests.deploy.deployed_stack import OPERATIONS, PREFIX, Deployed
from tests.support.aws import Aws
from tests.support.stack import DOMAIN

SECRET = "geheim" * 8
GIVEN = {
    "LINKY_SMTP_PASSWORD": SECRET,
    "LINKY_GOOGLE_CLIENT_SECRET": SECRET,
    "LINKY_LINE_CHANNEL_SECRET": SECRET,
    "LINKY_FCM_CREDENTIALS": '{"private_key": "geheim"}',
    "LINKY_APPLE_PRIVATE_KEY": "-----BEGIN PRIVATE KEY----- geheim",
    "LINKY_WEBHOOK_URL": "https://hooks.linky.example/geheim",
    "LINKY_WEBHOOK_SECRET": SECRET,
    "LINKY_PICTURE_CHECK_URL": "https://pictures.linky.example/geheim",
    "LINKY_LIMITS_URL": "valkeys://linky:geheim@cache.linky.example:6379",
    "LINKY_DATABASE_URL": "postgresql://linky_app:geheim@127.0.0.1:6432/linky",
    "LINKY_DIRECT_DATABASE_URL": "postgresql://linky_app:geheim@database.linky.example/linky",
    "LINKY_DATABASE_REPLICA_URL": "postgresql://linky_app:geheim@replica.linky.example/linky",
}


@pytest.fixture(autouse=True)
def new_installation(stack: Deployed) -> None:
    """The tests share the deployed stack: each begins without secrets."""
    for prefix in (PREFIX, OPERATIONS):
        for name in values(stack.aws, prefix):
            stack.aws.client("ssm").delete_parameter(Name=f"{prefix}/{name}")


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
    assert "sudo linky-bootstrap" in output
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
    output = capsys.readouterr().out
    assert output.count("kept") == 4
    assert "linky-" not in output, "nothing was put, so nothing is to be done"

    monkeypatch.setattr("sys.stdin", Lines("another" * 8))
    put_secrets(["LINKY_LINE_CHANNEL_SECRET"], overwrite=True)
    changed = {name for name, value in values(stack.aws).items() if value != stored[name]}
    assert changed == {"LINKY_LINE_CHANNEL_SECRET"}, (
        "secrets that Linky generated are never replaced"
    )
    output = capsys.readouterr().out
    assert "sudo linky-deploy --restart" in output
    assert "bootstrap" not in output, "the server has a release, and the database its roles"


def check_settings_of_operations(stack: Deployed, settings: Settings) -> None:
    """Check that they fit the stack, with a verified database for the server and for migrations."""
    assert settings.storage == "s3"
    assert settings.s3_bucket == stack.outputs["PicturesBucket"]
    assert settings.public_url == f"https://{DOMAIN}"
    assert (settings.mail, settings.mail_from) == ("ses", "no-reply@linky.example")
    assert settings.backup_to == f"s3://{stack.outputs['ArchiveBucket']}/backups"
    assert "linky_app:" in (settings.database_url or "")
    assert "linky_owner:" in (settings.migration_database_url or "")
    assert is_verified(settings.database_url or "")
    assert is_verified(settings.migration_database_url or "")


@pytest.mark.usefixtures("operator")
def test_new_passwords_of_the_database_do_not_install_the_first_release_again(
    stack: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    put_secrets()
    urls = [f"{PREFIX}/LINKY_DATABASE_URL", f"{OPERATIONS}/LINKY_MIGRATION_DATABASE_URL"]
    stack.aws.client("ssm").delete_parameters(Names=urls)
    capsys.readouterr()

    put_secrets()

    output = capsys.readouterr().out
    assert [url for url in urls if f"put   {url}" in output] == urls
    assert "linky bootstrap-database" in output
    assert "sudo linky-deploy --restart" in output
    assert "linky-bootstrap" not in output


def test_every_secret_of_the_server_is_among_them() -> None:
    """All but the keys, which `linky rotate-keys` changes."""
    secret = {
        f"LINKY_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if ("database" in name and name.endswith("_url"))
        or any(kind in str(field.annotation) for kind in ("SecretStr", "FileInMemory"))
    }
    assert secret - set(FOR_OPERATIONS) == SECRETS == GIVEN.keys()


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("name", GIVEN)
def test_a_secret_can_be_put(stack: Deployed, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("sys.stdin", Lines(GIVEN[name]))
    put_secrets([name], overwrite=True)
    assert values(stack.aws)[name] == GIVEN[name]


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
        (["LINKY_TERMS_URL"], "geheim", "is not one of"),
        (
            ["LINKY_LIMITS_URL"],
            "valkey://:geheim@cache.linky.example",
            r"valkeys://.* in production",
        ),
        (["LINKY_DATABASE_REPLICA_URL"], "mysql://geheim", "must begin with postgresql://"),
        (
            ["LINKY_WEBHOOK_URL"],
            "http://hooks.linky.example/geheim",
            "^LINKY_WEBHOOK_URL must begin",
        ),
        (["LINKY_WEBHOOK_SECRET"], "geheim", "^LINKY_WEBHOOK_SECRET must have at least 24 bytes"),
        (["LINKY_LINE_CHANNEL_SECRET=geheim"], "", "command line"),
    ],
)
def test_an_invalid_value_is_refused_and_nothing_is_put(
    stack: Deployed, monkeypatch: pytest.MonkeyPatch, names: list[str], line: str, why: str
) -> None:
    before = values(stack.aws)
    monkeypatch.setattr("sys.stdin", Lines(line))
    with pytest.raises(CommandError, match=why) as refusal:
        put_secrets(names)
    assert "geheim" not in str(refusal.value).replace("geheim.p8", "geheim")
    assert values(stack.aws) == before


@pytest.mark.usefixtures("operator")
def test_an_unknown_stack_is_refused() -> None:
    with pytest.raises(CommandError, match="nowhere"):
        put_secrets(stack="nowhere")
