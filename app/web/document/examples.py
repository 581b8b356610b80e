"""Describes each property and parameter, and makes examples of requests and answers.

An example is made of the examples of its properties: their own, or those of the glossary. A
viewer's flag (`x-of-reader`), such as `liked`, is false, except in the list of what has it set.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from app.web.document.glossary import ABSENT, GLOSSARY, Meaning

type Json = dict[str, Any]

_PREFIX = "#/components/schemas/"
MOMENT = "2026-11-03T09:12:45.123456Z"
_UNKNOWN = Meaning("")


def describe_properties(schemas: Json) -> None:
    """Give each property that has no description the one of the glossary."""
    for name, schema in schemas.items():
        for field, inner in schema.get("properties", {}).items():
            described = meaning(field, name).description
            if described:
                inner.setdefault("description", described)


def describe_parameters(operation: Json) -> None:
    for parameter in operation.get("parameters", ()):
        described = meaning(parameter["name"]).description
        if described:
            parameter.setdefault("description", described)
        schema = parameter["schema"]
        if "$ref" in schema and "default" in schema:
            # Dart's generators would write the name of a value that is not in scope.
            default = schema.pop("default")
            parameter["description"] += f". `{default}` if it is not sent"


def add_examples(path: str, operation: Json, schemas: Json) -> None:
    """Give the JSON of an operation an example: what is sent, and what comes back."""
    answers = [answer for status, answer in operation["responses"].items() if status < "4"]
    for part in (operation.get("requestBody", {}), *answers):
        media = part.get("content", {}).get("application/json")
        if media is not None and media["schema"] != {"type": "object"}:
            media.setdefault("example", example(media["schema"], schemas))
            if media["schema"].get("$ref", "").endswith("Page"):
                _set_listed_flag(media["example"], path, media["schema"], schemas)


def meaning(field: str, schema: str = "") -> Meaning:
    """What the glossary says of a property."""
    return GLOSSARY.get(f"{schema}.{field}") or GLOSSARY.get(field) or _UNKNOWN


def example(schema: Json, schemas: Json, field: str = "", owner: str = "") -> Any:
    """An example of a schema. `field` is the property that has it, in the schema `owner`."""
    if "examples" in schema:
        return schema["examples"][0]
    if meaning(field, owner).example is ABSENT:
        return None
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_PREFIX)
        if "properties" in schemas[name]:
            return _example_of_object(name, schemas)
        return example(schemas[name], schemas, field, owner)
    for group in ("anyOf", "allOf"):
        if group in schema:
            return example(schema[group][0], schemas, field, owner)
    return _example_of_value(schema, schemas, field, owner)


def _example_of_object(name: str, schemas: Json) -> Json:
    properties: Mapping[str, Json] = schemas[name]["properties"]
    return {field: example(inner, schemas, field, name) for field, inner in properties.items()}


def _set_listed_flag(page: Json, path: str, schema: Json, schemas: Json) -> None:
    """A list of what has a viewer's flag set has its name: `…/likes` of what is `liked`."""
    listed = path.rpartition("/")[2].partition("-")[0].removesuffix("s").removesuffix("e")
    items = _resolved(schema, schemas)["properties"]["items"]["items"]
    for field, inner in _resolved(items, schemas)["properties"].items():
        if _is_viewers_flag(inner) and listed in field:
            page["items"][0][field] = True


def _resolved(schema: Json, schemas: Json) -> Json:
    resolved: Json = schemas[schema["$ref"].removeprefix(_PREFIX)]
    return resolved


def _is_viewers_flag(schema: Json) -> bool:
    return schema.get("type") == "boolean" and schema.get("x-of-reader", False)


def _example_of_value(schema: Json, schemas: Json, field: str, owner: str) -> Any:
    kinds = schema.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    known = False if _is_viewers_flag(schema) else meaning(field, owner).example
    if kind == "array":
        return [example(schema["items"], schemas, field, owner)]
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return {"read": example(schema["additionalProperties"], schemas, field, owner)}
    if known is not None:
        return known
    if schema.get("format") == "uuid":
        return _id_of(field, owner)
    if schema.get("format") == "date-time":
        return None if isinstance(kinds, list) else MOMENT
    choices = schema.get("enum") or schema.get("x-extensible-enum")
    return choices[0] if choices and kinds == kind else None


_KINDS = {"Author": "user", "Me": "user", "Profile": "user", "ManagedUser": "user"}
_FIELDS = {"image_ids": "postimage", "ids": "notificationitem", "parent_id": "comment"}


def _id_of(field: str, owner: str) -> str:
    """A UUID of version 7. The id of a post and a `post_id` are the same."""
    kind = _KINDS.get(owner, owner.lower()) if field == "id" else field.removesuffix("_id")
    kind = {"loungeref": "lounge", "author": "user"}.get(kind, _FIELDS.get(field, kind))
    digits = hashlib.sha256(kind.encode()).hexdigest()
    return f"019a4f2e-{digits[:4]}-7{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}"
