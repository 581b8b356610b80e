"""Reads the JSON body of a request, and bounds how much is built from it.

Each key that no model has is an error of its own, and each error costs the event loop 5 µs. A body
of 256 KiB has room for 32,000 of them. So keys and values are counted before anything is parsed.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import PydanticUndefined
from starlette.types import Scope

from app.core.errors import BadRequest, UnsupportedMediaType
from app.core.field_errors import FieldCode
from app.core.schemas import RequestModel
from app.core.texts import Text
from app.web.headers import sends_json

MAX_FIELDS: Final = 200
"""Keys of the outermost object, of which each unknown one is an error. No model has a tenth."""

MAX_KEYS: Final = 2_000
"""Keys of all objects in a body together."""

MAX_VALUES: Final = 8_000
"""Items of lists and members of objects in a body together. The longest model takes 6,000."""

_MAX_TOKENS: Final = 2 * (MAX_KEYS + MAX_VALUES)
"""A string and the character behind it, for each key and each value."""

TOO_MANY_KEYS = FieldCode(
    "too_many_keys",
    Text("項目の数が多すぎます。", "Too many fields."),
)
TOO_MANY_VALUES = FieldCode(
    "too_many_values",
    Text("値の数が多すぎます。", "Too many values."),
)

# A string, also one without its closing quotation mark, or one of the two counted characters. The
# quantifiers are possessive: no character is read twice.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[:,]', re.DOTALL)


_NOTHING = re.compile(rb"\s*(null|\{\s*\})?\s*")


def parsed_body(scope: Scope, sent: bytes) -> Any:
    """A body as FastAPI parses it, in UTF-8 only.

    What is not declared to be JSON stays bytes, which fit no model. Raises RequestValidationError,
    BadRequest.
    """
    if not sent:
        return PydanticUndefined
    return _parsed_json(sent) if sends_json(scope) else sent


def errors_of_unexpected_body(scope: Scope, sent: bytes) -> Sequence[Any]:
    """The errors of a body where the route takes none: its fields. An empty object has none.

    So a client that sends `role` learns that it is not accepted. Raises RequestValidationError,
    BadRequest, UnsupportedMediaType.
    """
    if _NOTHING.fullmatch(sent):
        return ()
    if not sends_json(scope):
        raise UnsupportedMediaType
    try:
        RequestModel.model_validate(_parsed_json(sent))
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        return [{**each, "loc": ("body", *each["loc"])} for each in wrong]
    return ()


def _parsed_json(sent: bytes) -> Any:
    if code := _excess(sent):
        raise _refusal(code)
    try:
        if json.detect_encoding(sent) not in ("utf-8", "utf-8-sig"):
            raise json.JSONDecodeError("Not UTF-8", "", 0)
        body = json.loads(sent)
    except json.JSONDecodeError as error:
        wrong = {
            "type": "json_invalid",
            "loc": ("body", error.pos),
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": error.msg},
        }
        raise RequestValidationError([wrong]) from error
    except (ValueError, RecursionError):
        # Bytes that are no UTF-8, a number of 5,000 digits, or brackets in brackets.
        raise BadRequest from None
    if isinstance(body, dict) and len(body) > MAX_FIELDS:
        raise _refusal(TOO_MANY_KEYS)
    return body


def _refusal(code: FieldCode) -> RequestValidationError:
    wrong = {"type": code.code, "loc": ("body",), "msg": code.words.en, "input": None}
    return RequestValidationError([wrong])


def _excess(sent: bytes) -> FieldCode | None:
    """What the body has too much of. Text in strings does not count.

    The number of steps is bounded by the limits, not by the body.
    """
    if sent.count(b":") <= MAX_KEYS and sent.count(b",") < MAX_VALUES:
        return None
    keys, commas = 0, 0
    for number, token in enumerate(_TOKEN.finditer(sent)):
        keys += token[0] == b":"
        commas += token[0] == b","
        if keys > MAX_KEYS:
            return TOO_MANY_KEYS
        if commas >= MAX_VALUES or number > _MAX_TOKENS:
            return TOO_MANY_VALUES
    return None
