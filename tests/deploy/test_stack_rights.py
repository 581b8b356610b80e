"""The rights of the server and of operations in the CloudFormation template."""

from fnmatch import fnmatchcase
from typing import Any

from app.core.parameter_store import ensure_apart
from tests.support.stack import TEMPLATE, actions, properties, resources, template


def statements(role: str = "ServerRole") -> list[dict[str, Any]]:
    """The policy statements of a role, conditional statements included."""
    (policy,) = properties(role)["Policies"]
    listed = policy["PolicyDocument"]["Statement"]
    return [item["Fn::If"][1] if "Fn::If" in item else item for item in listed]


# The server's role


def test_the_servers_role_has_exactly_these_rights() -> None:
    assert {action for statement in statements() for action in actions(statement)} == {
        "s3:ListBucket",
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "ssm:GetParametersByPath",
        "kms:Decrypt",
        "ses:SendEmail",
        "ses:SendRawEmail",
        "ses:GetAccount",
        "cloudwatch:PutMetricData",
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
    role = properties("ServerRole")
    assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}, "no managed policy"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_each_right_is_limited_to_resources_of_this_stack() -> None:
    account = "${AWS::Partition}:{service}:${AWS::Region}:${AWS::AccountId}"
    ssm = "arn:" + account.replace("{service}", "ssm") + ":parameter${ParameterPrefix}"
    ses = "arn:" + account.replace("{service}", "ses") + ":identity/${MailDomain}"
    assert {statement["Sid"]: statement["Resource"] for statement in statements()} == {
        "PicturesBucket": {"Fn::GetAtt": ["Pictures", "Arn"]},
        "Pictures": {"Fn::Sub": "${Pictures.Arn}/*"},
        "BackupsList": {"Fn::GetAtt": ["Archive", "Arn"]},
        "Releases": {"Fn::Sub": "${Archive.Arn}/releases/*"},
        "Settings": [{"Fn::Sub": ssm}, {"Fn::Sub": f"{ssm}/*"}],
        "SettingsKey": {"Ref": "SecretsKeyArn"},
        "Mail": {"Fn::Sub": ses},
        "MailState": "*",
        "Figures": "*",
        "SessionManager": "*",
    }
    for statement in statements():
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & statement.keys()
    assert TEMPLATE.read_text().count('# "*" because') == 3


def test_rights_without_a_resource_are_limited_by_conditions() -> None:
    by_name = {statement["Sid"]: statement for statement in statements()}
    assert by_name["Figures"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Linky"}}
    assert by_name["BackupsList"]["Condition"] == {"StringLike": {"s3:prefix": "backups/*"}}
    key = {"StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.amazonaws.com"}}}
    assert by_name["SettingsKey"]["Condition"] == key


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


def test_the_role_of_operations_has_exactly_these_rights() -> None:
    assert {statement["Sid"]: actions(statement) for statement in statements("OperationsRole")} == {
        "Settings": ["ssm:GetParametersByPath"],
        "SettingsKey": ["kms:Decrypt"],
        "PicturesBucket": ["s3:ListBucket"],
        "Pictures": ["s3:GetObject"],
        "BackupsList": ["s3:ListBucket"],
        "Backups": ["s3:PutObject", "s3:AbortMultipartUpload"],
    }


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
