"""What a client needs of the OpenAPI document: models, enums, operations and error codes."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from tools.document import in_full

type Json = Mapping[str, Any]

REF = "#/components/schemas/"
METHODS = ("get", "put", "post", "patch", "delete")
HANDLED_HEADERS = {"idempotency-key", "if-none-match", "x-firebase-appcheck"}
"""The runtime sends these automatically."""


DEFAULTS: dict[str, bool | int | str] = {"bool": False, "int": 0, "double": 0, "text": ""}


@dataclass(frozen=True)
class Type:
    """A type of the wire. `kind` is a scalar, or one of list, map, page, model, enum."""

    kind: str
    name: str = ""
    item: "Type | None" = None
    nullable: bool = False


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    required: bool
    description: str = ""
    is_of_reader: bool = False
    """Whether only its reader makes it: `x-of-reader`."""
    default: bool | int | str | None = None
    """Stands in for a field that the servers of the previous release do not send."""


@dataclass(frozen=True)
class Model:
    name: str
    description: str
    fields: tuple[Field, ...]
    is_answer: bool = False
    """Whether a server sends it. Then its nulls are kept: what is stored must be read again."""

    @property
    def keeps_nulls(self) -> bool:
        return self.is_answer or all(field.required for field in self.fields)


@dataclass(frozen=True)
class Enum:
    """Fixed values. An open enum may get more: a client must bear values that it doesn't know."""

    name: str
    description: str
    values: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True)
class Param:
    """A parameter of an operation: in the path, the query or a header."""

    name: str
    where: str
    type: Type
    required: bool


@dataclass(frozen=True)
class Operation:
    """A call. `keyed` calls take an Idempotency-Key, `cached` ones answer with an ETag."""

    id: str
    group: str
    method: str
    path: str
    summary: str
    params: tuple[Param, ...]
    body: Type | None
    has_file: bool
    body_required: bool
    answer: Type | None
    is_public: bool
    keyed: bool
    cached: bool
    codes: tuple[str, ...]

    def in_(self, where: str) -> list[Param]:
        """The parameters in the path, the query or the headers."""
        return [param for param in self.params if param.where == where]


@dataclass(frozen=True)
class Api:
    models: tuple[Model, ...]
    enums: tuple[Enum, ...]
    operations: tuple[Operation, ...]
    codes: tuple[str, ...]

    @property
    def marks(self) -> dict[str, dict[str, object]]:
        """By kind of thing: the fields that only its reader makes, with their first values."""
        return {
            snake(model.name): {one.name: self._first(one.type) for one in own}
            for model in self.models
            if (own := [one for one in model.fields if one.is_of_reader])
        }

    def _first(self, type_: Type) -> object:
        if type_.nullable:
            return None
        values = {enum.name: enum.values[0] for enum in self.enums}
        return {"bool": False, "int": 0, "text": "", "enum": values.get(type_.name)}[type_.kind]

    @property
    def groups(self) -> dict[str, list[Operation]]:
        """By tag, in the document's order."""
        groups: dict[str, list[Operation]] = {}
        for operation in self.operations:
            groups.setdefault(operation.group, []).append(operation)
        return groups


def camel(name: str) -> str:
    """`lounge_requests` as `LoungeRequests`; letters that are capital already stay so."""
    words = re.split(r"[^A-Za-z0-9]+", name)
    return "".join(word[:1].upper() + word[1:] for word in words if word)


def snake(name: str) -> str:
    """`If-Match` and `limitBytes` become `if_match` and `limit_bytes`."""
    return re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()


