"""The alarms, parameters, commands and options of the runbook's AWS chapter exist."""

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
def test_every_alarm_has_a_row_in_the_runbook(name: str) -> None:
    rows = re.findall(r"^\| (\w+Alarm) \| .+ \| .+ \|$", runbook(name), re.MULTILINE)
    assert set(rows) == set(resources("AWS::CloudWatch::Alarm"))
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_overridden_parameter_exists_and_allows_the_value(name: str) -> None:
    overrides = re.findall(
        r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)", runbook(name)
    )
    assert overrides
    parameters = template()["Parameters"]
    for parameter, value in re.findall(r"(\w+)=(\S*)", " ".join(overrides)):
        allowed = parameters[parameter].get("AllowedValues")
        assert allowed is None or value in allowed, f"{parameter}={value}"
    used = set(re.findall(r"(\w+)=", " ".join(overrides)))
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert needed <= used


@pytest.mark.parametrize("name", RUNBOOKS)
def test_every_command_and_option_of_linky_exists(name: str) -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    options = {key: {o for p in c.params for o in p.opts} for key, c in commands.items()}
    code = runbook(name).replace("\\\n", " ")
    for command, rest in re.findall(r"\blinky (rotate-keys|bootstrap-database)\b([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options[command], rest
    for rest in re.findall(r"put-secrets([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options["put-secrets"], rest
