"""`make test-host`: what it takes from the page for one server."""

import re

import pytest
import yaml

from tests.support.server import ROOT
from tools.host import page
from tools.host.base import USER_DATA
from tools.host.stages import EXPORT


@pytest.mark.parametrize("language", ["", ".ja"])
def test_each_step_of_the_page_is_run(language: str) -> None:
    text = page.PAGE.with_name(f"one-server{language}.md").read_text(encoding="utf-8")
    run = [step.commands for step in page.steps()]
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks == run
    names = {step.name for step in page.steps()}
    assert names >= page.MAY_FAIL | page.ANSWERS.keys()


@pytest.mark.parametrize("language", ["", ".ja"])
def test_a_community_is_exported_where_the_sandbox_lets_linky_write(language: str) -> None:
    text = (ROOT / "docs" / f"moving{language}.md").read_text(encoding="utf-8")
    folders = re.findall(r"linky (?:ex|im)port community (/\S+)", text)
    assert set(folders) == {EXPORT}
    script = (ROOT / "deploy" / "host" / "run").read_text(encoding="utf-8")
    user, state = EXPORT.split("/")[3], '--property=StateDirectory="$user"'
    assert f"    user={user}\n" in script
    assert state in script


def test_the_command_of_the_page_installs_what_the_user_data_installs() -> None:
    script = (ROOT / "deploy" / "host" / "install").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^packages=\((.*?)\)$", script, re.MULTILINE | re.DOTALL)
    config = yaml.safe_load(USER_DATA.read_text(encoding="utf-8"))
    assert listed.split() == config["packages"]
