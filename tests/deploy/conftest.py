"""AWS on loopback (moto): emptied for each test, or with the stack for a whole module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.deployed_stack import Deployed
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


@pytest.fixture(scope="module")
def stack(aws_of_this_process: Aws) -> Iterator[Deployed]:
    """The stack, deployed once for the tests of a module."""
    with pytest.warns(UserWarning, match="not supported by moto"):
        deployed = Deployed(aws_of_this_process)
    yield deployed
    aws_of_this_process.enforce()
    aws_of_this_process.reset()


@pytest.fixture
def operator(stack: Deployed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set the environment of a person who works on the stack, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in stack.aws.environment().items():
        monkeypatch.setenv(name, value)
