"""AWS on loopback (moto), emptied for each test."""

from collections.abc import Iterator

import pytest

from tests.support.aws import Aws, aws_server


@pytest.fixture(scope="session")
def aws_of_this_process() -> Iterator[Aws]:
    with aws_server() as server:
        yield server


@pytest.fixture
def aws(aws_of_this_process: Aws) -> Iterator[Aws]:
    aws_of_this_process.reset()
    yield aws_of_this_process
    aws_of_this_process.enforce()
    aws_of_this_process.reset()


@pytest.fixture
def on_an_instance(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Set the environment of an instance: credentials come from its role."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return aws
