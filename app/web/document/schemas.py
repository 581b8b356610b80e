"""Changes FastAPI's schemas so that generated clients do what the server expects.

- An enumeration in an answer is open: `x-extensible-enum` instead of `enum`. A client that knows
  fewer values reads the answer all the same. In a request it is closed; one that is used both ways
  is there twice.
- A request's optional field may be null, which means that it was not sent. A parameter is never
  null.
- Titles go: generators name classes by them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

type Json = dict[str, Any]

CHOICE = "Choice"
"""The ending of an enumeration in requests whose name is that of an enumeration in answers."""

_PREFIX = "#/components/schemas/"
_PAGE = re.compile(r"\bPage_(\w+)_$")
_NAMES = {"SignInMethod": "Door", "EntryMethod": "SignInMethod"}
"""Enumerations that clients know by another name than ours: their classes were renamed since."""

_NULL: Json = {"type": "null"}


def open_enum(values: list[Any]) -> Json:
    """What makes a schema of strings an open enumeration."""
    return {"type": "string", "x-extensible-enum": values}


def schemas_of(models: Sequence[type[BaseModel]]) -> dict[str, Json]:
    """The schemas of answers that do not belong to a route, and of their parts, by name."""
    if not models:
        return {}
    answers: Any = [(model, "serialization") for model in models]
    _, schema = models_json_schema(answers, ref_template=_PREFIX + "{model}")
    definitions: dict[str, Json] = schema["$defs"]
    return definitions


def mend_schemas(document: Json, others: Iterable[str]) -> None:
    """Change all schemas of the document. Its operations do not have our errors yet.

    `others` are names of schemas that clients get in another way than as an answer.
    """
    _rename(document)
    schemas = document["components"]["schemas"]
    schemas.update(without_titles(schemas))
    operations = [each for path in document["paths"].values() for each in path.values()]
    for operation in operations:
        _mend_parts(operation)
    sent = [_only(operation, "parameters", "requestBody") for operation in operations]
    answered = [operation["responses"] for operation in operations]
    answered += [{"$ref": _PREFIX + name} for name in others]
    in_requests = _reachable(sent, schemas)
    in_answers = _reachable(answered, schemas)
    both = in_requests & in_answers
    assert all("enum" in schemas[name] for name in both), sorted(both)
    for name in both:
        schemas[name + CHOICE] = dict(schemas[name])
    for part in (*sent, *(schemas[name] for name in in_requests - both)):
        _point_to_choices(part, both)
    for part in (*answered, *(schemas[name] for name in in_answers)):
        _open_enums(part)
    for name in in_requests - both:
        _let_optional_be_null(schemas[name])
    for part in schemas.values():
        _spell_null_shortly(part)
    for name in in_requests - both:
        schemas.update(_name_lists(name, schemas[name]))


def _rename(document: Json) -> None:
    """`PostPage` instead of pydantic's `Page_Post_`, and the names that clients know."""
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if _PAGE.fullmatch(name):
            schema.pop("description")  # The class's own words say less than its name.
    document["components"]["schemas"] = {_name_of(name): each for name, each in schemas.items()}
    for part in _parts(document):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(_PREFIX):
            part["$ref"] = _PREFIX + _name_of(reference.removeprefix(_PREFIX))


def _name_of(schema: str) -> str:
    return _NAMES.get(schema) or _PAGE.sub(r"\1Page", schema)


def _mend_parts(operation: Json) -> None:
    operation["responses"].pop("422", None)  # FastAPI's own form. We never send it.
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _of_parameter(without_titles(parameter["schema"]))
    for name in ("requestBody", "responses"):
        if name in operation:
            operation[name] = without_titles(operation[name])


def without_titles(schema: Any) -> Any:
    """The same schema without the titles that pydantic makes of names."""
    if isinstance(schema, list):
        return [without_titles(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: without_titles(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }


def _only(mapping: Mapping[str, Any], *keys: str) -> Json:
    return {key: mapping[key] for key in keys if key in mapping}


def _of_parameter(schema: Json) -> Json:
    """A schema without its alternative null: a parameter that is not sent is simply absent.

    The description goes, because FastAPI writes it beside the schema too.
    """
    choices = [choice for choice in schema.pop("anyOf", ()) if choice != _NULL]
    assert len(choices) <= 1, choices
    schema.pop("description", None)
    return {**schema, **(choices[0] if choices else {})}


def _parts(value: Any) -> Iterator[Json]:
    """All objects in a JSON value, the outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _names(value: Any) -> set[str]:
    """The named schemas that a part of the document refers to."""
    references = (part.get("$ref") for part in _parts(value))
    return {
        reference.removeprefix(_PREFIX)
        for reference in references
        if isinstance(reference, str) and reference.startswith(_PREFIX)
    }


def _reachable(parts: Iterable[Any], schemas: Json) -> set[str]:
    found: set[str] = set()
    waiting = set().union(*map(_names, parts))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= _names(schemas[name]) - found
    return found


def _point_to_choices(value: Any, both: set[str]) -> None:
    for part in _parts(value):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.removeprefix(_PREFIX) in both:
            part["$ref"] = reference + CHOICE


def _open_enums(value: Any) -> None:
    for part in list(_parts(value)):
        values = [part.pop("const")] if isinstance(part.get("const"), str) else None
        values = part.pop("enum") if isinstance(part.get("enum"), list) else values
        if values is not None:
            part.update(open_enum(values))


def _let_optional_be_null(schema: Json) -> None:
    """Allow null in each optional property, as `RequestModel` does.

    A boolean with a default stays plain: a generated client sends true or false.
    """
    if schema.get("additionalProperties") is not False:
        return  # Not JSON, but a form or a query.
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        plain = inner.get("type") == "boolean" and "default" in inner
        if name not in required and not plain and _NULL not in inner.get("anyOf", ()):
            outer = {key: inner.pop(key) for key in ("default", "description") if key in inner}
            schema["properties"][name] = {"anyOf": [inner, dict(_NULL)], **outer}


def _spell_null_shortly(schema: Json) -> None:
    """`"type": ["string", "null"]` instead of `anyOf`, where no schema has a name."""
    for part in list(_parts(schema)):
        choices = part.get("anyOf")
        if not isinstance(choices, list) or len(choices) != 2 or choices[1] != _NULL:
            continue
        inner = choices[0]
        if isinstance(inner.get("type"), str) and "enum" not in inner and "const" not in inner:
            del part["anyOf"]
            part.update({**inner, **part, "type": [inner["type"], "null"]})


def _name_lists(name: str, schema: Json) -> dict[str, Json]:
    """Give each optional list of a request a name, and refer to it in `allOf`. Returns the lists.

    The generator `dart` gives any other list the default `const []`, also where it may be null. A
    client that changes the title of a post would then remove all of its pictures. The list has a
    name, because openapi-python-client makes an object of what stands in `allOf` without one.
    """
    lists = {}
    required = schema.get("required", ())
    for field, inner in schema.get("properties", {}).items():
        if field not in required and inner.get("type") == ["array", "null"]:
            outer = {key: inner.pop(key) for key in ("default", "description") if key in inner}
            named = name + field.title().replace("_", "")
            lists[named] = inner
            schema["properties"][field] = {"allOf": [{"$ref": _PREFIX + named}], **outer}
    return lists
