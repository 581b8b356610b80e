"""Settings from AWS Parameter Store.

They are below `LINKY_PARAMETER_STORE_PREFIX`. Migrations and backups also read those below
`LINKY_OPERATIONS_PREFIX`, which the server may not read.

A parameter is named after its setting: `/linky/prod/LINKY_JWT_KEYS`. The environment and `.env`
take precedence. Credentials come from boto3's default chain (on EC2 the instance's role), the
region from `AWS_DEFAULT_REGION`. A SecureString is decrypted. ADR 0025, ADR 0041.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

ENV_PREFIX = "LINKY_"
CONNECT_SECONDS = 2
READ_SECONDS = 5
ATTEMPTS = 4
METADATA_ATTEMPTS = 3
"""At the first boot the instance's credentials may come a moment late."""


class ParameterStoreError(Exception):
    """The store can't be read, or contradicts itself. The sentence contains no value."""


class ParameterStoreSource(PydanticBaseSettingsSource):
    """The parameters below the prefixes. The environment or `.env` names the prefixes."""

    def __call__(self) -> dict[str, Any]:
        prefix = self.current_state.get("parameter_store_prefix")
        operations = self.current_state.get("operations_prefix")
        if prefix and operations:
            ensure_apart(prefix, operations)
        parameters: dict[str, str] = {}
        for path in filter(None, (prefix, operations)):
            parameters |= _by_setting(path, _read_parameters(path))
        return {
            name: value
            for name, value in parameters.items()
            if name in self.settings_cls.model_fields
        }

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The base class requires this method. We read the whole prefix at once instead."""
        return None, field_name, False


def _read_parameters(prefix: str) -> dict[str, str]:
    """The decrypted values of all parameters below the prefix, by their whole names.

    A page has ten parameters at most, so all pages are read. White space around a value is left
    out: a value that was stored from a file ends with that file's newline.
    """
    path = normal_prefix(prefix)
    with speaking_of(path):
        pages = client().get_paginator("get_parameters_by_path")
        parameters = {
            parameter["Name"]: parameter["Value"].strip()
            for page in pages.paginate(Path=path, Recursive=True, WithDecryption=True)
            for parameter in page["Parameters"]
        }
    if not parameters:
        raise ParameterStoreError(
            f"Parameter Store has nothing below {path}; put the settings there, or correct "
            "LINKY_PARAMETER_STORE_PREFIX, LINKY_OPERATIONS_PREFIX or AWS_DEFAULT_REGION."
        )
    return parameters


def _by_setting(prefix: str, parameters: dict[str, str]) -> dict[str, str]:
    """The values by the fields' names. Raises if two parameters are the same setting."""
    values: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in parameters.items():
        setting = _setting_of(prefix, name)
        if setting in names:
            raise ParameterStoreError(
                f"{names[setting]} and {name} are the same setting; delete one of them."
            )
        names[setting], values[setting] = name, value
    return values


def _setting_of(prefix: str, name: str) -> str:
    """The field's name: `/linky/prod/LINKY_JWT_KEYS` and `/linky/prod/jwt-keys` are `jwt_keys`."""
    plain = name.removeprefix(normal_prefix(prefix)).strip("/").lower()
    return plain.replace("-", "_").replace("/", "_").removeprefix(ENV_PREFIX.lower())


def parameter_of(prefix: str, setting: str) -> str:
    return f"{normal_prefix(prefix)}/{ENV_PREFIX}{setting.upper()}"


def normal_prefix(prefix: str) -> str:
    """The prefix without a slash at its end. Raises if it does not begin with a slash."""
    if not prefix.startswith("/") or not prefix.strip("/"):
        raise ParameterStoreError(
            "LINKY_PARAMETER_STORE_PREFIX and LINKY_OPERATIONS_PREFIX must begin with a slash, "
            "such as /linky/prod"
        )
    return prefix.rstrip("/")


def ensure_apart(prefix: str, operations: str) -> None:
    """Raises ParameterStoreError if the operations' prefix is the server's or below it.

    AWS grants a path with all levels below it, so the server could read it.
    """
    server, other = normal_prefix(prefix), normal_prefix(operations)
    if f"{other}/".startswith(f"{server}/"):
        raise ParameterStoreError(
            f"LINKY_OPERATIONS_PREFIX ({other}) must not be below LINKY_PARAMETER_STORE_PREFIX "
            f"({server}): the server could read it; take {server}-operations, say."
        )


def client() -> Any:
    """A client with short time-outs, because the start of a server waits for it."""
    import boto3
    import botocore.session
    from botocore.config import Config

    core = botocore.session.Session()
    core.set_config_variable("metadata_service_num_attempts", METADATA_ATTEMPTS)
    return boto3.session.Session(botocore_session=core).client(
        "ssm",
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        ),
    )


_WHAT_TO_DO = {
    "AccessDeniedException": "access is denied; {needs} is needed on it, and on the key of its "
    "SecureStrings kms:Decrypt",
    "ExpiredTokenException": "the credentials have expired",
    "UnrecognizedClientException": "the access key is unknown",
    "InvalidKeyId": "the key of a SecureString does not exist any more",
    "ParameterNotFound": "it does not exist; `linky put-secrets` creates what is missing",
}
_WHAT_TO_DO["AccessDenied"] = (
    "the role for it can't be assumed; /etc/linky/operations-id must hold the OperationsExternalId "
    "of the stack, and deploy/host/setup be run again"
)
_WHAT_TO_DO["403"] = _WHAT_TO_DO["AccessDeniedException"]


@contextmanager
def speaking_of(path: str, needs: str = "ssm:GetParametersByPath") -> Iterator[None]:
    """Turn boto3's errors into one sentence about `path`."""
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
        ProfileNotFound,
    )

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        reason = _WHAT_TO_DO.get(code, f"it refused with {code}").format(needs=needs)
    except ProfileNotFound:
        reason = _WHAT_TO_DO["AccessDenied"]
    except NoRegionError:
        reason = "no region is set; set AWS_DEFAULT_REGION"
    except NoCredentialsError:
        reason = (
            "there are no AWS credentials; give the instance a role, or set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY"
        )
    except BotoCoreError as error:
        reason = f"it is out of reach ({type(error).__name__})"
    else:
        return
    raise ParameterStoreError(f"Parameter Store can't be used at {path}: {reason}.") from None
