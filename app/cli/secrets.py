"""`linky put-secrets`: creates the secrets of an installation in AWS Parameter Store.

No value appears on the terminal, on a command line or in the shell's history.
"""

import secrets
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from app.cli.common import CommandError
from app.core.clock import utc_now
from app.core.settings import parameter_store
from app.core.settings.config import Settings
from app.operations.key_ring import new_pair

SECRETS = {
    "LINKY_SMTP_PASSWORD",
    "LINKY_GOOGLE_CLIENT_SECRET",
    "LINKY_LINE_CHANNEL_SECRET",
    "LINKY_FCM_CREDENTIALS",
    "LINKY_APPLE_PRIVATE_KEY",
    "LINKY_WEBHOOK_URL",
    "LINKY_WEBHOOK_SECRET",
    "LINKY_PICTURE_CHECK_URL",
    "LINKY_LIMITS_URL",
    "LINKY_DATABASE_URL",
    "LINKY_DIRECT_DATABASE_URL",
    "LINKY_DATABASE_REPLICA_URL",
}
"""What an operator can give: what other companies made, and addresses with a password or token.

`LINKY_DATABASE_URL` is generated, and becomes a pooler's with --overwrite.
"""

OPERATIONS = ("LINKY_MIGRATION_DATABASE_URL",)
"""Only migrations and backups may read these. They have a prefix of their own."""

GENERATED = ("LINKY_JWT_KEYS", "LINKY_DATABASE_URL", *OPERATIONS)
OWNER, SERVER, DATABASE = "linky_owner", "linky_app", "linky"
MAX_BYTES = 4096
"""The size limit of a standard parameter."""

OTHERS = {
    "env": "production",
    "database_url": "postgresql://database.invalid/linky",
    "jwt_keys": "any:" + "x" * 32,
    "public_url": "https://linky.invalid",
    "webhook_url": "https://linky.invalid",
    "webhook_secret": "x" * 32,
}
"""What the validation of one value needs besides it."""

RESTART = """Servers read their secrets when they start. On each that runs already:
  sudo linky-deploy --restart"""


class GivenSettings(Settings):
    """Validates a value as the server will. Reads no environment, no file and no store."""

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
    """The outputs of a deployed CloudFormation stack."""

    prefix: str
    operations: str
    database_host: str
    master_secret: str
    instance: str


def put_secrets(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="The LINKY_… to ask for. A pipe has one line for each, in this order."),
    ] = None,
    stack: Annotated[
        str, typer.Option(help="The name of the stack of deploy/aws/linky.yaml.")
    ] = "linky",
    file: Annotated[
        list[str] | None,
        typer.Option(help="A file to store, as LINKY_FCM_CREDENTIALS=fcm.json. May be repeated."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the named secrets that exist.")
    ] = False,
    key_id: Annotated[
        str | None, typer.Option(help="A KMS key of your own (SecretsKeyArn of the stack).")
    ] = None,
) -> None:
    """Create the secrets in AWS Parameter Store.

    Generates keys and database passwords, and stores them with the secrets that you name. Existing
    secrets stay, except those that you name together with --overwrite. No value is printed.
    """
    outputs = _find_stack(stack)
    named = dict(_read_files(file or [])) | dict(_ask_for(names or []))
    for name, value in named.items():
        _ensure_valid(name, value)
    parameter_store.ensure_apart(outputs.prefix, outputs.operations)
    servers = SecretStore(outputs.prefix, key_id)
    operations = SecretStore(outputs.operations, key_id)
    made: set[str] = set()
    for name in GENERATED:
        store = operations if name in OPERATIONS else servers
        if store.put(name, _generate(name, outputs.database_host), overwrite=False):
            made.add(name)
    are_stored = [servers.put(name, value, overwrite=overwrite) for name, value in named.items()]
    for step in _next_steps(outputs, made, is_changed=any(are_stored)):
        typer.echo(f"\n{step}")


class SecretStore:
    def __init__(self, prefix: str, key_id: str | None) -> None:
        self._prefix = prefix
        self._key = {"KeyId": key_id} if key_id else {}
        self._ssm = parameter_store.client()

    def put(self, name: str, value: str, *, overwrite: bool) -> bool:
        """Store a secret, or keep the existing one. Prints which; returns whether it is stored."""
        path = f"{parameter_store.normal_prefix(self._prefix)}/{name}"
        with parameter_store.speaking_of(path, "ssm:PutParameter"):
            try:
                self._ssm.put_parameter(
                    Name=path, Value=value, Type="SecureString", Overwrite=overwrite, **self._key
                )
            except self._ssm.exceptions.ParameterAlreadyExists:
                typer.echo(f"kept  {path} (it was there)")
                return False
        typer.echo(f"put   {path}")
        return True


