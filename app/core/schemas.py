"""The base of request and response models, and the text types that they share."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from annotated_types import GroupedMetadata
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from app.core.field_errors import FieldCode
from app.core.field_texts import UUID_PARSING
from app.core.text import ForbiddenCharacter, TextTooLong, TooManyMarks, clean
from app.core.texts import Text

EMAIL = FieldCode(
    "email",
    Text("メールアドレスの形式が正しくありません。", "Invalid email address."),
)
FORBIDDEN_CHARACTER = FieldCode(
    "forbidden_character",
    Text("使えない文字が含まれています。", "Contains a character that isn't allowed."),
)
DATE_TIME = FieldCode(
    "date_time",
    Text(
        "日時は 2026-04-01T00:00:00Z の形式で指定してください。",
        "Must be a time such as 2026-04-01T00:00:00Z.",
    ),
)
TOO_MANY_MARKS = FieldCode(
    "too_many_marks",
    Text(
        "文字に付ける記号（濁点やアクセントなど）が多すぎます。",
        "Too many combining marks on one character.",
    ),
)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_UNSENDABLE = re.compile("[\0\ud800-\udfff]")


class RequestModel(BaseModel):
    """What a client sends. An unknown field is an error, so that typing errors are noticed.

    A null field counts as not sent: a Dart client can't distinguish the two.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    _names_sent: ClassVar[frozenset[str]]
    """The fields by the names that clients send."""

    @model_validator(mode="before")
    @classmethod
    def take_null_for_absent(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: v for name, v in value.items() if v is not None or name not in cls._names_sent
        }

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._names_sent = frozenset(
            each.alias or name for name, each in cls.__pydantic_fields__.items()
        )


class ResponseModel(BaseModel):
    """What a client gets. No defaults: a generated client would treat the field as optional."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


@dataclass(frozen=True, slots=True)
class ShownAs:
    """For a field of a row that clients get: the document's type, where that says more.

    `Annotated[str, ShownAs(Role)]` comes from the database as text and goes out as it is, also a
    value that only a later release knows: an enumeration in an answer is open in the document.
    """

    kind: Any

    def __get_pydantic_core_schema__(
        self, _source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _known_or_as_it_is, handler.generate_schema(self.kind)
        )


def _known_or_as_it_is(value: object, known: ValidatorFunctionWrapHandler) -> object:
    try:
        return known(value)
    except ValidationError:
        return value


_ON_A_LINE = r"[^\u0000-\u001f\u007f-\u009f]*"
_IN_PARAGRAPHS = r"(?:[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\r\n)*"
_VISIBLE = r"[^\s\u0000-\u001f\u007f-\u009f]"
_EDGE = r"[\t\n\r ]*"


def _pattern(inside: str, minimum: int) -> str:
    """The pattern that the OpenAPI document has for what `clean` accepts.

    It leaves out two rules: a text of only invisible characters is refused, and so are U+2028 and
    U+2029 in a line.
    """
    return f"^{_EDGE}{inside}{_VISIBLE if minimum else ''}{inside}{_EDGE}$"


def _cleaned(value: object, longest: int, *, multiline: bool) -> object:
    if not isinstance(value, str):
        return value
    try:
        return clean(value, longest=longest, multiline=multiline)
    except TextTooLong:
        raise PydanticKnownError("string_too_long", {"max_length": longest}) from None
    except TooManyMarks:
        raise TOO_MANY_MARKS.error() from None
    except ForbiddenCharacter:
        raise FORBIDDEN_CHARACTER.error() from None


def _address(value: str) -> str:
    # RFC 2047: what reads the header of a mail decodes this, and sends it to another address.
    if "=?" in value.rpartition("@")[0]:
        raise EMAIL.error()
    try:
        # No DNS query: it would block. The confirmation mail shows whether the address works.
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise EMAIL.error() from None


@dataclass(frozen=True, slots=True)
class InDocument:
    """What the OpenAPI document says of a type, beside what pydantic knows of it."""

    make: Callable[[], Mapping[str, object]]
    """Called when the document is made: a start of the server needs none of it."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**self.make(), **handler(schema)}