def _refs(node: object) -> Iterator[str]:
    """The names of all schemas that a part of the document refers to directly."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(REF):
                yield value.removeprefix(REF)
            else:
                yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def enum_values(schema: Json) -> tuple[str, ...]:
    """The values of an enum, in `enum` or, where it is open, in `x-extensible-enum`."""
    listed = schema.get("enum") or schema.get("x-extensible-enum")
    return tuple(str(value) for value in listed) if isinstance(listed, list) else ()


def without_null(schema: Json) -> tuple[Json, bool]:
    """A schema without its null, and whether it had one."""
    for word in ("anyOf", "allOf"):
        if word in schema:
            parts = [part for part in schema[word] if part.get("type") != "null"]
            nullable = len(parts) < len(schema[word])
            if len(parts) == 1:
                inner, inner_nullable = without_null(parts[0])
                return inner, nullable or inner_nullable
            return {}, nullable  # A union: the client leaves it as JSON.
    kinds = schema.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        kind = rest[0] if len(rest) == 1 else None
        return {**schema, "type": kind}, len(rest) < len(kinds)
    return schema, False


@dataclass
class _Reader:
    document: Json
    older: Mapping[str, Collection[str]] = field(default_factory=dict)
    inline_enums: dict[str, Enum] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    @property
    def schemas(self) -> Json:
        schemas: Json = self.document["components"]["schemas"]
        return schemas

    def closure(self, *roots: object) -> set[str]:
        """The schemas that can be reached from parts of the document."""
        seen: set[str] = set()
        waiting = [name for root in roots for name in _refs(root)]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += _refs(self.schemas[name])
        return seen

    def type_of(self, schema: Json, owner: str, answered: bool) -> Type:
        schema, nullable = without_null(schema)
        return replace(self._plain(schema, owner, answered), nullable=nullable)

    def _plain(self, schema: Json, owner: str, answered: bool) -> Type:
        if ref := schema.get("$ref"):
            return self._named(str(ref).removeprefix(REF))
        if values := enum_values(schema):
            name = camel(owner)
            is_open = answered or "x-extensible-enum" in schema
            text = str(schema.get("description", ""))
            self.inline_enums[name] = Enum(name, text, values, is_open)
            return Type("enum", name)
        kind = schema.get("type")
        if kind == "array":
            return Type("list", item=self.type_of(schema.get("items", {}), owner, answered))
        if kind == "object":
            values_of = schema.get("additionalProperties")
            if isinstance(values_of, Mapping) and values_of:
                return Type("map", item=self.type_of(values_of, owner, answered))
            return Type("object")
        if kind == "string":
            formats = {"date-time": "time", "date": "date", "binary": "file"}
            return Type(formats.get(str(schema.get("format")), "text"))
        return Type(
            {"integer": "int", "number": "double", "boolean": "bool"}.get(str(kind), "json")
        )

    def _named(self, name: str) -> Type:
        schema = self.schemas[name]
        properties = schema.get("properties", {})
        if set(properties) == {"items", "next_cursor"}:
            return Type("page", item=self.type_of(properties["items"]["items"], name, True))
        if enum_values(schema):
            return Type("enum", camel(name))
        if schema.get("type") == "object" and properties:
            return Type("model", camel(name))
        return self.type_of(schema, name, name in self.answered)

    def models(self, names: set[str]) -> Iterator[Model]:
        for name in sorted(names):
            schema = self.schemas[name]
            if self._named(name).kind != "model":
                continue
            required = set(schema.get("required", ()))
            fields = tuple(
                self.one_field(name, property_name, part, is_required=property_name in required)
                for property_name, part in schema["properties"].items()
            )
            # What an answer lacks would be an error; what a request lacks is not sent.
            order = sorted(fields, key=lambda one: not one.required)
            words = str(schema.get("description", ""))
            yield Model(camel(name), words, tuple(order), name in self.answered)

    def one_field(self, model: str, name: str, part: Json, *, is_required: bool) -> Field:
        type_ = self.type_of(part, f"{model}_{name}", model in self.answered)
        default: bool | int | str | None = None
        if is_required and model in self.answered and name not in self.older.get(model, [name]):
            is_required = False
            if not type_.nullable:
                default = DEFAULTS.get(type_.kind)
        words = str(part.get("description", ""))
        return Field(name, type_, is_required, words, bool(part.get("x-of-reader")), default)

    def enums(self, names: set[str]) -> Iterator[Enum]:
        for name in sorted(names):
            schema = self.schemas[name]
            if values := enum_values(schema):
                is_open = name in self.answered or "x-extensible-enum" in schema
                yield Enum(camel(name), str(schema.get("description", "")), values, is_open)

    def operation(self, path: str, method: str, raw: Json) -> Operation | None:
        """None for what a browser opens (redirects, forms) and for streams."""
        good = {status: one for status, one in raw["responses"].items() if status[0] == "2"}
        media: Json = next((one["content"] for one in good.values() if one.get("content")), {})
        body = raw.get("requestBody", {})
        kinds = set(body.get("content", {}))
        if (
            not good
            or kinds & {"application/x-www-form-urlencoded"}
            or "text/event-stream" in media
        ):
            return None
        params = raw.get("parameters", ())
        headers = {str(param["name"]).lower() for param in params if param["in"] == "header"}
        security = raw.get("security", self.document.get("security"))
        base = urlsplit(str(self.document.get("servers", [{"url": ""}])[0]["url"])).path
        return Operation(
            id=raw["operationId"],
            group=snake((raw.get("tags") or ["other"])[0]),
            method=method.upper(),
            path=base.rstrip("/") + path,
            summary=_words_of(raw),
            params=tuple(self.param(raw["operationId"], param) for param in params
                         if str(param["name"]).lower() not in HANDLED_HEADERS),
            body=self.body(body, raw["operationId"]),
            has_file="multipart/form-data" in kinds,
            body_required=bool(body.get("required")),
            answer=self.answer(media, raw["operationId"]),
            is_public=not security,
            keyed="idempotency-key" in headers,
            cached="if-none-match" in headers,
            codes=tuple(sorted(raw["x-error-codes"])),
        )  # fmt: skip

    def param(self, operation: str, raw: Json) -> Param:
        type_ = self.type_of(raw["schema"], f"{operation}_{raw['name']}", False)
        return Param(raw["name"], raw["in"], type_, bool(raw.get("required")))

    def body(self, body: Json, owner: str) -> Type | None:
        content = body.get("content", {}).get("application/json")
        return self.type_of(content["schema"], f"{owner}_body", False) if content else None

    def answer(self, media: Json, owner: str) -> Type | None:
        if content := media.get("application/json"):
            return self.type_of(content["schema"], f"{owner}_answer", True)
        return Type("bytes") if media else None


def _words_of(operation: Json) -> str:
    """What an operation does, without its errors: the codes are documented separately."""
    words = str(operation.get("description") or operation.get("summary") or "")
    return words.partition("\n\nErrors:")[0]


def _json_of(operation: Json) -> Json | None:
    """The JSON body of a request; a browser's forms are not for clients."""
    content: Json = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json")


