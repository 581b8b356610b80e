"""Finds changes of an OpenAPI document that break clients of the old document.

The API must still accept what these clients send, and still answer what they expect. It compares
only those parts of OpenAPI that our documents use. A new or removed error code breaks no client. A
new value of an enumeration in an answer does only if the enumeration is closed. An operation may
go once the day has come that the old document named (`x-sunset`, docs/stability.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from tools.document import in_full

type Json = Mapping[str, Any]
type Direction = Literal["request", "response"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
HIGHER_IS_NARROWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
LOWER_IS_NARROWER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
CHANGE_IS_NARROWER = ("pattern", "format", "multipleOf")
ADDING_IS_NARROWER = ("pattern", "multipleOf")
"""A new `format` is allowed: it may only describe what was true before."""


def breaking_changes(old: Json, new: Json, today: date | None = None) -> list[str]:
    """`today` is the day on which the new document comes."""
    day = today or datetime.now(UTC).date()
    return list(_Comparison(in_full(old), in_full(new), day).document())


@dataclass
class _Comparison:
    old: Json
    new: Json
    today: date
    seen: set[tuple[str, str, str]] = field(default_factory=set)
    """Pairs of named schemas that were compared already: a schema may contain itself."""

    def document(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method in (name for name in METHODS if name in operations):
                name = f"{method.upper()} {path}"
                now = self.new["paths"].get(path, {}).get(method)
                if now is None:
                    if operations[method].get("x-sunset", "9999") > f"{self.today}":
                        yield f"{name}: removed"
                else:
                    yield from self.operation(name, operations[method], now)

    def operation(self, name: str, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{name}: another operationId, the name of the method in generated clients"
        yield from self.parameters(name, old, new)
        yield from self.request_body(name, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            if status < "4":
                where = f"{name} {status}"
                now = new["responses"].get(status)
                if now is None:
                    yield f"{where}: this answer was removed"
                else:
                    yield from self.content(where, answer, now, "response")

    def parameters(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before, after = _parameters(old), _parameters(new)
        for key, parameter in before.items():
            where = f"{name} {key}"
            if key not in after:
                yield f"{where}: removed"
            else:
                yield from self.schema(
                    where, parameter.get("schema", {}), after[key].get("schema", {}), "request"
                )
        for key, parameter in after.items():
            was_required = before.get(key, {}).get("required", False)
            if parameter.get("required", False) and not was_required:
                yield f"{name} {key}: newly required"

    def request_body(self, name: str, old: Json | None, new: Json | None) -> Iterator[str]:
        where = f"{name} body"
        if new is None:
            if old is not None:
                yield f"{where}: removed"
            return
        if new.get("required", False) and not (old or {}).get("required", False):
            yield f"{where}: newly required"
        if old is not None:
            yield from self.content(where, old, new, "request")

    def content(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
        for kind, media in old.get("content", {}).items():
            now = new.get("content", {}).get(kind)
            if now is None:
                yield f"{where}: no {kind} any more"
            else:
                yield from self.schema(
                    where, media.get("schema", {}), now.get("schema", {}), direction
                )

    def schema(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
        key = (old.get("$ref", ""), new.get("$ref", ""), direction)
        if key[0] and key[1]:
            if key in self.seen:
                return
            self.seen.add(key)
        befores, afters = _alternatives(old, self.old), _alternatives(new, self.new)
        # A client sends what the old document describes, and can read only that.
        needed, offered = (befores, afters) if direction == "request" else (afters, befores)
        for alternative in needed:
            partners = _partners(alternative, offered)
            if not partners:
                verb = "no longer takes" if direction == "request" else "may now be"
                yield f"{where}: {verb} {_type(alternative)}"
                continue
            changes = [
                list(self.same_type(where, *_in_order(alternative, partner, direction), direction))
                for partner in partners
            ]
            yield from min(changes, key=len)

    def same_type(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
        yield from self.properties(where, old, new, direction)
        yield from (
            _narrowed(where, old, new) if direction == "request" else _widened(where, old, new)
        )
        for inner in ("items", "additionalProperties"):
            before, after = old.get(inner), new.get(inner)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                yield from self.schema(f"{where}[]", before, after, direction)

    def properties(self, where: str, old: Json, new: Json, direction: Direction) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name, schema in before.items():
            inner = f"{where}.{name}"
            if name not in after:
                yield f"{inner}: removed"
                continue
            if direction == "response" and name in was_required - is_required:
                yield f"{inner}: no longer always there"
            yield from self.schema(inner, schema, after[name], direction)
        if direction == "request":
            for name in sorted(is_required - was_required):
                yield f"{where}.{name}: newly required"


def _partners(alternative: Json, offered: list[Json]) -> list[Json]:
    """The alternatives of the other document that have the same type, or any type."""
    same = [other for other in offered if _type(alternative) in (_type(other), None)]
    return same or [other for other in offered if _type(other) is None]


def _parameters(operation: Json) -> dict[str, Json]:
    parameters = operation.get("parameters", ())
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in parameters}


def _alternatives(schema: Json, document: Json) -> list[Json]:
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _alternatives(target, document)
    if len(schema.get("allOf", ())) == 1:
        return _alternatives(schema["allOf"][0], document)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return [each for part in schema[choice] for each in _alternatives(part, document)]
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return [{"type": kind} if kind == "null" else {**schema, "type": kind} for kind in kinds]
    return [schema]


def _type(schema: Json) -> str | None:
    kind = schema.get("type")
    return str(kind) if kind is not None else None


def _in_order(needed: Json, offered: Json, direction: Direction) -> tuple[Json, Json]:
    return (needed, offered) if direction == "request" else (offered, needed)


def _narrowed(where: str, old: Json, new: Json) -> Iterator[str]:
    for name in HIGHER_IS_NARROWER:
        if name in new and new[name] > old.get(name, float("-inf")):
            yield f"{where}: {name} is now {new[name]}"
    for name in LOWER_IS_NARROWER:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{where}: {name} is now {new[name]}"
    for name in CHANGE_IS_NARROWER:
        was_there = name in old or name in ADDING_IS_NARROWER
        if was_there and name in new and new[name] != old.get(name):
            yield f"{where}: {name} is now {new[name]}"
    removed = [value for value in _values(old) or () if value not in (_values(new) or [value])]
    if removed:
        yield f"{where}: no longer takes {', '.join(map(str, removed))}"
    if _values(new) is not None and _values(old) is None:
        yield f"{where}: takes no other than {', '.join(map(str, _values(new) or ()))} any more"


def _widened(where: str, old: Json, new: Json) -> Iterator[str]:
    """New values of a closed enumeration in an answer. An open one may grow."""
    known, possible = _values(old), _values(new)
    if known is None:
        return
    if possible is None:
        yield f"{where}: may now be another value than {', '.join(map(str, known))}"
    elif added := [value for value in possible if value not in known]:
        yield f"{where}: may now be {', '.join(map(str, added))}"


def _values(schema: Json) -> list[Any] | None:
    """None if any value is allowed."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values
