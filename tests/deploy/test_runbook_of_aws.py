"""What the runbook says of AWS exists: alarms, parameters, commands and their options."""

import re

import pytest
import typer

from app.cli import cli
from tests.support.stack import ROOT, resources, template

OVERRIDES = re.compile(r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)")
RUNBOOKS = ("runbook.md", "runbook.ja.md")


def runbook(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_alarm_says_what_to_do(name: str) -> None:
    rows = re.findall(r"^\| (\w+Alarm) \| .+ \| .+ \|$", runbook(name), re.MULTILINE)
    assert set(rows) == set(resources("AWS::CloudWatch::Alarm"))
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_parameter_that_is_overridden_exists_and_takes_the_value(name: str) -> None:
    overrides = re.findall(
        r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)", runbook(name)
    )
    assert overrides
    parameters = template()["Parameters"]
    for parameter, value in re.findall(r"(\w+)=(\S*)", " ".join(overrides)):
        allowed = parameters[parameter].get("AllowedValues")
        assert allowed is None or value in allowed, f"{parameter}={value}"
    used = set(re.findall(r"(\w+)=", " ".join(overrides)))
    needed = {one for one, held in parameters.items() if "Default" not in held}
    assert needed <= used


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_command_and_option_of_ours_exists(name: str) -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    options = {key: {o for p in c.params for o in p.opts} for key, c in commands.items()}
    code = runbook(name).replace("\\\n", " ")
    for command, rest in re.findall(r"\blinky (rotate-keys|bootstrap-database)\b([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options[command], rest
    for rest in re.findall(r"put-secrets([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options["put-secrets"], rest
