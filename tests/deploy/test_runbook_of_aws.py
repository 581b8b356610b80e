"""The alarms, parameters, commands and options of the runbook's AWS chapter exist."""

import re

import pytest
import typer

from app.cli import cli
from app.cli.keys import RESTART
from tests.support.stack import ROOT, resources, template

OVERRIDES = re.compile(r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)")
RUNBOOKS = ("runbook.md", "runbook.ja.md")
NINE_STEPS = {
    "runbook.md": "AWS: by hand, in nine steps",
    "runbook.ja.md": "AWS: 手作業で、9 つの手順",
}
KEYS = {
    "runbook.md": "Keys: rotate them, and when one leaks",
    "runbook.ja.md": "鍵: 交換と、漏れたとき",
}


def runbook(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """A chapter of a runbook, with long commands in one line."""
    _, _, rest = runbook(name).partition(f"\n## {heading}\n")
    assert rest, heading
    return rest.partition("\n## ")[0].replace("\\\n", " ")


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


@pytest.mark.parametrize("name", RUNBOOKS)
def test_the_nine_steps_install_each_file_that_setup_does(name: str) -> None:
    """Otherwise a log fills the disk, addresses stay in it, or nothing is updated."""
    host = ROOT / "deploy" / "host"
    setup = (host / "setup").read_text(encoding="utf-8")
    targets = dict(re.findall(r'put "\$host/files/([\w-]+)" (\S+)', setup))
    targets |= re.findall(r'<"\$host/files/(apt)" >"\$new"\n +put "\$new" (\S+)', setup)
    assert set(targets) == {path.name for path in (host / "files").iterdir()}
    for file, target in targets.items():
        command = rf"deploy/host/files/{file} [^\n]*{re.escape(target)}\n"
        assert re.search(command, section(name, NINE_STEPS[name])), file


@pytest.mark.parametrize("name", RUNBOOKS)
def test_after_a_change_of_keys_no_process_of_the_old_keys_answers(name: str) -> None:
    """`linky-deploy --restart` lets the old process answer beside the new one."""
    text = section(name, KEYS[name])
    (command,) = re.findall(r"systemctl [^)]+", RESTART)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert [block for block in blocks if "linky-deploy" in block] == []
    # Of the first step, of keys in a file, and of keys that leaked.
    assert text.count(command) == 3
