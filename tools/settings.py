"""Writes the list of settings into `.env.example` and docs/settings.md: `make settings`.

Everything comes from the class `Settings`: the docstring of a field is its description, and a
comment on a line of its own begins a section. What stands before the first setting of a file stays.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.settings.config import Settings
from tools import ROOT

EXAMPLE, PAGE = ROOT / ".env.example", ROOT / "docs" / "settings.md"

_LINE = re.compile(r"^    (?:# (?P<section>.+)|(?P<field>\w+): .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Setting:
    section: str
    field: str

    @property
    def name(self) -> str:
        """`LINKY_PORT` and so on."""
        return f"LINKY_{self.field.upper()}"

    @property
    def default(self) -> str:
        """As in `.env`; empty if there is none."""
        value = Settings.model_fields[self.field].default
        return "" if value in (None, ()) else str(value)

    @property
    def text(self) -> str:
        """What it does, on one line. Raises ValueError for a setting that does not say so."""
        if not (text := Settings.model_fields[self.field].description):
            raise ValueError(f"{self.field} in app/core/settings/config.py needs a docstring")
        return " ".join(text.split())


def settings() -> Iterator[Setting]:
    """In the order of the class."""
    section = ""
    for found in _LINE.finditer(inspect.getsource(Settings)):
        section = found["section"] or section
        if found["field"] in Settings.model_fields:
            yield Setting(section, found["field"])


def example() -> str:
    head, _, _ = EXAMPLE.read_text(encoding="utf-8").partition("\n\n")
    return "\n\n".join([head, *map(_example_of, settings())]) + "\n"


def _example_of(setting: Setting) -> str:
    lines = textwrap.wrap(setting.text, 98, break_on_hyphens=False)
    return "\n".join([*(f"# {line}" for line in lines), f"{setting.name}={setting.default}"])


def page() -> str:
    listed = list(settings())
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(f"\n## {listed[0].section}\n")
    tables = [
        f"\n## {section}\n\n| name | default | meaning |\n| --- | --- | --- |\n"
        + "".join(_row(setting) for setting in listed if setting.section == section)
        for section in dict.fromkeys(setting.section for setting in listed)
    ]
    return head + "".join(tables)


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "none"
    return f"| `{setting.name}` | {default} | {setting.text} |\n"


def rendered() -> dict[Path, str]:
    """Each file that this module writes, with its text."""
    return {EXAMPLE: example(), PAGE: page()}


if __name__ == "__main__":
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")
