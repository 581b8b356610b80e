"""The rights of the server and of operations in the CloudFormation template."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from app.core.settings.parameter_store import ensure_apart
from tests.support.stack import TEMPLATE, actions, properties, resources, template


def statements(role: str = "ServerRole") -> list[dict[str, Any]]:
    """The policy statements of a role, conditional statements included."""
    (policy,) = properties(role)["Policies"]
    listed = policy["PolicyDocument"]["Statement"]
    return [item["Fn::If"][1] if "Fn::If" in item else item for item in listed]


@pytest.mark.parametrize("role", ["ServerRole", "OperationsRole"])
def test_each_right_is_limited_to_resources_of_this_stack(role: str) -> None:
    """No wildcard among the actions, no managed policy, and only these on all resources."""
    listed = statements(role)
    assert not [right for statement in listed for right in actions(statement) if "*" in right]
    assert properties(role).keys() == {"AssumeRolePolicyDocument", "Policies"}
    anything = {statement["Sid"] for statement in listed if statement["Resource"] == "*"}
    assert anything <= {"MailState", "Figures", "SessionManager"}
    for statement in listed:
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & statement.keys()
    by_name = {statement["Sid"]: statement.get("Condition") for statement in listed}
    key = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"}}}
    assert by_name["SettingsKey"] == key
    assert by_name["BackupsList"] == {"StringLike": {"s3:prefix": "backups/*"}}
    if role == "ServerRole":
        assert by_name["Figures"] == {"StringEquals": {"cloudwatch:namespace": "Linky"}}
    else:  # It writes backups and reads none: whoever takes it can't take the data with it.
        assert [actions(each) for each in listed if each["Sid"] == "Backups"] == [
            ["s3:PutObject", "s3:AbortMultipartUpload"]
        ]


# The role of migrations and backups needs more than access to the instance


ARN = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
DEFAULTS = {
    name: str(parameter["Default"])
    for name, parameter in template()["Parameters"].items()
    if "Default" in parameter
}


def may_read(role: str, path: str) -> bool:
    """Whether a role may call GetParametersByPath for a path, as IAM compares resources."""
    (settings,) = (
        statement
        for statement in statements(role)
        if "ssm:GetParametersByPath" in actions(statement)
    )
    patterns = [arn["Fn::Sub"].removeprefix(ARN) for arn in settings["Resource"]]
    for name, value in DEFAULTS.items():
        patterns = [text.replace(f"${{{name}}}", value) for text in patterns]
    return any(fnmatchcase(path, text) for text in patterns)


def test_the_server_may_not_read_the_settings_of_migrations() -> None:
    server, operations = DEFAULTS["ParameterPrefix"], DEFAULTS["OperationsPrefix"]
    ensure_apart(server, operations)
    assert may_read("ServerRole", server)
    for path in (
        operations,
        f"{operations}/LINKY_MIGRATION_DATABASE_URL",
        "/linky",
        "/",
        "/linky/",
    ):
        assert not may_read("ServerRole", path), path
    assert may_read("OperationsRole", server)
    assert may_read("OperationsRole", operations)
    assert not may_read("OperationsRole", "/linky")
    for action in ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory"):
        assert action not in {right for statement in statements() for right in actions(statement)}


def test_the_role_of_operations_needs_the_external_id() -> None:
    role = properties("OperationsRole")
    assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}, "no managed policy"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": ["ServerRole", "Arn"]}},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": {"Ref": "OperationsExternalId"}}},
    }
    (policy,) = resources("AWS::IAM::Policy").values()
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": ["OperationsRole", "Arn"]}
    assert template()["Parameters"]["OperationsExternalId"]["NoEcho"] is True
    # Every process on the instance can read its user data.
    assert TEMPLATE.read_text().count("OperationsExternalId") == 2
