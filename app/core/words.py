"""Texts in Japanese and English."""

from typing import Literal, NamedTuple

Locale = Literal["ja", "en"]


class Words(NamedTuple):
    """A text in both languages. It may have `{places}` to fill."""

    ja: str
    en: str

    def in_(self, locale: Locale) -> str:
        return self.en if locale == "en" else self.ja


NO_REASON = Words("記載なし", "none given")
"""Shown if an admin gave no reason."""
