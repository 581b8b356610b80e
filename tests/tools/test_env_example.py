""".env.example has each setting, with its default and a comment."""

import re
from pathlib import Path

from app.core.config import Settings

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
