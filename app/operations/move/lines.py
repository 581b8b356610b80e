"""A file of JSON lines, read line by line. What is wrong with a line is said without quoting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.core.field_texts import words_of

LONGEST = 64 * 1024
"""In bytes. The longest user has a few thousand."""

SHOWN = 60
"""Letters of a field's name that are shown. The file names it, so it may be anything."""

_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


class UnreadableFile(Exception):
    """A file of which no line can be read, and why."""


class BadLine(Exception):
    """Why a line is refused."""


@dataclass(frozen=True, slots=True)
class FileLine:
    number: int
    """From 1, as an editor counts."""

    end: int
    """The position in the file after it, in bytes."""

    text: bytes | None
    """None if it is longer than LONGEST."""


def read_lines(path: Path) -> Iterator[FileLine]:
    """All lines that are not blank. Raises UnreadableFile, OSError."""
    with path.open("rb") as file:
        number = end = 0
        while text := file.readline(LONGEST + 1):
            if not number and text.startswith(_OTHER_ENCODINGS):
                raise UnreadableFile("is in UTF-16; save it in UTF-8")
            number, end = number + 1, end + len(text)
            is_whole = len(text) <= LONGEST or text.endswith(b"\n")
            if not is_whole:
                end += _skip_line(file)
            if text.strip():
                yield FileLine(number, end, text.removeprefix(_UTF8_MARK) if is_whole else None)


def _skip_line(file: BinaryIO) -> int:
    """Skips the rest of a line. Returns its length."""
    length = 0
    while rest := file.readline(LONGEST):
        length += len(rest)
        if rest.endswith(b"\n"):
            break
    return length


def parse[M: BaseModel](line: FileLine, model: type[M], context: object = None) -> M:
    """`context` is for the model's checks. Raises BadLine."""
    if line.text is None:
        raise BadLine(f"the line has more than {LONGEST} bytes")
    try:
        line.text.decode()
    except UnicodeDecodeError:
        raise BadLine("this is not UTF-8") from None
    try:
        value = orjson.loads(line.text)
    except orjson.JSONDecodeError:
        raise BadLine("this is not JSON") from None
    if not isinstance(value, dict):
        raise BadLine("this is not a JSON object")
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise BadLine("; ".join(_words_of(each) for each in problems)) from None


def _words_of(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        words = str(context["error"])
    elif error["type"] == "enum":
        words = f"Must be {context['expected']}."
    else:
        words = words_of(error["type"]).en.format(**context)
    field = "".join(sign if sign.isprintable() else "?" for sign in _field_of(error))
    return f"{field[:SHOWN]}: {words}" if field else words


def _field_of(error: ErrorDetails) -> str:
    return ".".join(map(str, error["loc"]))
