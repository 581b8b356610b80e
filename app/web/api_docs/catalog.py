"""The Japanese of the OpenAPI document's texts: `ja.toml`, by the English text.

An English text that changes has no Japanese one until it gets it there. A test says which.
"""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from app.core.texts import Locale

CATALOG = Path(__file__).parent / "ja.toml"


@cache
def japanese() -> Mapping[str, str]:
    texts: Mapping[str, str] = tomllib.loads(CATALOG.read_text("utf-8"))
    return texts


def translator(locale: Locale) -> Callable[[str], str]:
    """A text without a Japanese one stays in English."""
    if locale == "en":
        return str
    return lambda text: japanese().get(text, text)
