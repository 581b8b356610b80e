"""Settings from Parameter Store over HTTP, with the credentials of the instance's role."""

from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from app.core.clock import utc_now
from app.core.settings.config import SettingsError, load_settings
from app.core.tokens import TokenCodec
from app.integrations.identity.apple import AppleProvider
from app.integrations.push.base import PushMessage, PushOutcome, PushTarget
from app.runtime.factories import make_push_sender
from tests.support.aws import Aws
from tests.support.command_line import linky_forked, refused
from tests.support.fcm import fake_fcm
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server, environment
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

PREFIX = "/linky/prod"
SECRET = "geheim" * 8
COMPLETE = {
    "LINKY_ENV": "production",
    "LINKY_DATABASE_URL": "postgresql://linky_app:geheim@db.example:5432/linky?sslmode=require",
    "LINKY_JWT_KEYS": f"one:{SECRET}",
    "LINKY_PUBLIC_URL": "https://api.linky.example",
}


@pytest.fixture(autouse=True)
def no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the checkout, so that its `.env` is not read."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def prefix(on_an_instance: Aws, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)
    return PREFIX


def refusal() -> str:
    """The error of `load_settings`. It never contains a secret."""
    with pytest.raises(SettingsError) as raised:
        load_settings()
    text = str(raised.value)
    assert "geheim" not in text
    assert "\n" not in text
    return text


def test_all_parameters_are_read_and_secrets_are_decrypted(aws: Aws, prefix: str) -> None:
    more = {
        "LINKY_STORAGE": "s3",
        "LINKY_S3_BUCKET": "linky-pictures",
        "LINKY_MAIL": "ses",
        "LINKY_MAIL_FROM": "Linky <no-reply@linky.example>",
        "LINKY_LINE_CHANNEL_ID": "1234567890",
        "LINKY_LINE_CHANNEL_SECRET": SECRET,
        "LINKY_GOOGLE_CLIENT_IDS": "web.example,ios.example",
        "LINKY_GOOGLE_CLIENT_SECRET": SECRET,
        "LINKY_TRUSTED_PROXIES": "127.0.0.1",
        "LINKY_TERMS_VERSION": "2026-11-01",
    }
    aws.put(prefix, COMPLETE | more)
    assert len(COMPLETE | more) > 10, "more than a page, which has ten"

    settings = load_settings()

    assert settings.is_production
    assert settings.database_url == (
        "postgresql+asyncpg://linky_app:geheim@db.example:5432/linky?ssl=require"
    )
    assert settings.signing_keys == {"one": SECRET.encode()}
    assert settings.google_client_ids == ("web.example", "ios.example")
    assert settings.line_channel_secret is not None
    assert settings.line_channel_secret.get_secret_value() == SECRET
    for name in ("s3_bucket", "terms_version", "mail_from", "line_channel_id"):
        assert getattr(settings, name) == more[f"LINKY_{name.upper()}"]


@pytest.mark.parametrize("name", ["LINKY_CONTACT_EMAIL", "contact_email", "contact-email"])
def test_the_name_of_a_parameter_may_be_written_in_other_ways(
    aws: Aws, prefix: str, name: str
) -> None:
    aws.put(prefix, {name: "help@linky.example"})
    assert load_settings().contact_email == "help@linky.example"


def test_two_parameters_for_one_setting_are_refused(aws: Aws, prefix: str) -> None:
    aws.put(prefix, {"LINKY_JWT_KEYS": f"a:{SECRET}", "jwt_keys": f"b:{SECRET}"})
    text = refusal()
    assert f"{PREFIX}/LINKY_JWT_KEYS" in text
    assert f"{PREFIX}/jwt_keys" in text