def read(document: Json, older: Mapping[str, Collection[str]] | None = None) -> Api:
    """Read a document. Schemas of errors are left out: the runtime knows their one form.

    `older` has the fields of each schema that the previous release sends.
    """
    document = in_full(document)
    reader = _Reader(document, older or {})
    raws = [
        (path, method, raw)
        for path, item in document["paths"].items()
        for method in METHODS
        if (raw := item.get(method))
    ]

    def parts(chosen: Callable[[str], bool]) -> set[str]:
        return reader.closure(
            *(
                answer
                for _, _, raw in raws
                for status, answer in raw["responses"].items()
                if chosen(status)
            )
        )

    answered, refused = parts(lambda status: status[0] == "2"), parts(lambda s: s[0] in "45")
    asked = reader.closure(*([_json_of(raw), raw.get("parameters")] for *_, raw in raws))
    # What no call refers to is what pushes and events carry.
    forms = reader.closure(*(raw.get("requestBody") for *_, raw in raws)) - asked
    reader.answered = answered | (set(reader.schemas) - refused - asked - forms)
    names = reader.answered | asked
    operations = tuple(filter(None, (reader.operation(*raw) for raw in raws)))
    models = tuple(reader.models(names))
    enums = {enum.name: enum for enum in (*reader.enums(names), *reader.inline_enums.values())}
    codes = {code for operation in operations for code in operation.codes}
    return Api(
        models, tuple(enums[name] for name in sorted(enums)), operations, tuple(sorted(codes))
    )