def _find_stack(name: str) -> Stack:
    """Raises Refusal."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        response = boto3.session.Session().client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Message", "")
        raise CommandError(f"the stack {name} can't be read: {reason}.") from None
    except BotoCoreError as error:
        raise CommandError(f"the stack {name} can't be read: {error}.") from None
    outputs = {o["OutputKey"]: o["OutputValue"] for o in response["Stacks"][0].get("Outputs", [])}
    try:
        return Stack(
            outputs["ParameterPrefix"],
            outputs["OperationsPrefix"],
            outputs["DatabaseHost"],
            outputs["MasterSecret"],
            outputs.get("InstanceId", "INSTANCE"),
        )
    except KeyError as error:
        raise CommandError(f"the stack {name} has no output {error}; is it ready?") from None


def _generate(name: str, database_host: str) -> str:
    if name == "LINKY_JWT_KEYS":
        return new_pair(utc_now())
    role = OWNER if name in OPERATIONS else SERVER
    password = secrets.token_urlsafe(32)
    return f"postgresql://{role}:{password}@{database_host}:5432/{DATABASE}?sslmode=verify-full"


def _read_files(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    for file in files:
        name, _, path = file.partition("=")
        try:
            yield name, Path(path).read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"the file for {name} can't be read ({error.strerror}).") from None


def _ask_for(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Ask for values without showing them, or read them from a pipe.

    Values don't go on the command line: every user of the machine can read it there, and the
    shell's history keeps it.
    """
    for name in names:
        if "=" in name:
            raise CommandError("write names only: other users can see a value on a command line.")
        if sys.stdin.isatty():
            yield name, str(typer.prompt(name, hide_input=True))
        else:
            yield name, sys.stdin.readline().rstrip("\r\n")


def _ensure_valid(name: str, value: str) -> None:
    """Validate a value as the server will when it starts. Raises Refusal, without the value."""
    if name not in SECRETS:
        raise CommandError(f"{name} is not one of {', '.join(sorted(SECRETS))}.")
    if not value:
        raise CommandError(f"nothing was given for {name}.")
    if len(value.encode()) > MAX_BYTES:
        raise CommandError(f"{name} has more than {MAX_BYTES} bytes, which a parameter can't hold.")
    field = name.removeprefix("LINKY_").lower()
    try:
        settings = GivenSettings.model_validate(OTHERS | {field: value})
    except ValidationError as error:
        wrong = error.errors()[0]
        words = wrong["msg"].removeprefix("Value error, ")
        # What is wrong with several settings together names them itself.
        raise CommandError(f"{name} {words}." if wrong["loc"] else f"{words}.") from None
    if isinstance(getattr(settings, field), Path):
        raise CommandError(f"{name} must be the content of a file: --file {name}=PATH.")


def _next_steps(stack: Stack, made: set[str], *, is_changed: bool) -> Iterator[str]:
    """The operator's next steps, by what was generated (`made`) and whether a value was given."""
    if made - {"LINKY_JWT_KEYS"}:
        yield _steps_of_roles(stack)
    # Only an installation without any secrets is new. Another may have a release that serves.
    if made == set(GENERATED):
        yield _steps_of_installation(stack)
    elif made or is_changed:
        yield RESTART


def _steps_of_roles(stack: Stack) -> str:
    return f"""\
Next, give the database its roles, through a tunnel that you leave open in another terminal:
  aws ssm start-session --target {stack.instance} \\
      --document-name AWS-StartPortForwardingSessionToRemoteHost \\
      --parameters host={stack.database_host},portNumber=5432,localPortNumber=15432
  curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
  LINKY_PARAMETER_STORE_PREFIX={stack.prefix} LINKY_OPERATIONS_PREFIX={stack.operations} \\
      LINKY_DATABASE_CA=global-bundle.pem ./dev linky bootstrap-database \\
      --via 127.0.0.1:15432 --master-secret '{stack.master_secret}'"""


def _steps_of_installation(stack: Stack) -> str:
    return f"""\
Then, on the server (aws ssm start-session --target {stack.instance}), the external id that the
stack was given, on a line that Ctrl-D ends, and the installation:
  sudo install -m 0600 /dev/stdin /etc/linky/operations-id
  sudo linky-bootstrap"""