def test_the_environment_overrides_the_file_and_the_file_overrides_the_store(
    aws: Aws, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("LINKY_S3_BUCKET", "LINKY_TERMS_VERSION", "LINKY_CONTACT_EMAIL")
    aws.put(prefix, dict.fromkeys(names, "store"))
    (tmp_path / ".env").write_text("LINKY_S3_BUCKET=file\nLINKY_TERMS_VERSION=file\n")
    monkeypatch.setenv("LINKY_S3_BUCKET", "environment")

    settings = load_settings()

    assert settings.s3_bucket == "environment"
    assert settings.terms_version == "file"
    assert settings.contact_email == "store"


def test_the_prefix_may_be_set_in_the_file(
    on_an_instance: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_an_instance.put(PREFIX, {"LINKY_S3_BUCKET": "linky-pictures"})
    (tmp_path / ".env").write_text(f"LINKY_PARAMETER_STORE_PREFIX={PREFIX}/\n")
    assert load_settings().s3_bucket == "linky-pictures"


def test_parameters_below_a_longer_prefix_are_not_read(aws: Aws, prefix: str) -> None:
    aws.put(prefix, {"LINKY_S3_BUCKET": "ours"})
    aws.put(f"{prefix}2", {"LINKY_S3_BUCKET": "theirs", "LINKY_TERMS_VERSION": "theirs"})
    settings = load_settings()
    assert (settings.s3_bucket, settings.terms_version) == ("ours", None)


def test_without_a_prefix_aws_is_not_called(
    on_an_instance: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert load_settings().s3_bucket is None


def test_white_space_around_a_value_is_no_part_of_it(aws: Aws, prefix: str) -> None:
    """`aws ssm put-parameter --value file://value` keeps the newline at the end of the file."""
    aws.put(prefix, {name: f" {value}\r\n" for name, value in COMPLETE.items()})
    settings = load_settings()
    assert settings.is_production
    assert str(settings.database_url).endswith("/linky?ssl=require")
    assert settings.signing_keys == {"one": SECRET.encode()}
    assert settings.base_url == COMPLETE["LINKY_PUBLIC_URL"]


def test_all_missing_settings_are_named_at_once(aws: Aws, prefix: str) -> None:
    aws.put(prefix, {"LINKY_ENV": "production", "LINKY_STORAGE": "s3", "LINKY_SMTP_USER": SECRET})
    text = refusal()
    for name in ("LINKY_DATABASE_URL", "LINKY_JWT_KEYS", "LINKY_PUBLIC_URL", "LINKY_S3_BUCKET"):
        assert name in text


def test_a_wrong_value_is_named_and_not_shown(aws: Aws, prefix: str) -> None:
    aws.put(prefix, COMPLETE | {"LINKY_JWT_KEYS": "one:geheim", "LINKY_PORT": "geheim"})
    text = refusal()
    assert "LINKY_JWT_KEYS" in text
    assert "LINKY_PORT" in text


def test_a_prefix_with_nothing_below_it_is_refused(prefix: str) -> None:
    text = refusal()
    assert PREFIX in text
    assert "LINKY_PARAMETER_STORE_PREFIX" in text


@pytest.mark.parametrize("wrong", ["linky/prod", "/", "arn:aws:ssm"])
def test_an_invalid_prefix_is_refused(
    prefix: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", wrong)
    assert "slash" in refusal()


def test_a_missing_right_of_the_role_is_named(
    aws: Aws, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.put(prefix, COMPLETE)
    for name, value in aws.role("without-rights").environment.items():
        monkeypatch.setenv(name, value)
    aws.enforce(0)
    assert "ssm:GetParametersByPath" in refusal()


def test_a_missing_region_is_named(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "AWS_DEFAULT_REGION" in refusal()


def test_missing_credentials_are_named(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert "give the instance a role" in refusal()


async def test_the_fcm_key_may_be_given_as_its_content(
    aws: Aws, prefix: str, tmp_path: Path
) -> None:
    with fake_fcm() as fcm:
        file = fcm.write_credentials(tmp_path / "key.json")
        push_settings = {"LINKY_PUSH": "fcm", "LINKY_FCM_CREDENTIALS": file.read_text()}
        aws.put(prefix, push_settings)
        file.unlink()
        settings = load_settings().model_copy(update={"fcm_endpoint": fcm.url})
        assert "PRIVATE KEY" not in repr(settings)

        message = PushMessage("title", "body", {}, 1, "n", "comments")
        target = PushTarget(uuid4(), "fcm_token", "ok-1", "android")
        (sent,) = await make_push_sender(settings).send(message, [target])

        assert sent.outcome == PushOutcome.SENT
        assert len(fcm.sent) == 1


def test_the_apple_key_may_be_given_as_its_content(aws: Aws, prefix: str) -> None:
    key = ECKey.generate_key("P-256")
    ours = {"LINKY_APPLE_TEAM_ID": "TEAM", "LINKY_APPLE_KEY_ID": "KEY"}
    ours |= {"LINKY_APPLE_CLIENT_IDS": "example.linky,example.linky.web"}
    aws.put(prefix, ours | {"LINKY_APPLE_PRIVATE_KEY": key.as_pem(private=True).decode()})
    secret = AppleProvider(load_settings(), utc_now).client_secret()
    assert secret is not None
    assert jwt.decode(secret, key, algorithms=["ES256"]).claims["iss"] == "TEAM"


def on_the_store(aws: Aws, tmp_path: Path, **settings: str) -> dict[str, str]:
    """The environment of a process that reads its other settings from the store."""
    inherited = environment(tmp_path / "data", **settings)
    kept = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
    ours = {"LINKY_ENV": "", "LINKY_RATE_LIMITS": "", "LINKY_PARAMETER_STORE_PREFIX": PREFIX}
    return kept | aws.environment() | ours


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_process_ends_if_a_setting_is_missing(aws: Aws, tmp_path: Path, command: str) -> None:
    aws.put(PREFIX, COMPLETE | {"LINKY_PUSH": "fcm"})
    settings = on_the_store(aws, tmp_path)
    refused(linky_forked([command], settings, tmp_path), "LINKY_FCM_CREDENTIALS")


def test_a_server_can_take_all_its_settings_from_the_store(
    aws: Aws, tmp_path: Path, own_database: str
) -> None:
    aws.put(PREFIX, COMPLETE | {"LINKY_DATABASE_URL": own_database})
    server = Server(tmp_path / "data", [*QUICK_LINKY, "serve"])
    server.environment = on_the_store(aws, tmp_path, LINKY_PORT=str(server.port))
    try:
        server.start()
        answer = httpx.post(f"{server.url}/api/v1/auth/guest", timeout=HANG_SECONDS)
        assert answer.status_code == 201
        token = answer.json()["tokens"]["access_token"]
        codec = TokenCodec({"one": SECRET.encode()}, utc_now)
        assert codec.decode(token).is_guest
    finally:
        server.clean_up()
