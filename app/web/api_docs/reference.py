"""What the pages of the API reference show of the OpenAPI document, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from app.core.errors import all_errors
from app.core.texts import Locale
from app.web.api_docs.samples import curl_of, dart_of
from app.web.api_docs.texts import DEFAULT, ITEMS, LENGTH
from app.web.document.apps import ADMIN

type Json = dict[str, Any]

FORM = "application/x-www-form-urlencoded"
_METHODS = ("get", "post", "put", "patch", "delete")


class Field(NamedTuple):
    """A parameter, or a property of what is sent or comes back."""

    name: str
    kind: str
    text: str
    is_required: bool
    limits: list[str]
    choices: list[str]
    fields: list[Field]


class Error(NamedTuple):
    status: int
    code: str
    title: str


@dataclass(frozen=True)
class Operation:
    """One operation, as the list of all of them has it."""

    id: str
    method: str
    path: str
    group: str
    summary: str
    paragraphs: list[str]
    source: Json

    @property
    def words(self) -> str:
        """What a search looks at."""
        said = (self.id, self.group, self.method, self.path, self.summary, *self.paragraphs)
        return " ".join(said).lower()


class Details(NamedTuple):
    """All that the page of an operation shows."""

    operation: Operation
    needs_token: bool
    may_be_tried: bool
    parameters: dict[str, list[Field]]
    body: list[Field]
    body_type: str
    body_example: str
    status: str
    answer: list[Field]
    answer_kind: str
    answer_example: str
    headers: list[Field]
    errors: list[Error]
    curl: str
    dart: str


class Reference:
    """The document in one language. `translate` gets each of its texts that a page shows."""

    def __init__(self, document: Json, locale: Locale, translate: Callable[[str], str]) -> None:
        self._document, self._locale, self._t = document, locale, translate
        self._schemas: Mapping[str, Json] = document["components"]["schemas"]
        self.intro = [translate(text) for text in _paragraphs(document["info"]["description"])]
        found = sorted(self._operations(), key=_order)
        self.operations = {each.id: each for each in found}
        self.groups = [
            (translate(tag["name"]), translate(tag["description"]), listed)
            for tag in document["tags"]
            if (listed := [each for each in found if tag["name"] in each.source["tags"]])
        ]
        self.first = self.groups[0][2][0].id

    def _operations(self) -> Iterator[Operation]:
        for path, methods in self._document["paths"].items():
            for method, source in methods.items():
                head, *others = _paragraphs(source["description"].partition("\n\nErrors:")[0])
                rest = head.removeprefix(source["summary"]).lstrip(".:; ")
                texts = [rest[0].upper() + rest[1:], *others] if rest else others
                yield Operation(
                    source["operationId"],
                    method.upper(),
                    path,
                    self._t(source["tags"][0]),
                    self._t(source["summary"]),
                    [self._t(text) for text in texts],
                    source,
                )

    def details(self, operation_id: str) -> Details:
        operation = self.operations[operation_id]
        source = operation.source
        server = self._document["servers"][0]["url"]
        body_type, body = _content(source.get("requestBody", {}))
        status = next(code for code in source["responses"] if code < "4")
        answer = source["responses"][status]
        answer_type, content = _content(answer)
        # A browser follows the others, or keeps them open.
        types = {answer_type, body_type} & {"text/event-stream", FORM}
        is_plain = status < "3" and not types
        listed = answer.get("headers", {})
        headers = {name: self._document["components"]["headers"][name] for name in listed}
        by_place: dict[str, list[Field]] = {"path": [], "query": [], "header": []}
        for each in source.get("parameters", ()):
            field = self._field(each["name"], {**each["schema"], **each}, each["required"])
            by_place[each["in"]].append(field)
        return Details(
            operation=operation,
            needs_token=bool(source["security"]),
            may_be_tried=is_plain,
            parameters=by_place,
            body=self._fields(body.get("schema", {})),
            body_type=body_type,
            body_example=_shown(body),
            status=status,
            answer=self._fields(content.get("schema", {})),
            answer_kind=self._kind(content["schema"]) if "schema" in content else "",
            answer_example=_shown(content),
            headers=[
                self._field(name, {**each["schema"], **each}) for name, each in headers.items()
            ],
            errors=self._errors(source["x-error-codes"]),
            curl=curl_of(operation.method, server + operation.path, source, self._schemas),
            dart=dart_of(source, self._schemas) if is_plain and ADMIN not in source["tags"] else "",
        )

    def _errors(self, codes: list[str]) -> list[Error]:
        by_code = {error.code: error for error in all_errors()}
        return [
            Error(by_code[code].status, code, by_code[code].title.in_(self._locale))
            for code in codes
        ]

    def _fields(self, schema: Json, *seen: str) -> list[Field]:
        """The properties of a schema, or of what its list or its alternative to null has."""
        name, inner = self._resolved(schema)
        if name in seen:
            return []
        required = inner.get("required", ())
        return [
            self._field(field, each, field in required, *seen, name)
            for field, each in inner.get("properties", {}).items()
        ]

    def _field(self, name: str, schema: Json, is_required: bool = False, *seen: str) -> Field:
        _, inner = self._resolved(schema)
        choices = inner.get("enum") or inner.get("x-extensible-enum") or ()
        return Field(
            name,
            self._kind(schema),
            self._t(text) if (text := " ".join(schema.get("description", "").split())) else "",
            is_required,
            self._limits({**inner, **schema}),
            [str(choice) for choice in choices if choice is not None],
            self._fields(schema, *seen),
        )

    def _resolved(self, schema: Json) -> tuple[str, Json]:
        """A schema behind its references, lists and alternatives, and its name."""
        name = ""
        while True:
            if "$ref" in schema:
                name = schema["$ref"].rpartition("/")[2]
                schema = self._schemas[name]
            elif choices := schema.get("allOf") or schema.get("anyOf"):
                schema = choices[0]
            elif "items" in schema:
                schema = schema["items"]
            else:
                return name, schema

    def _kind(self, schema: Json) -> str:
        if choices := schema.get("anyOf"):
            return " | ".join(self._kind(choice) for choice in choices)
        if "allOf" in schema:
            return self._kind(schema["allOf"][0])
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return name if "properties" in self._schemas[name] else self._kind(self._schemas[name])
        if "items" in schema:
            return self._kind(schema["items"]) + "[]"
        kind = schema.get("type", "object")
        first, *others = kind if isinstance(kind, list) else [kind]
        return " | ".join([schema.get("format") or first, *others])

    def _limits(self, schema: Json) -> list[str]:
        said = []
        for least, most, text in (
            ("minLength", "maxLength", LENGTH.in_(self._locale)),
            ("minItems", "maxItems", ITEMS.in_(self._locale)),
            ("minimum", "maximum", "{}"),
        ):
            if least in schema or most in schema:
                said.append(text.format(f"{schema.get(least, '')}–{schema.get(most, '')}"))
        if (default := schema.get("default")) is not None:
            said.append(DEFAULT.in_(self._locale).format(default))
        return said


def _content(part: Json) -> tuple[str, Json]:
    """The type and the content of what is sent or comes back."""
    return next(iter(part.get("content", {}).items()), ("", {}))


def _order(operation: Operation) -> tuple[int, str, int]:
    """Short paths first: a group begins with what most readers look for."""
    return operation.path.count("/"), operation.path, _METHODS.index(operation.method.lower())


def _paragraphs(text: str) -> list[str]:
    return [" ".join(each.split()) for each in text.strip().split("\n\n")]


def _shown(media: Json) -> str:
    if "example" not in media:
        return ""
    return orjson.dumps(media["example"], option=orjson.OPT_INDENT_2).decode()
