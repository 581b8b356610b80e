"""The stack, deployed into moto: names resolve, references are valid, the parts fit together.

Moto silently ignores the rest: a bucket's public access block, lifecycle, versioning and
ownership; AWS::S3::BucketPolicy, AWS::CloudWatch::Alarm and AWS::EC2::EIPAssociation (skipped
with a warning); an instance's metadata options and network interface; DeletionProtection and
VPCSecurityGroups of a database. `stack.SHIM` changes two lines of the template for moto.
`test_stack.py` checks what moto ignores.
"""

import ast
import base64
import subprocess
import textwrap
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from app.cli.common import Refusal
from app.cli.secrets import put_secrets
from app.core.config import load_settings
from app.core.database_tls import is_verified
from app.integrations.mail import Mail, SesMailer
from app.integrations.storage import S3Storage, StorageError
from app.operations.backup.places import make_place
from deploy.host.deploy import REFUSED, Host, Stopped, fetch
from tests.support.aws import ACCOUNT, REGION, Aws, Credentials
from tests.support.stack import DOMAIN, GIVEN, USER_DATA, deploy

pytestmark = pytest.mark.anyio

PREFIX = "/linky/prod"
OPERATIONS = "/linky/prod-operations"
SECRET = "geheim" * 8


class Deployed:
    """The deployed stack and its outputs."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        self.outputs = deploy(aws)

    def instance(self) -> dict[str, Any]:
        ids = [self.outputs["InstanceId"]]
        answer = self.aws.client("ec2").describe_instances(InstanceIds=ids)
        return dict(answer["Reservations"][0]["Instances"][0])

    def role_of_instance(self) -> str:
        """The name of the instance's role."""
        arn = self.instance()["IamInstanceProfile"]["Arn"]
        profile = self.aws.client("iam").get_instance_profile(
            InstanceProfileName=arn.rpartition("/")[2]
        )
        (role,) = profile["InstanceProfile"]["Roles"]
        return str(role["RoleName"])

    def statements(self, role: str, policy_name: str) -> list[dict[str, Any]]:
        """The policy of a role, as deployed."""
        iam = self.aws.client("iam")
        policy = iam.get_role_policy(RoleName=role, PolicyName=policy_name)
        # Moto stores the document as Python's repr, with None for AWS::NoValue.
        listed = ast.literal_eval(policy["PolicyDocument"])["Statement"]
        return [statement for statement in listed if statement is not None]

    @cached_property
    def role(self) -> Credentials:
        """The credentials of a role with the policy of the server."""
        statements = self.statements(self.role_of_instance(), "linky-server")
        return self.aws.role("as-the-server", *map(for_moto, statements))

    @cached_property
    def operations(self) -> Credentials:
        """The credentials of a role with the policy of migrations and backups."""
        statements = self.statements(self.outputs["OperationsRole"], "linky-operations")
        return self.aws.role("as-operations", *map(for_moto, statements))


