"""Texts in Japanese and English."""

from typing import Literal, NamedTuple

Locale = Literal["ja", "en"]


class Text(NamedTuple):
    """A text in both languages. It may have `{places}` to fill."""

    ja: str
    en: str

    def in_(self, locale: Locale) -> str:
        return self.en if locale == "en" else self.ja


def as_sentence(text: str, stop: str) -> str:
    """Ends a text that somebody wrote with `stop`, unless it ends a sentence already."""
    return text if text.endswith(_STOPS) else text + stop


_STOPS = ("。", "．", ".", "！", "!", "？", "?")

NO_REASON = Text("記載なし", "None given")
"""Shown if an admin gave no reason."""
