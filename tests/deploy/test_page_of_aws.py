"""The alarms, parameters, commands and options that the pages for operators name exist."""

import re

import pytest
import typer

from app.cli import cli
from app.cli.keys import RESTART
from tests.support.stack import ROOT, resources, template

OVERRIDES = re.compile(r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)")
OPERATIONS = ("operations.md", "operations.ja.md")
KEYS = {
    "operations.md": "Keys: rotate them, and when one leaks",
    "operations.ja.md": "鍵: 交換と、漏れたとき",
}


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """A chapter of a page, with long commands in one line."""
    _, _, rest = page(name).partition(f"\n## {heading}\n")
    assert rest, heading
    return rest.partition("\n## ")[0].replace("\\\n", " ")


def test_every_alarm_has_a_row() -> None:
    rows = re.findall(r"^\| (\w+Alarm) \| .+ \| .+ \|$", page("aws.md"), re.MULTILINE)
    assert set(rows) == set(resources("AWS::CloudWatch::Alarm"))
    assert len(rows) == len(set(rows))


def test_every_overridden_parameter_exists_and_allows_the_value() -> None:
    overrides = re.findall(
        r"--parameter-overrides ((?:[^\n]|\\\n)*?)\n *(?:```|aws)", page("aws.md")
    )
    assert overrides
    parameters = template()["Parameters"]
    for parameter, value in re.findall(r"(\w+)=(\S*)", " ".join(overrides)):
        allowed = parameters[parameter].get("AllowedValues")
        assert allowed is None or value in allowed, f"{parameter}={value}"
    used = set(re.findall(r"(\w+)=", " ".join(overrides)))
    needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
    assert needed <= used


@pytest.mark.parametrize("name", ["aws.md", *OPERATIONS])
def test_every_command_and_option_of_linky_exists(name: str) -> None:
    commands = typer.main.get_command(cli).commands  # type: ignore[attr-defined]
    options = {key: {o for p in c.params for o in p.opts} for key, c in commands.items()}
    code = page(name).replace("\\\n", " ")
    for command, rest in re.findall(r"\blinky (rotate-keys|bootstrap-database)\b([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options[command], rest
    for rest in re.findall(r"put-secrets([^\n`]*)", code):
        assert set(re.findall(r"--[a-z-]+", rest)) <= options["put-secrets"], rest


def test_the_nine_steps_install_each_file_that_setup_does() -> None:
    """Otherwise a log fills the disk, addresses stay in it, or nothing is updated."""
    host = ROOT / "deploy" / "host"
    setup = (host / "setup").read_text(encoding="utf-8")
    targets = dict(re.findall(r'put "\$host/files/([\w-]+)" (\S+)', setup))
    targets |= re.findall(r'<"\$host/files/(apt)" >"\$new"\n +put "\$new" (\S+)', setup)
    assert set(targets) == {path.name for path in (host / "files").iterdir()}
    for file, target in targets.items():
        command = rf"deploy/host/files/{file} [^\n]*{re.escape(target)}\n"
        assert re.search(command, section("aws.md", "AWS: by hand, in nine steps")), file


@pytest.mark.parametrize("name", OPERATIONS)
def test_after_a_change_of_keys_no_process_of_the_old_keys_answers(name: str) -> None:
    """`linky-deploy --restart` lets the old process answer beside the new one."""
    text = section(name, KEYS[name])
    (command,) = re.findall(r"systemctl [^)]+", RESTART)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    assert [block for block in blocks if "linky-deploy" in block] == []
    # Of the first step, of keys in a file, and of keys that leaked.
    assert text.count(command) == 3
