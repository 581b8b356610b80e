"""The document for apps: without what only admins call."""

from collections.abc import Iterable, Iterator
from typing import Any

type Json = dict[str, Any]

ADMIN = "admin"
"""The tag of the admins' calls."""

_PREFIX = "#/components/"


def for_apps(document: Json) -> Json:
    """The same without the admins' calls, and without what only these refer to."""
    paths: dict[str, Json] = {}
    of_admins: list[Json] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if ADMIN in operation["tags"]:
                of_admins.append(operation)
            else:
                paths.setdefault(path, {})[method] = operation
    all_parts = {
        f"{_PREFIX}{kind}/{name}": part
        for kind, named in document["components"].items()
        for name, part in named.items()
    }
    # What no call refers to stays: apps get it in another way.
    others = set(all_parts) - _reachable(of_admins, all_parts)
    kept = others | _reachable([paths, *map(all_parts.get, others)], all_parts)
    components = {
        kind: {name: part for name, part in named.items() if f"{_PREFIX}{kind}/{name}" in kept}
        for kind, named in document["components"].items()
    }
    tags = [tag for tag in document["tags"] if tag["name"] != ADMIN]
    return {**document, "paths": paths, "components": components, "tags": tags}


def _reachable(values: Iterable[Any], all_parts: Json) -> set[str]:
    found: set[str] = set()
    waiting = {name for value in values for name in _references(value)}
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_references(all_parts[name])) - found
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
