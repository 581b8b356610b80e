"""The template of `deploy/aws`, read as CloudFormation reads it, and deployed into moto."""

import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.aws import ACCOUNT, REGION, Aws

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "deploy" / "aws" / "linky.yaml"
USER_DATA = ROOT / "deploy" / "cloud-init" / "user-data.yaml"
STACK = "linky"
DOMAIN = "api.linky.example"

GIVEN = {
    "DomainName": DOMAIN,
    "ContactEmail": "help@linky.example",
    "MailDomain": "linky.example",
    "ReleaseUrl": f"s3://linky-archive-{ACCOUNT}-{REGION}/releases/linky-1.0.0.tar.gz",
    "ReleaseSha256": "0123456789abcdef" * 4,
    "ImageId": "ami-12c6146b",
    "OperationsExternalId": "fedcba9876543210" * 4,
}

SHIM = {
    # Moto has no master secret.
    '{"Fn::GetAtt": [Database, MasterUserSecret.SecretArn]}': "arn:of:none",
    # Its !Ref of a parameter group is an error 500.
    "      DBParameterGroupName: !Ref DatabaseParameters\n": "",
}
"""Changes to the template that only moto needs."""


class _Loader(yaml.SafeLoader):
    pass


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    """The template, short forms written out: {"Ref": …}, {"Fn::Sub": …}."""
    return dict(yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader))


def resources(kind: str) -> dict[str, dict[str, Any]]:
    found = {name: item for name, item in template()["Resources"].items() if item["Type"] == kind}
    assert found, kind
    return found


def properties(name: str) -> dict[str, Any]:
    return dict(template()["Resources"][name]["Properties"])


def actions(statement: dict[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else list(given)


def deploy(aws: Aws, **parameters: str) -> dict[str, str]:
    """Returns the stack's outputs."""
    zone = aws.client("route53").create_hosted_zone(Name="linky.example", CallerReference="tests")
    given = GIVEN | {"HostedZoneId": zone["HostedZone"]["Id"].rpartition("/")[2]} | parameters
    body = TEMPLATE.read_text(encoding="utf-8")
    for ours, for_moto in SHIM.items():
        assert ours in body
        body = body.replace(ours, for_moto)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=body,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


BIN = Path(sys.executable).parent


def program(name: str) -> str:
    """A program of the environment, or a skip where its wheel is not for this machine."""
    found = shutil.which(name, path=str(BIN))
    if found is None:
        pytest.skip(f"there is no {name} for this machine")
    return found