@dataclass(frozen=True, slots=True)
class Line(GroupedMetadata):
    """Limits of a string on a single line. Lengths in code points, after NFC and trimming."""

    minimum: int
    maximum: int

    def __iter__(self) -> Iterator[object]:
        # Pydantic runs an annotation's validators from the last to the first, so cleaning is first.
        yield StringConstraints(min_length=self.minimum, max_length=self.maximum)
        yield BeforeValidator(self._cleaned)
        yield InDocument(lambda: {"pattern": _pattern(_ON_A_LINE, self.minimum)})

    def _cleaned(self, value: object) -> object:
        return _cleaned(value, self.maximum, multiline=False)


@dataclass(frozen=True, slots=True)
class Paragraphs(GroupedMetadata):
    """Limits of a string that may have tabs and newlines. Lengths in code points."""

    minimum: int
    maximum: int

    def __iter__(self) -> Iterator[object]:
        yield StringConstraints(min_length=self.minimum, max_length=self.maximum)
        yield BeforeValidator(self._cleaned)
        yield InDocument(lambda: {"pattern": _pattern(_IN_PARAGRAPHS, self.minimum)})

    def _cleaned(self, value: object) -> object:
        return _cleaned(value, self.maximum, multiline=True)


LONGEST_EMAIL = 254
"""RFC 5321: a path has 256 octets at most, two of them angle brackets."""

EmailAddress = Annotated[
    str, Line(3, LONGEST_EMAIL), AfterValidator(_address), InDocument(lambda: {"format": "email"})
]


def _exact(value: object) -> object:
    """Does not trim: every character of a secret counts. Refuses what UTF-8 can't encode."""
    if isinstance(value, str) and _UNSENDABLE.search(value):
        raise FORBIDDEN_CHARACTER.error()
    return value


def _canonical_id(value: object) -> object:
    if isinstance(value, UUID):
        return value
    # Python's parser also accepts braces, a URN, upper case and no hyphens.
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise UUID_PARSING.error()


Id = Annotated[
    UUID, BeforeValidator(_canonical_id), InDocument(lambda: {"pattern": f"^{_ID.pattern}$"})
]
"""An id as we write it: a UUID in lower case with hyphens."""


def _moment(value: object) -> datetime:
    """RFC 3339, with an offset. Pydantic would also take numbers, and times without an offset."""
    if isinstance(value, datetime):
        return value
    try:
        if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
            raise ValueError
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise DATE_TIME.error() from None


Moment = Annotated[datetime, BeforeValidator(_moment), InDocument(lambda: {"format": "date-time"})]
"""A time with its offset, such as `2026-04-01T00:00:00Z`."""


@dataclass(frozen=True, slots=True)
class Exact(GroupedMetadata):
    """Limits of a string that is taken as it was sent. Lengths in code points.

    A `Field` around such a string would count it as a list: "at most 64 are allowed".
    """

    minimum: int | None = None
    maximum: int | None = None

    def __iter__(self) -> Iterator[object]:
        if (self.minimum, self.maximum) != (None, None):
            yield StringConstraints(min_length=self.minimum, max_length=self.maximum)
        yield BeforeValidator(_exact)
        yield InDocument(lambda: {"pattern": r"^[^\u0000]*$"})


Secret = Annotated[str, Exact()]
"""A password or token as it was sent. The service checks its rules."""


Url = Annotated[
    str,
    Field(description="Its one address: a page in a browser, and on a phone it opens the app"),
]
"""The field `url` of what has an address (`core/links.py`)."""


class ModerationState(StrEnum):
    """A `held` post or comment waits for a moderator; only its author sees it."""

    VISIBLE = "visible"
    HELD = "held"


Moderation = Annotated[str, ShownAs(ModerationState)]
"""The field `moderation` of what a moderator can hold."""
