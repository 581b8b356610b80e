"""Texts in Japanese and English, and the choice between the two."""

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


def preferred_locale(accept_language: str | None) -> Locale:
    """The better of ja and en for an Accept-Language header (RFC 9110, 12.5.4); ja by default."""
    best: tuple[float, Locale] = (0.0, "ja")
    for part in (accept_language or "")[:500].lower().split(","):
        tag, _, parameters = part.partition(";")
        primary = tag.strip().partition("-")[0]
        weight = _weight(parameters)
        if primary == "ja" and weight > best[0]:
            best = (weight, "ja")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
