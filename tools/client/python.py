"""Writes the Python client's models, enums, problems and calls."""

import keyword
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import indent, wrap

from tools.client.model import Api, Enum, Field, Model, Operation, Param, Type, camel, snake

SCALARS = {
    "text": "str", "int": "int", "double": "float", "bool": "bool", "time": "datetime",
    "date": "date", "json": "object", "object": "JsonObject", "file": "Upload", "bytes": "bytes",
}  # fmt: skip


def type_of(type_: Type) -> str:
    inner = type_of(type_.item) if type_.item else ""
    kinds = {
        "list": f"tuple[{inner}, ...]",
        "map": f"Mapping[str, {inner}]",
        "page": f"Page[{inner}]",
        "model": f"models.{type_.name}",
        "enum": f"enums.{type_.name}",
    }
    name = kinds.get(type_.kind) or SCALARS[type_.kind]
    return f"{name} | None" if type_.nullable else name


def parser_of(type_: Type) -> str:
    inner = parser_of(type_.item) if type_.item else ""
    kinds = {
        "list": f"list_of({inner})",
        "map": f"map_of({inner})",
        "page": f"page_of({inner})",
        "model": f"models.{type_.name}.parse",
        "enum": f"enums.{type_.name}.parse",
    }
    name = kinds.get(type_.kind) or f"as_{type_.kind}"
    return f"maybe({name})" if type_.nullable else name


def identifier(name: str) -> str:
    name = snake(name)
    return f"{name}_" if keyword.iskeyword(name) else name


def docstring(text: str, depth: int, extra: Sequence[str] = ()) -> str:
    width = 96 - depth
    text = re.sub(r"\\", "", text).strip()
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    lines = [line for part in paragraphs for line in (*wrap(part, width), "")]
    for part in extra:
        lines += [*wrap(part, width, break_on_hyphens=False), ""]
    lines = lines[:-1] or ["Not described."]
    one = lines[0] if lines[0].endswith((".", "!", "?", ":")) or len(lines) > 1 else f"{lines[0]}."
    quotes = '"""'
    end = f"\n{quotes}" if len(lines) > 1 else quotes
    return indent(
        f"{quotes}{'\n'.join([one, *lines[1:]])}{end}", " " * depth, lambda line: line.strip() != ""
    )


def _enum(enum: Enum) -> Iterator[str]:
    names = {value: re.sub(r"\W", "_", value).upper() for value in enum.values}
    if not enum.is_open:
        yield f"class {enum.name}(StrEnum):"
        yield docstring(enum.description or "Values that a request may have", 4)
        yield ""
        yield from (f'    {name} = "{value}"' for value, name in names.items())
        yield "\n    @classmethod\n    def parse(cls, value: object) -> Self:"
        yield "        return cls(as_text(value))\n\n"
        return
    yield "@dataclass(frozen=True, slots=True)"
    yield f"class {enum.name}(OpenEnum):"
    yield docstring(enum.description or "May get more values: treat those as other", 4)
    yield ""
    yield from (f'    {name}: ClassVar["{enum.name}"]' for name in names.values())
    yield f"    KNOWN: ClassVar[frozenset[str]] = frozenset({sorted(names)})\n\n"
    yield from (f'{enum.name}.{name} = {enum.name}("{value}")' for value, name in names.items())
    yield "\n"


def _enums(api: Api) -> Iterator[str]:
    yield '"""The enums. Written by `make client`: edit openapi.json, not this file."""\n'
    yield "from dataclasses import dataclass\nfrom enum import StrEnum"
    yield "from typing import ClassVar, Self\n"
    yield "from linky_client.reading import as_text\nfrom linky_client.values import OpenEnum\n"
    for enum in api.enums:
        yield from _enum(enum)


def _read(field: Field) -> str:
    if field.required:
        return f'required(json, "{field.name}", {parser_of(field.type)})'
    plain = Type(field.type.kind, field.type.name, field.type.item)
    if field.default is not None:
        return f'optional(json, "{field.name}", {parser_of(plain)}) or {field.default!r}'
    return f'optional(json, "{field.name}", {parser_of(plain)})'


def _model(model: Model) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {model.name}:"
    yield docstring(model.description or f"{model.name}, as it travels", 4)
    yield ""
    for field in model.fields:
        name, type_ = identifier(field.name), type_of(field.type).replace("models.", "")
        if field.required:
            yield f"    {name}: {type_}"
        elif field.default is not None:
            yield f"    {name}: {type_} = {field.default!r}"
        else:
            yield f"    {name}: {type_.removesuffix(' | None')} | None = None"
        if field.description:
            yield docstring(field.description, 4)
    yield "\n    @classmethod\n    def parse(cls, value: object) -> Self:"
    yield "        json = as_object(value)\n        return cls("
    for field in model.fields:
        reading = _read(field).replace("models.", "")
        yield f"            {identifier(field.name)}={reading},"
    yield "        )\n"
    yield "    def to_json(self) -> dict[str, object]:"
    yield f"        return {'all_of' if model.keeps_nulls else 'without_nulls'}({{"
    yield from (
        f'            "{field.name}": self.{identifier(field.name)},' for field in model.fields
    )
    yield "        })\n\n"


def _models(api: Api) -> Iterator[str]:
    yield '"""What travels. Written by `make client`: edit openapi.json, not this file."""\n'
    yield "from __future__ import annotations\n"
    yield "from collections.abc import Mapping\nfrom dataclasses import dataclass"
    yield "from datetime import date, datetime\nfrom typing import Self\n"
    yield "from linky_client.errors import JsonObject\nfrom linky_client.generated import enums"
    yield f"from linky_client.reading import {', '.join(READING)}"
    yield "from linky_client.values import Page, page_of\n\n"
    for model in api.models:
        yield from _model(model)


