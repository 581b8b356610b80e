"""Examples of a call: by curl, and by the Dart package."""

import re
import shlex
from collections.abc import Mapping
from typing import Any

import orjson

from app.web.document.examples import example

type Json = dict[str, Any]


def curl_of(method: str, address: str, operation: Json, schemas: Mapping[str, Json]) -> str:
    query = []
    for each in operation.get("parameters", ()):
        value = str(_example(each, schemas))
        address = address.replace(f"{{{each['name']}}}", value)
        if each["in"] == "query" and each["required"]:
            query.append(f"--data-urlencode {shlex.quote(each['name'] + '=' + value)}")
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{shlex.quote(address)}"]
    if query:
        lines += ["-G", *query]
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        if kind == "application/json":
            sent = orjson.dumps(media["example"], option=orjson.OPT_INDENT_2).decode()
            lines += [f"-H 'Content-Type: {kind}'", f"-d {shlex.quote(sent)}"]
        elif kind == "multipart/form-data":
            lines.append("-F 'file=@picture.jpg'")
        else:
            lines += [f"-d '{name}=…'" for name in media["schema"].get("properties", ())]
    return " \\\n  ".join(lines)


def dart_of(operation: Json, schemas: Mapping[str, Json]) -> str:
    """The call of the package's method. Its rules are those of `tools/client/dart.py`."""
    given = []
    for each in operation.get("parameters", ()):
        if each["required"]:
            value = _dart(each["schema"], _example(each, schemas), schemas)
            given.append(value if each["in"] == "path" else f"{camel(each['name'])}: {value}")
    body = operation.get("requestBody", {})
    for kind, media in body.get("content", {}).items():
        if kind == "multipart/form-data":
            given.append("Upload(bytes)")
        elif "example" in media:
            value = _dart(media["schema"], media["example"], schemas)
            given.append(value if body.get("required") else f"body: {value}")
    called = f"linky.{camel(operation['tags'][0])}.{camel(operation['operationId'])}"
    is_empty = any(status == "204" for status in operation["responses"])
    result = "" if is_empty else "final result = "
    return f"{result}await {called}({', '.join(given)});"


def _example(parameter: Json, schemas: Mapping[str, Json]) -> Any:
    value = example(parameter["schema"], dict(schemas), parameter["name"])
    schema = schemas.get(parameter["schema"].get("$ref", "").rpartition("/")[2], {})
    choices = schema.get("enum", [value])
    return value if value in choices else choices[0]


def _dart(schema: Json, value: Any, schemas: Mapping[str, Json]) -> str:
    if choices := schema.get("anyOf") or schema.get("allOf"):
        return _dart(choices[0], value, schemas)
    name = schema.get("$ref", "").rpartition("/")[2]
    inner = schemas[name] if name else schema
    if "properties" in inner:
        required = inner.get("required") or [next(iter(inner["properties"]))]
        lines = [
            f"  {camel(field)}: {_dart(each, value[field], schemas)},\n"
            for field, each in inner["properties"].items()
            if field in required
        ]
        return f"{name}(\n{''.join(lines)})"
    if name and ("enum" in inner or "x-extensible-enum" in inner):
        return f"{name}.{camel(str(value))}"
    if isinstance(value, list):
        return f"[{', '.join(_dart(inner['items'], each, schemas) for each in value)}]"
    if inner.get("format") == "date-time":
        return f"DateTime.parse('{value}')"
    if isinstance(value, str):
        quoted = (
            value.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n").replace("$", r"\$")
        )
        return f"'{quoted}'"
    return orjson.dumps(value).decode()


def camel(name: str) -> str:
    first, *others = re.split(r"[_\s-]+", name)
    return first + "".join(word.capitalize() for word in others)
