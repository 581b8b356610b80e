"""Errors in fields of a request: a stable code with its words, and the field.

A code is declared next to the rule that raises it:

    DUPLICATE = FieldCode("duplicate", Words("同じものが…", "This contains …"))

A validator in `schemas.py` raises `DUPLICATE.error()`; a service passes `DUPLICATE.at("field")` to
an error from `core/errors.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic_core import PydanticCustomError

from app.core.texts import Locale, Text

type Part = Literal["body", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error in a field. `params` fill the placeholders of the text."""

    field: str
    """The field's name. Empty for the whole `part`."""

    code: str
    words: Text
    params: Mapping[str, object]
    part: Part | None = None
    """The part of the request. Services do not know it: the web layer fills it in."""

    def message_in(self, locale: Locale) -> str:
        return self.words.in_(locale).format(**self.params)


@dataclass(frozen=True, slots=True)
class FieldCode:
    """A stable code for programs, and the words that a user reads."""

    code: str
    words: Text

    def __post_init__(self) -> None:
        if self.code in FIELD_CODES:
            raise ValueError(f"The field code {self.code} is declared twice.")
        FIELD_CODES[self.code] = self

    def error(self) -> PydanticCustomError:
        """For a pydantic validator to raise."""
        return PydanticCustomError(self.code, self.words.en)

    def at(self, name: str, **params: object) -> FieldError:
        """A service or policy names the field, not its place in the request."""
        return FieldError(name, self.code, self.words, params)


FIELD_CODES: dict[str, FieldCode] = {}
"""Every field code by its name. Each adds itself. An error of pydantic has only the name."""