READING = (
    *("all_of", "as_bool", "as_date", "as_double", "as_int", "as_json", "as_object", "as_text"),
    *("as_time", "list_of", "map_of", "maybe", "optional", "required", "without_nulls"),
)


def _problems(api: Api) -> Iterator[str]:
    yield '"""The error codes. Written by `make client`: edit openapi.json, not this file."""\n'
    yield "from typing import ClassVar\n\nfrom linky_client.errors import Problem\n\n"
    for code in api.codes:
        yield f"class {camel(code)}Problem(Problem):"
        yield f'    """`{code}`."""\n\n    CODE: ClassVar[str] = "{code}"\n\n'
    yield "PROBLEMS: dict[str, type[Problem]] = {"
    yield from (f'    "{code}": {camel(code)}Problem,' for code in api.codes)
    yield "}"


def _argument(param: Param) -> str:
    type_ = type_of(param.type)
    if param.required:
        return f"{identifier(param.name)}: {type_}"
    return f"{identifier(param.name)}: {type_.removesuffix(' | None')} | None = None"


def _arguments(operation: Operation) -> str:
    arguments = [f"{identifier(one.name)}: {type_of(one.type)}" for one in operation.in_("path")]
    if operation.has_file:
        arguments.append("file: Upload")
    if operation.body and operation.body_required:
        arguments.append(f"body: {type_of(operation.body)}")
    elif operation.body:
        arguments.append(f"body: {type_of(operation.body)} | None = None")
    named = [*operation.in_("query"), *operation.in_("header")]
    named.sort(key=lambda one: not one.required)
    options = "options: CallOptions = NO_OPTIONS"
    return ", ".join(["self", *arguments, "*", *map(_argument, named), options])


def _pairs(params: Sequence[Param]) -> str:
    return "{" + ", ".join(f'"{one.name}": {identifier(one.name)}' for one in params) + "}"


def _operation(operation: Operation) -> Iterator[str]:
    answer = "None" if operation.answer is None else type_of(operation.answer)
    yield f"    async def {operation.id}({_arguments(operation)}) -> {answer}:"
    codes = [f"Problems: {', '.join(f'`{code}`' for code in operation.codes)}."] * bool(
        operation.codes
    )
    yield docstring(operation.summary, 8, codes)
    path = re.sub(r"\{(\w+)\}", lambda name: f"{{segment({identifier(name[1])})}}", operation.path)
    yield "        call = Call("
    yield f'            operation="{operation.id}",'
    yield f'            method="{operation.method}",'
    yield f'            path={"f" if "{" in path else ""}"{path}",'
    for name, params in (("query", operation.in_("query")), ("headers", operation.in_("header"))):
        if params:
            yield f"            {name}={_pairs(params)},"
    for name, value in (
        ("body", "body" if operation.body else ""),
        ("upload", "file" if operation.has_file else ""),
        ("is_public", "True" if operation.is_public else ""),
        ("keyed", "True" if operation.keyed else ""),
        ("cached", "True" if operation.cached else ""),
    ):
        if value:
            yield f"            {name}={value},"
    yield "            options=options,\n        )"
    if operation.answer is None:
        yield "        await self._transport.send(call)"
    elif operation.answer.kind == "bytes":
        yield "        return await self._transport.fetch(call)"
    else:
        yield f"        return await self._transport.call(call, {parser_of(operation.answer)})"
    yield ""


def _calls(api: Api) -> Iterator[str]:
    yield '"""The calls. Written by `make client`: edit openapi.json, not this file."""\n'
    yield "from datetime import date, datetime\nfrom urllib.parse import quote\n"
    yield "from linky_client.transport import Transport"
    yield "from linky_client.errors import JsonObject"
    yield "from linky_client.generated import enums, models"
    yield f"from linky_client.reading import {', '.join(READING)}"
    yield "from linky_client.values import NO_OPTIONS, Call, CallOptions, Page, Upload, page_of\n\n"
    yield 'def segment(value: object) -> str:\n    """A value as a part of a path."""'
    yield '    return quote(str(value), safe="")\n\n'
    for group, operations in api.groups.items():
        yield f"class {camel(group)}Api:"
        yield f'    """The calls of `{group}`."""\n'
        yield "    def __init__(self, transport: Transport) -> None:"
        yield "        self._transport = transport\n"
        for operation in operations:
            yield from _operation(operation)
        yield ""
    yield 'class Apis:\n    """All calls, by their groups."""\n'
    yield "    def __init__(self, transport: Transport) -> None:"
    yield from (f"        self.{group} = {camel(group)}Api(transport)" for group in api.groups)


def formatted(source: str) -> str:
    """A module as ruff would have it: sorted imports, none that is unused, wrapped lines."""
    ruff = str(Path(sys.executable).parent / "ruff")
    commands = (
        [ruff, "check", "--quiet", "--fix-only", "--select", "F401,I", "--stdin-filename"],
        [ruff, "format", "--quiet", "--stdin-filename"],
    )
    for command in commands:
        source = subprocess.run(  # noqa: S603 - both commands are written out here.
            [*command, "clients/python/src/linky_client/module.py", "-"],
            input=source, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    return source


def modules(api: Api) -> dict[str, str]:
    """By path below the package."""
    written = {
        "generated/enums.py": _enums(api),
        "generated/models.py": _models(api),
        "generated/problems.py": _problems(api),
        "generated/apis.py": _calls(api),
    }
    return {name: formatted("\n".join(lines) + "\n") for name, lines in written.items()}
