"""`linky put-secrets`: what is secret, into Parameter Store, and seen by nobody on the way."""

import secrets
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from app.cli.common import Refusal
from app.core import parameter_store
from app.core.clock import utc_now
from app.core.config import Settings
from app.operations.key_ring import new_pair

SECRETS = {
    "LINKY_SMTP_PASSWORD",
    "LINKY_GOOGLE_CLIENT_SECRET",
    "LINKY_LINE_CHANNEL_SECRET",
    "LINKY_FCM_CREDENTIALS",
    "LINKY_APPLE_PRIVATE_KEY",
}
"""What others give us. The rest Linky makes itself."""

OPERATIONS = ("LINKY_MIGRATION_DATABASE_URL",)
"""What only migrations and backups may read. It has a prefix of its own."""

GENERATED = ("LINKY_JWT_KEYS", "LINKY_DATABASE_URL", *OPERATIONS)
OWNER, SERVER, DATABASE = "linky_owner", "linky_app", "linky"
MOST_BYTES = 4096
"""Of a standard parameter."""


class Given(Settings):
    """Checks a value as the server will, and nothing besides: no environment, no file, no store."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Stack(NamedTuple):
    """What a deployed stack says of itself."""

    prefix: str
    operations: str
    database_host: str
    master_secret: str
    instance: str


def put_secrets(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="LINKY_… to be asked for; from a pipe, one line each, in this order."),
    ] = None,
    stack: Annotated[str, typer.Option(help="The stack of deploy/aws/linky.yaml.")] = "linky",
    file: Annotated[
        list[str] | None, typer.Option(help="LINKY_FCM_CREDENTIALS=fcm.json; may be repeated.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also what is there already, of what you name.")
    ] = False,
    key_id: Annotated[
        str | None, typer.Option(help="A KMS key of your own (SecretsKeyArn of the stack).")
    ] = None,
) -> None:
    """Make the keys and passwords of an installation, and put them with what you name.

    What exists is never changed, unless named and with --overwrite. No value is printed.
    """
    found = stack_called(stack)
    named = dict(_files(file or [])) | dict(_asked(names or []))
    for name, value in named.items():
        _check(name, value)
    parameter_store.ensure_apart(found.prefix, found.operations)
    store, hidden = SecretStore(found.prefix, key_id), SecretStore(found.operations, key_id)
    for name in GENERATED:
        place = hidden if name in OPERATIONS else store
        typer.echo(place.put(name, _make(name, found.database_host), overwrite=False))
    for name, value in named.items():
        typer.echo(store.put(name, value, overwrite=overwrite))
    typer.echo(_what_is_next(found))


class SecretStore:
    """The SecureStrings below a prefix."""

    def __init__(self, prefix: str, key_id: str | None) -> None:
        self._prefix = prefix
        self._key = {"KeyId": key_id} if key_id else {}
        self._ssm = parameter_store.client()

    def put(self, name: str, value: str, *, overwrite: bool) -> str:
        """Put it, or leave what is there; says which, and never the value."""
        path = f"{parameter_store.normal_prefix(self._prefix)}/{name}"
        with parameter_store.speaking_of(path, "ssm:PutParameter"):
            try:
                self._ssm.put_parameter(
                    Name=path, Value=value, Type="SecureString", Overwrite=overwrite, **self._key
                )
            except self._ssm.exceptions.ParameterAlreadyExists:
                return f"kept  {path} (it was there)"
        return f"put   {path}"


def stack_called(name: str) -> Stack:
    """The outputs of a deployed stack. Raises Refusal."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.session.Session().client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", "")
        raise Refusal(f"the stack {name} can't be read: {reason}.") from None
    except BotoCoreError as error:
        raise Refusal(f"the stack {name} can't be read: {error}.") from None
    outputs = {o["OutputKey"]: o["OutputValue"] for o in answer["Stacks"][0].get("Outputs", [])}
    try:
        return Stack(
            outputs["ParameterPrefix"],
            outputs["OperationsPrefix"],
            outputs["DatabaseHost"],
            outputs["MasterSecret"],
            outputs.get("InstanceId", "INSTANCE"),
        )
    except KeyError as error:
        raise Refusal(f"the stack {name} has no output {error}; is it ready?") from None


def _make(name: str, database_host: str) -> str:
    if name == "LINKY_JWT_KEYS":
        return new_pair(utc_now())
    role = OWNER if name in OPERATIONS else SERVER
    password = secrets.token_urlsafe(32)
    return f"postgresql://{role}:{password}@{database_host}:5432/{DATABASE}?sslmode=verify-full"


def _files(given: Iterable[str]) -> Iterator[tuple[str, str]]:
    for one in given:
        name, _, path = one.partition("=")
        try:
            yield name, Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise Refusal(f"the file for {name} can't be read ({error.strerror}).") from None


def _asked(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """By a prompt that shows nothing; from a pipe a line each. Never from the command line, which
    every user of the machine can read, and the shell's history keeps.
    """
    for name in names:
        if "=" in name:
            raise Refusal("write names only: a value on a command line is seen by others.")
        if sys.stdin.isatty():
            yield name, str(typer.prompt(name, hide_input=True))
        else:
            yield name, sys.stdin.readline().rstrip("\r\n")


def _check(name: str, value: str) -> None:
    """Find out here, and not when the server starts. Raises Refusal, without the value."""
    if name not in SECRETS:
        raise Refusal(f"{name} is none of {', '.join(sorted(SECRETS))}.")
    if not value:
        raise Refusal(f"nothing was given for {name}.")
    if len(value.encode()) > MOST_BYTES:
        raise Refusal(f"{name} has more than {MOST_BYTES} bytes, which a parameter can't hold.")
    try:
        settings = Given.model_validate({name.removeprefix("LINKY_").lower(): value})
    except ValidationError as error:
        raise Refusal(f"{name} {error.errors()[0]['msg'].removeprefix('Value error, ')}.") from None
    held = getattr(settings, name.removeprefix("LINKY_").lower())
    if isinstance(held, Path):
        raise Refusal(f"{name} must be what a file holds: --file {name}=PATH.")


def _what_is_next(stack: Stack) -> str:
    return f"""
Next, the database's roles, through a tunnel that you leave open in another terminal:
  aws ssm start-session --target {stack.instance} \\
      --document-name AWS-StartPortForwardingSessionToRemoteHost \\
      --parameters host={stack.database_host},portNumber=5432,localPortNumber=15432
  curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
  LINKY_PARAMETER_STORE_PREFIX={stack.prefix} LINKY_OPERATIONS_PREFIX={stack.operations} \\
      LINKY_DATABASE_CA=global-bundle.pem linky bootstrap-database \\
      --via 127.0.0.1:15432 --master-secret '{stack.master_secret}'
Then, on the server (aws ssm start-session --target {stack.instance}), the external id that the
stack was given, on a line that Ctrl-D ends, and the installation:
  sudo install -m 0600 /dev/stdin /etc/linky/operations-id
  sudo linky-bootstrap"""
