"""The stack of `deploy/aws`, deployed into moto, and the rights of its roles."""

import ast
from functools import cached_property
from typing import Any

from tests.support.aws import Aws, Credentials
from tests.support.stack import actions, deploy

PREFIX = "/linky/prod"
OPERATIONS = "/linky/prod-operations"


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
    """The statement in the form that moto can enforce. `test_stack_rights.py` checks the original.

    Moto supports resources only for S3; for other services they must be `*`. It denies statements
    with conditions. It names CloudWatch `monitoring`. It asks for HeadBucket where AWS asks for
    ListBucket, and checks DeleteObjects on the bucket where AWS checks each key.
    """
    allowed = [action.replace("cloudwatch:", "monitoring:") for action in actions(statement)]
    resource = statement["Resource"] if allowed[0].startswith("s3:") else "*"
    if "s3:ListBucket" in allowed:
        allowed.append("s3:HeadBucket")
    if "s3:DeleteObject" in allowed:
        resource = [resource, resource.removesuffix("/*")]
    return {"Effect": statement["Effect"], "Action": allowed, "Resource": resource}
