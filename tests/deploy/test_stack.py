"""The CloudFormation template: its network, its data, the server and the parameters.

It is read and not deployed: moto silently ignores half of it.
"""

import re
from typing import Any

import pytest

from tests.support.stack import GIVEN, TEMPLATE, USER_DATA, properties, resources, template

WORLD = "0.0.0.0/0"


def rules(group: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    return [
        (rule["FromPort"], rule["ToPort"], rule.get("CidrIp"))
        for rule in group["SecurityGroupIngress"]
    ]


# Network


def test_only_ports_80_and_443_are_open_to_the_world() -> None:
    assert rules(properties("ServerGroup")) == [(80, 80, WORLD), (443, 443, WORLD)]
    assert "SecurityGroupIngress" not in properties("DatabaseGroup")
    text = TEMPLATE.read_text(encoding="utf-8")
    assert not re.search(r"Port: 22\b|KeyName|::/0", text)


# Database


def test_only_the_server_may_connect_to_the_database() -> None:
    (ingress,) = resources("AWS::EC2::SecurityGroupIngress").values()
    assert ingress["Properties"] == {
        "GroupId": {"Ref": "DatabaseGroup"},
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "SourceSecurityGroupId": {"Ref": "ServerGroup"},
        "Description": "the server",
    }
    assert set(resources("AWS::EC2::SecurityGroup")) == {"ServerGroup", "DatabaseGroup"}


def test_the_private_subnets_have_no_route_to_the_internet() -> None:
    (route,) = resources("AWS::EC2::Route").values()
    assert route["Properties"]["RouteTableId"] == {"Ref": "PublicRoutes"}
    joined = {
        item["Properties"]["SubnetId"]["Ref"]: item["Properties"]["RouteTableId"]["Ref"]
        for item in resources("AWS::EC2::SubnetRouteTableAssociation").values()
    }
    assert joined == {
        "PublicSubnetA": "PublicRoutes",
        "PublicSubnetB": "PublicRoutes",
        "PrivateSubnetA": "PrivateRoutes",
        "PrivateSubnetB": "PrivateRoutes",
    }


# Database


def test_the_database_is_private_encrypted_protected_and_requires_tls() -> None:
    database = properties("Database")
    assert {
        "Engine": "postgres",
        "EngineVersion": "18",
        "PubliclyAccessible": False,
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "ManageMasterUserPassword": True,
        "BackupRetentionPeriod": {"Ref": "BackupDays"},
        "DeleteAutomatedBackups": False,
        "CopyTagsToSnapshot": True,
        "VPCSecurityGroups": [{"Ref": "DatabaseGroup"}],
        "DBParameterGroupName": {"Ref": "DatabaseParameters"},
    }.items() <= database.items()
    assert "MasterUserPassword" not in database
    parameters = properties("DatabaseParameters")
    assert parameters["Family"] == "postgres18"
    assert {
        "rds.force_ssl": "1",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
    }.items() <= parameters["Parameters"].items()
    subnets = properties("DatabaseSubnets")["SubnetIds"]
    assert subnets == [{"Ref": "PrivateSubnetA"}, {"Ref": "PrivateSubnetB"}]
    assert properties("PrivateSubnetA")["AvailabilityZone"]["Fn::Select"][0] == 0
    assert properties("PrivateSubnetB")["AvailabilityZone"]["Fn::Select"][0] == 1


@pytest.mark.parametrize(
    ("name", "at_deletion", "at_replacement"),
    [
        ("Database", "Snapshot", "Snapshot"),
        ("Pictures", "RetainExceptOnCreate", "Retain"),
        ("Archive", "RetainExceptOnCreate", "Retain"),
    ],
)
def test_resources_with_data_survive_the_deletion_of_the_stack(
    name: str, at_deletion: str, at_replacement: str
) -> None:
    """A bucket goes only if the stack's first deploy fails, so that its name is free again."""
    resource = template()["Resources"][name]
    policies = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
    assert policies == (at_deletion, at_replacement)


# Buckets


@pytest.mark.parametrize("name", list(resources("AWS::S3::Bucket")))
def test_a_bucket_is_private_encrypted_and_requires_tls(name: str) -> None:
    bucket = properties(name)
    blocks = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(blocks, True)
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = properties(f"{name}Policy")["PolicyDocument"]["Statement"]
    assert properties(f"{name}Policy")["Bucket"] == {"Ref": name}
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Action"] == "s3:*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [
        {"Fn::GetAtt": [name, "Arn"]},
        {"Fn::Sub": f"${{{name}.Arn}}/*"},
    ]
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


def test_pictures_have_no_old_versions_and_backups_have() -> None:
    assert "VersioningConfiguration" not in properties("Pictures")
    assert properties("Archive")["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = properties("Archive")["LifecycleConfiguration"]["Rules"]
    (backups,) = (rule for rule in rules if rule.get("Prefix") == "backups/")
    assert backups["ExpirationInDays"] == 35


# Server


def test_the_server_has_an_encrypted_disk_and_metadata_that_need_a_token() -> None:
    instance = properties("Instance")
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    for device in instance["BlockDeviceMappings"]:
        assert device["Ebs"]["Encrypted"] is True
    assert instance["CreditSpecification"] == {"CPUCredits": "standard"}
    assert instance["IamInstanceProfile"] == {"Ref": "ServerProfile"}


def user_data() -> tuple[str, dict[str, Any]]:
    text, values = properties("Instance")["UserData"]["Fn::Base64"]["Fn::Sub"]
    return text, values


def test_the_user_data_is_that_of_the_file_and_all_variables_have_values() -> None:
    text, values = user_data()
    assert text == USER_DATA.read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{([^!][^}]*)\}", text)) == values.keys()


def test_the_user_data_fits_with_the_longest_values() -> None:
    text, values = user_data()
    for name in values:
        text = text.replace(f"${{{name}}}", "x" * 255)
    assert len(text.encode()) < 16 * 1024
    assert TEMPLATE.stat().st_size < 51_200, "the limit of a template that is not in S3"


# Parameters


GOOD = GIVEN | {
    "ParameterPrefix": "/linky/prod",
    "MailDomain": "",
    "LimitsUrl": "valkeys://cache.linky.example:6379",
    "ImageId": "",
    "BackupDays": "7",
}
BAD = [
    ("DomainName", "https://api.linky.example"),
    ("DomainName", "Api.linky.example"),
    ("DomainName", "api.linky.example'; reboot; '"),
    ("DomainName", "localhost"),
    ("ContactEmail", "help"),
    ("ContactEmail", "a'b@linky.example"),
    ("MailDomain", "no-reply@linky.example"),
    ("LimitsUrl", "valkey://cache.linky.example:6379"),
    ("LimitsUrl", "valkeys://:secret@cache.linky.example:6379"),
    ("ReleaseUrl", "http://linky.example/linky.tar.gz"),
    ("ReleaseUrl", "s3://bucket/a b"),
    ("ReleaseUrl", "s3://bucket/$(reboot)"),
    ("ReleaseSha256", "abc"),
    ("ParameterPrefix", "linky/prod"),
    ("ParameterPrefix", "/linky/prod/"),
    ("OperationsPrefix", "/linky/prod-operations/"),
    ("OperationsExternalId", "short"),
    ("OperationsExternalId", "with a space " * 4),
    ("SecretsKeyArn", "alias/aws/ssm"),
    ("ImageId", "latest"),
]


def pattern(name: str) -> re.Pattern[str]:
    return re.compile(template()["Parameters"][name]["AllowedPattern"])


def test_every_parameter_has_bounds() -> None:
    for name, parameter in template()["Parameters"].items():
        bounds = {"AllowedPattern", "AllowedValues", "MinValue"} & parameter.keys()
        assert bounds or parameter["Type"] != "String", name
        if "AllowedPattern" in parameter and name in GOOD:
            assert pattern(name).fullmatch(GOOD[name]), name


@pytest.mark.parametrize(("name", "value"), BAD)
def test_an_invalid_parameter_is_refused(name: str, value: str) -> None:
    assert not pattern(name).fullmatch(value)


def test_all_other_parameters_have_safe_defaults() -> None:
    parameters = template()["Parameters"]
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert needed == {
        *("DomainName", "HostedZoneId", "ContactEmail", "ReleaseUrl", "ReleaseSha256"),
        "OperationsExternalId",
    }
    days = parameters["BackupDays"]
    assert days["Default"] >= days["MinValue"] >= 7


def test_the_stack_contains_no_secret() -> None:
    names = template()["Parameters"]
    assert not [name for name in names if re.search("(?i)secret$|password|token", name)]
    for parameter in resources("AWS::SSM::Parameter").values():
        assert parameter["Properties"]["Type"] == "String"
