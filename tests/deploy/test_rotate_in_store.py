"""`linky rotate-keys` with keys in Parameter Store."""

from pathlib import Path

import pytest

from app.cli.common import CommandError
from app.cli.key_places import EnvFile, StoreParameter
from app.cli.keys import NAME, KeyStep, find_place, take_step
from app.core.settings.config import load_settings
from app.core.settings.parameter_store import ParameterStoreError
from tests.support.aws import Aws
from tests.support.fakes import FakeClock

PREFIX = "/linky/prod"
PARAMETER = f"{PREFIX}/{NAME}"
FIRST = "first:" + "geheim" * 8


@pytest.fixture(autouse=True)
def operator(on_an_instance: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINKY_PARAMETER_STORE_PREFIX", PREFIX)


@pytest.fixture
def stored(aws: Aws) -> None:
    aws.put(PREFIX, {NAME: FIRST})


@pytest.mark.usefixtures("stored")
def test_the_keys_in_the_store_are_rotated_step_by_step(clock: FakeClock) -> None:
    for step, count, signs in [
        (KeyStep.PREPARE, 2, "first"),
        (KeyStep.ACTIVATE, 2, "new"),
        (KeyStep.RETIRE, 1, "new"),
    ]:
        clock.advance(minutes=31)
        message = take_step(step, find_place(None), clock())
        assert PARAMETER in message
        assert "geheim" not in message
        keys = load_settings().signing_keys
        assert len(keys) == count
        assert (next(iter(keys)) == "first") == (signs == "first")


@pytest.mark.usefixtures("stored")
def test_retiring_waits_for_30_minutes_after_the_parameters_change(clock: FakeClock) -> None:
    take_step(KeyStep.ROTATE, find_place(None), clock())
    with pytest.raises(CommandError, match="30 minutes"):
        take_step(KeyStep.RETIRE, find_place(None), clock())


def test_the_parameter_keeps_its_type_and_its_key(aws: Aws, clock: FakeClock) -> None:
    ours = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    ssm = aws.client("ssm")
    ssm.put_parameter(Name=PARAMETER, Value=FIRST, Type="SecureString", KeyId=ours)
    take_step(KeyStep.ROTATE, find_place(None), clock())
    (parameter,) = ssm.describe_parameters()["Parameters"]
    assert (parameter["Type"], parameter["KeyId"], parameter["Version"]) == (
        "SecureString",
        ours,
        2,
    )


@pytest.mark.usefixtures("stored")
def test_a_concurrent_change_is_not_overwritten(aws: Aws, clock: FakeClock) -> None:
    place = find_place(None)
    place.read()
    aws.put(PREFIX, {NAME: FIRST})
    with pytest.raises(CommandError, match="another command"):
        take_step(KeyStep.ROTATE, place, clock())


def test_a_missing_parameter_is_refused_with_the_command_that_makes_it(clock: FakeClock) -> None:
    with pytest.raises(ParameterStoreError, match="put-secrets"):
        take_step(KeyStep.ROTATE, find_place(None), clock())


@pytest.mark.usefixtures("stored")
def test_the_role_of_an_instance_may_not_rotate_keys(
    aws: Aws, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = {"Effect": "Allow", "Action": "ssm:GetParameter*", "Resource": "*"}
    for name, value in aws.role("instance", reads).environment.items():
        monkeypatch.setenv(name, value)
    aws.enforce(0)
    place = find_place(None)
    assert place.read().kids == ("first",)
    with pytest.raises(ParameterStoreError, match="DescribeParameters"):
        take_step(KeyStep.ROTATE, place, clock())


def test_a_file_with_keys_is_used_before_the_store(tmp_path: Path) -> None:
    assert isinstance(find_place(None), StoreParameter)
    (tmp_path / ".env").write_text(f"{NAME}={FIRST}\n")
    assert isinstance(find_place(None), EnvFile)


def test_a_missing_region_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ParameterStoreError, match="AWS_DEFAULT_REGION"):
        find_place(None)
