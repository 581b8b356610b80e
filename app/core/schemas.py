"""The base of request and response models, and the text types that they share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from annotated_types import GroupedMetadata
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from app.core.text import ForbiddenCharacter, TextTooLong, TooManyMarks, clean

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


class RequestModel(BaseModel):
    """What a client sends. Unknown fields are refused, so that nobody believes they were taken.

    A field that is null is one that was not sent: a Dart client can't tell the two apart.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def take_null_for_absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        known = cls.model_fields
        return {name: v for name, v in value.items() if v is not None or name not in known}


class ResponseModel(BaseModel):
    """What a client gets. No defaults: a generated client would take the field for optional."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page[Item](ResponseModel):
    """A page of a list. `next_cursor` is null at the end."""

    items: list[Item]
    next_cursor: str | None


def _cleaned(value: object, longest: int, *, multiline: bool) -> object:
    if not isinstance(value, str):
        return value
    try:
        return clean(value, longest=longest, multiline=multiline)
    except TextTooLong:
        raise PydanticKnownError("string_too_long", {"max_length": longest}) from None
    except TooManyMarks:
        raise PydanticCustomError("too_many_marks", "too many combining marks") from None
    except ForbiddenCharacter:
        raise PydanticCustomError("forbidden_character", "a forbidden character") from None


def _address(value: str) -> str:
    try:
        # Deliverability is for the confirmation mail to find out; a look-up would block.
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise PydanticCustomError("email", "not an e-mail address") from None


@dataclass(frozen=True, slots=True)
class Line(GroupedMetadata):
    """Of a string on one line. Lengths in code points, after NFC and trimming."""

    minimum: int
    maximum: int

    def __iter__(self) -> Iterator[object]:
        # What stands behind in an annotation is done first.
        yield StringConstraints(min_length=self.minimum, max_length=self.maximum)
        yield BeforeValidator(self._cleaned)

    def _cleaned(self, value: object) -> object:
        return _cleaned(value, self.maximum, multiline=False)


@dataclass(frozen=True, slots=True)
class Paragraphs(GroupedMetadata):
    """Of a string that may have tabs and newlines. Lengths in code points."""

    minimum: int
    maximum: int

    def __iter__(self) -> Iterator[object]:
        yield StringConstraints(min_length=self.minimum, max_length=self.maximum)
        yield BeforeValidator(self._cleaned)

    def _cleaned(self, value: object) -> object:
        return _cleaned(value, self.maximum, multiline=True)


EmailAddress = Annotated[str, Line(3, 254), AfterValidator(_address)]


def _exact(value: object) -> object:
    """Not trimmed: every character of a secret counts. But one that can't be encoded is none."""
    if isinstance(value, str) and _UNSENDABLE.search(value):
        raise PydanticCustomError("forbidden_character", "a forbidden character")
    return value


def _canonical_id(value: object) -> object:
    if isinstance(value, UUID):
        return value
    # Python's parser would also take braces, a URN, upper case and no hyphens.
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise PydanticCustomError("uuid_parsing", "not an id")


Id = Annotated[UUID, BeforeValidator(_canonical_id)]
"""An id as we write it: a UUID in lower case with hyphens."""

Secret = Annotated[str, BeforeValidator(_exact)]
"""A password or token as it was sent. Its rules are checked by the service, with their own code."""


class Author(ResponseModel):
    """Who wrote something. For one who has left, `id` is null and the name says so."""

    id: UUID | None
    nickname: str
    avatar_url: str | None