def for_moto(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement in the form that moto can enforce. `test_stack.py` checks the original.

    Moto supports resources only for S3; for other services they must be `*`. It denies statements
    with conditions. It names CloudWatch `monitoring`. It asks for HeadBucket where AWS asks for
    ListBucket, and checks DeleteObjects on the bucket where AWS checks each key.
    """
    actions = [action.replace("cloudwatch:", "monitoring:") for action in actions_of(statement)]
    resource = statement["Resource"] if actions[0].startswith("s3:") else "*"
    if "s3:ListBucket" in actions:
        actions.append("s3:HeadBucket")
    if "s3:DeleteObject" in actions:
        resource = [resource, resource.removesuffix("/*")]
    return {"Effect": statement["Effect"], "Action": actions, "Resource": resource}


def actions_of(statement: dict[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else list(given)


@pytest.fixture(scope="module")
def stack(aws_of_this_process: Aws) -> Iterator[Deployed]:
    with pytest.warns(UserWarning, match="not supported by moto"):
        deployed = Deployed(aws_of_this_process)
    yield deployed
    aws_of_this_process.enforce()
    aws_of_this_process.reset()


@pytest.fixture
def operator(stack: Deployed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in stack.aws.environment().items():
        monkeypatch.setenv(name, value)


def test_the_user_data_of_the_instance_has_all_values(stack: Deployed) -> None:
    answer = stack.aws.client("ec2").describe_instance_attribute(
        InstanceId=stack.outputs["InstanceId"], Attribute="userData"
    )
    text = base64.b64decode(answer["UserData"]["Value"]).decode()
    assert text.startswith("#cloud-config\n")
    assert "${" not in text
    for line in (
        f"DOMAIN='{DOMAIN}'",
        f"REGION='{REGION}'",
        f"PARAMETER_PREFIX='{PREFIX}'",
        f"OPERATIONS_PREFIX='{OPERATIONS}'",
        f"OPERATIONS_ROLE='arn:aws:iam::{ACCOUNT}:role/{stack.outputs['OperationsRole']}'",
        f"BUCKET='{stack.outputs['PicturesBucket']}'",
        f"RELEASE_SHA256='{GIVEN['ReleaseSha256']}'",
    ):
        assert line in text
    assert GIVEN["OperationsExternalId"] not in text


def test_the_release_is_in_the_archive_bucket(stack: Deployed) -> None:
    bucket = GIVEN["ReleaseUrl"].removeprefix("s3://").partition("/")[0]
    assert stack.outputs["ArchiveBucket"] == bucket


def test_the_database_accepts_the_group_of_the_server(stack: Deployed) -> None:
    groups = stack.aws.client("ec2").describe_security_groups()["SecurityGroups"]
    by_description = {group["Description"]: group for group in groups}
    server = by_description["The world to the server by http and https"]
    database = by_description["PostgreSQL from the server group only"]
    (rule,) = database["IpPermissions"]
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [server["GroupId"]]
    assert (rule["FromPort"], rule["IpRanges"]) == (5432, [])


def test_the_dns_name_points_to_the_address(stack: Deployed) -> None:
    route53 = stack.aws.client("route53")
    (zone,) = route53.list_hosted_zones()["HostedZones"]
    records = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    (record,) = (item for item in records if item["Type"] == "A")
    assert record["Name"].rstrip(".") == DOMAIN
    assert record["ResourceRecords"] == [{"Value": stack.outputs["PublicAddress"]}]


def test_the_database_has_the_properties_of_the_template(stack: Deployed) -> None:
    (database,) = stack.aws.client("rds").describe_db_instances()["DBInstances"]
    assert database["StorageEncrypted"] is True
    assert database["PubliclyAccessible"] is False
    assert database["BackupRetentionPeriod"] == 7
    assert database["Endpoint"]["Address"] == stack.outputs["DatabaseHost"]


# Role


@pytest.fixture
def on_the_server(
    stack: Deployed, operator: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Aws]:
    """This process has only the rights of the stack's role."""
    for name, value in stack.role.environment.items():
        monkeypatch.setenv(name, value)
    stack.aws.enforce(0)
    yield stack.aws
    stack.aws.enforce()


async def test_the_servers_role_allows_pictures_and_settings(
    stack: Deployed, on_the_server: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = S3Storage(stack.outputs["PicturesBucket"], "", on_the_server.url)
    await pictures.check()
    await pictures.put("posts/a.webp", b"picture", "image/webp")
    assert await pictures.read("posts/a.webp") == b"picture"
    assert await pictures.read("posts/none.webp") is None
    assert [o.key async for batch in pictures.list_objects("posts/") for o in batch] == [
        "posts/a.webp"
    ]
    await pictures.delete(["posts/a.webp"])

    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)
    settings = load_settings()
    assert settings.s3_bucket == stack.outputs["PicturesBucket"]
    # The doctor lists the backups. Another test of this file may have put one.
    assert set(make_place(settings).names()) <= {"linky-20261125T181000Z.dump.age"}


@pytest.fixture
def in_operations(
    stack: Deployed, operator: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Aws]:
    """This process has only the rights of migrations and backups."""
    for name, value in stack.operations.environment.items():
        monkeypatch.setenv(name, value)
    stack.aws.enforce(0)
    yield stack.aws
    stack.aws.enforce()


async def test_the_role_of_operations_allows_a_backup(
    stack: Deployed, in_operations: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pictures = S3Storage(stack.outputs["PicturesBucket"], "", in_operations.url)
    assert [batch async for batch in pictures.list_objects("posts/")] in ([], [[]])
    with pytest.raises(StorageError):
        await pictures.put("posts/a.webp", b"picture", "image/webp")

    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)
    backups = make_place(load_settings())
    (tmp_path / "linky-20261125T181000Z.dump.age").write_bytes(b"sealed")
    backups.put(tmp_path / "linky-20261125T181000Z.dump.age", "linky-20261125T181000Z.dump.age")
    assert backups.names() == ["linky-20261125T181000Z.dump.age"]


def test_the_servers_role_allows_fetching_releases(
    stack: Deployed, on_the_server: Aws, tmp_path: Path
) -> None:
    """By linky-deploy, and by the user data's script before linky-deploy is installed."""
    url = f"s3://{stack.outputs['ArchiveBucket']}/releases/linky.tar.gz"
    on_the_server.enforce()
    place = {"Bucket": stack.outputs["ArchiveBucket"], "Key": "releases/linky.tar.gz"}
    on_the_server.client("s3").put_object(Body=b"release", **place)
    on_the_server.enforce(0)

    fetch(Host(region=REGION), url, tmp_path / "by-deploy")
    assert (tmp_path / "by-deploy").read_bytes() == b"release"
    with pytest.raises(Stopped, match="can't be fetched") as stopped:
        fetch(Host(region=REGION), url.replace("releases", "backups"), tmp_path / "none")
    assert stopped.value.status == REFUSED

    text = USER_DATA.read_text(encoding="utf-8")
    function = textwrap.dedent(
        text[text.index("      fetch() {") : text.index("      release=$work")]
    )
    script = f"set -eu\nRELEASE_URL={url} REGION={REGION}\n{function}\nfetch by-bootstrap"
    subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)
    assert (tmp_path / "by-bootstrap").read_bytes() == b"release"


