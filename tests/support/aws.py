"""AWS on loopback: moto's server, in this process. It stores resources and enforces roles.

`tests/deploy/test_stack_smoke.py` lists the properties that moto ignores.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx

from tests.support.boto import read_models_once
from tests.support.waiting import HANG_SECONDS

REGION = "ap-northeast-1"

ACCOUNT = "123456789012"
"""The account id that moto uses."""


class Credentials(NamedTuple):
    key: str
    secret: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        return dict(zip(names, self, strict=True))


class Aws:
    """The server: makes clients of it, and the environment of a process that uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self, service: str, **credentials: str) -> Any:
        """Without credentials it may do everything."""
        import boto3

        keys = {"aws_access_key_id": "operator", "aws_secret_access_key": "operator"}
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION, **(credentials or keys)
        )

    def environment(self) -> dict[str, str]:
        """As on an instance: no key is set, so the role's credentials come from its metadata."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url,
            # Otherwise one second, and a thread of this process answers.
            "AWS_METADATA_SERVICE_TIMEOUT": f"{HANG_SECONDS:.0f}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        }

    def put(self, prefix: str, values: Mapping[str, str], kind: str = "SecureString") -> None:
        ssm = self.client("ssm")
        for name, value in values.items():
            ssm.put_parameter(Name=f"{prefix}/{name}", Value=value, Type=kind, Overwrite=True)

    def role(self, name: str, *statements: Mapping[str, Any]) -> Credentials:
        """Assumes a role with these statements as its policy."""
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        if statements:
            iam.put_role_policy(
                RoleName=name, PolicyName="policy", PolicyDocument=document(*statements)
            )
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        got = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
        return Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    def enforce(self, free_calls: float = float("inf")) -> None:
        """Enforce policies after so many more calls; without a number, never."""
        httpx.post(
            f"{self.url}/moto-api/reset-auth", content=str(free_calls), timeout=HANG_SECONDS
        ).raise_for_status()

    def reset(self) -> None:
        httpx.post(f"{self.url}/moto-api/reset", timeout=HANG_SECONDS).raise_for_status()


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@contextmanager
def aws_server() -> Iterator[Aws]:
    """Runs during the block."""
    from moto.server import ThreadedMotoServer

    read_models_once()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # It logs each request.
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield Aws(f"http://{host}:{port}")
    finally:
        server.stop()
