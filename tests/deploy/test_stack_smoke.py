"""The stack, deployed into moto: names resolve, references are valid, the parts fit together.

Moto silently ignores the rest: a bucket's public access block, lifecycle, versioning and
ownership; AWS::S3::BucketPolicy, AWS::CloudWatch::Alarm and AWS::EC2::EIPAssociation (skipped
with a warning); an instance's metadata options and network interface; DeletionProtection and
VPCSecurityGroups of a database. `stack.SHIM` changes two lines of the template for moto.
`test_stack.py`, `test_stack_rights.py` and `test_stack_alarms.py` check what moto ignores.
"""

import base64
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from app.core.settings.config import load_settings
from app.integrations.mail.base import Mail
from app.integrations.mail.ses import SesMailer
from app.integrations.storage.base import StorageError
from app.integrations.storage.s3 import S3Storage
from app.operations.backup.places import make_place
from deploy.host.deploy import REFUSED, Host, Stopped, fetch
from tests.deploy.deployed_stack import OPERATIONS, PREFIX, Deployed
from tests.support.aws import ACCOUNT, REGION, Aws
from tests.support.stack import DOMAIN, GIVEN, USER_DATA

pytestmark = pytest.mark.anyio


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