async def test_the_servers_role_allows_mail_and_metrics(
    stack: Deployed, on_the_server: Aws
) -> None:
    on_the_server.enforce()
    on_the_server.client("sesv2").create_email_identity(EmailIdentity="no-reply@linky.example")
    on_the_server.enforce(0)
    mail = Mail("a@linky.example", "件名", "本文", "<p>本文</p>")
    await SesMailer("Linky <no-reply@linky.example>").send(mail)
    boto3.session.Session().client("cloudwatch").put_metric_data(
        Namespace="Linky", MetricData=[{"MetricName": "DiskUsed", "Value": 1}]
    )


FORBIDDEN: dict[str, tuple[str, str, dict[str, Any]]] = {
    "another bucket": ("s3", "put_object", {"Bucket": "another", "Key": "a", "Body": b""}),
    "read another bucket": ("s3", "list_objects_v2", {"Bucket": "another"}),
    "delete the pictures": ("s3", "delete_bucket", {"Bucket": "{PicturesBucket}"}),
    "open the pictures": ("s3", "delete_public_access_block", {"Bucket": "{PicturesBucket}"}),
    "change their policy": ("s3", "delete_bucket_policy", {"Bucket": "{PicturesBucket}"}),
    "read a backup": ("s3", "get_object", {"Bucket": "{ArchiveBucket}", "Key": "backups/a"}),
    "delete a backup": ("s3", "delete_object", {"Bucket": "{ArchiveBucket}", "Key": "backups/a"}),
    "put a backup": (
        "s3",
        "put_object",
        {"Bucket": "{ArchiveBucket}", "Key": "backups/a", "Body": b""},
    ),
    "change a release": (
        "s3",
        "put_object",
        {"Bucket": "{ArchiveBucket}", "Key": "releases/a", "Body": b""},
    ),
    "change a secret": ("ssm", "put_parameter", {"Name": "/linky/prod/x", "Value": "x"}),
    "delete a secret": ("ssm", "delete_parameter", {"Name": "/linky/prod/LINKY_STORAGE"}),
    "run a command": (
        "ssm",
        "send_command",
        {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0"]},
    ),
    "the master's secret": ("secretsmanager", "get_secret_value", {"SecretId": "rds!db"}),
    "other roles": ("iam", "list_roles", {}),
    "a new user": ("iam", "create_user", {"UserName": "x"}),
    "other servers": ("ec2", "describe_instances", {}),
    "open a port": ("ec2", "describe_security_groups", {}),
    "the database": ("rds", "delete_db_instance", {"DBInstanceIdentifier": "linky"}),
    "the name": ("route53", "list_hosted_zones", {}),
    "silence": ("cloudwatch", "delete_alarms", {"AlarmNames": ["x"]}),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_servers_role_forbids(stack: Deployed, on_the_server: Aws, what: str) -> None:
    service, operation, parameters = FORBIDDEN[what]
    for name, value in parameters.items():
        if isinstance(value, str) and value.startswith("{"):
            parameters = parameters | {name: value.format(**stack.outputs)}
    with pytest.raises(ClientError) as raised:
        getattr(boto3.session.Session().client(service), operation)(**parameters)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


# Secrets


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
    settings = load_settings()
    assert settings.storage == "s3"
    assert settings.s3_bucket == stack.outputs["PicturesBucket"]
    assert settings.public_url == f"https://{DOMAIN}"
    assert (settings.mail, settings.mail_from) == ("ses", "Linky <no-reply@linky.example>")
    assert settings.backup_to == f"s3://{stack.outputs['ArchiveBucket']}/backups"
    assert "linky_app:" in (settings.database_url or "")
    assert "linky_owner:" in (settings.migration_database_url or "")
    assert is_verified(settings.database_url or "")
    assert is_verified(settings.migration_database_url or "")

    monkeypatch.setattr("sys.stdin", Lines("another" * 8))
    put_secrets(["LINKY_LINE_CHANNEL_SECRET"])
    assert (values(stack.aws), values(stack.aws, OPERATIONS)) == (stored, operations_values)
    assert capsys.readouterr().out.count("kept") == 4

    monkeypatch.setattr("sys.stdin", Lines("another" * 8))
    put_secrets(["LINKY_LINE_CHANNEL_SECRET"], overwrite=True)
    changed = {name for name, value in values(stack.aws).items() if value != stored[name]}
    assert changed == {"LINKY_LINE_CHANNEL_SECRET"}, (
        "secrets that Linky generated are never replaced"
    )


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
        (["LINKY_TERMS_URL"], "geheim", "none of"),
        (["LINKY_LINE_CHANNEL_SECRET=geheim"], "", "command line"),
    ],
)
def test_an_invalid_value_is_refused_and_nothing_is_put(
    stack: Deployed, monkeypatch: pytest.MonkeyPatch, names: list[str], line: str, why: str
) -> None:
    before = values(stack.aws)
    monkeypatch.setattr("sys.stdin", Lines(line))
    with pytest.raises(Refusal, match=why) as refusal:
        put_secrets(names)
    assert "geheim" not in str(refusal.value).replace("geheim.p8", "geheim")
    assert values(stack.aws) == before


@pytest.mark.usefixtures("operator")
def test_an_unknown_stack_is_refused() -> None:
    with pytest.raises(Refusal, match="nowhere"):
        put_secrets(stack="nowhere")
