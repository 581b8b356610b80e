"""Reads JSON into typed values. What does not fit is a `MalformedAnswerError` with its place."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import cast

from linky_client.errors import JsonObject, MalformedAnswerError


def as_object(value: object) -> JsonObject:
    """A JSON object."""
    if isinstance(value, Mapping):
        return cast("JsonObject", value)
    raise MalformedAnswerError(f"an object was expected, not {type(value).__name__}")


def as_text(value: object) -> str:
    """A string."""
    if isinstance(value, str):
        return value
    raise MalformedAnswerError(f"a text was expected, not {type(value).__name__}")


def as_int(value: object) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise MalformedAnswerError(f"a whole number was expected, not {type(value).__name__}")


def as_double(value: object) -> float:
    """A number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise MalformedAnswerError(f"a number was expected, not {type(value).__name__}")


def as_bool(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise MalformedAnswerError(f"true or false was expected, not {type(value).__name__}")


def as_time(value: object) -> datetime:
    """A time, in UTC."""
    try:
        return datetime.fromisoformat(as_text(value)).astimezone(UTC)
    except ValueError:
        raise MalformedAnswerError("a time was expected") from None


def as_date(value: object) -> date:
    """A date."""
    try:
        return date.fromisoformat(as_text(value))
    except ValueError:
        raise MalformedAnswerError("a date was expected") from None


def as_json(value: object) -> object:
    """Anything."""
    return value


def list_of[T](parse: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A list whose items are all of one kind."""

    def read(value: object) -> tuple[T, ...]:
        if isinstance(value, list | tuple):
            return tuple(parse(item) for item in value)
        raise MalformedAnswerError(f"a list was expected, not {type(value).__name__}")

    return read


def map_of[T](parse: Callable[[object], T]) -> Callable[[object], Mapping[str, T]]:
    """An object whose values are all of one kind."""
    return lambda value: {key: parse(item) for key, item in as_object(value).items()}


def maybe[T](parse: Callable[[object], T]) -> Callable[[object], T | None]:
    """The same, or null."""
    return lambda value: None if value is None else parse(value)


def required[T](json: JsonObject, name: str, parse: Callable[[object], T]) -> T:
    """A property that is always there."""
    if name not in json:
        raise MalformedAnswerError(f"{name} is missing")
    try:
        return parse(json[name])
    except MalformedAnswerError as error:
        raise MalformedAnswerError(f"{name}: {error}") from None


def optional[T](json: JsonObject, name: str, parse: Callable[[object], T]) -> T | None:
    """A property that may be absent or null."""
    return None if json.get(name) is None else required(json, name, parse)


def to_json(value: object) -> object:
    """What a request sends for a value."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    write = getattr(value, "to_json", None)
    return write() if write else value


def without_nulls(values: JsonObject) -> dict[str, object]:
    """A request's fields. None means "not sent": null clears nothing in this API."""
    return {name: to_json(value) for name, value in values.items() if value is not None}


def all_of(values: JsonObject) -> dict[str, object]:
    """An answer's fields, nulls too, so that it can be stored and read again."""
    return {name: to_json(value) for name, value in values.items()}
