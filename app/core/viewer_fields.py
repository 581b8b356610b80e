"""Fields that a reader makes for themselves, such as `liked`: each is declared where it stands.

liked: Annotated[bool, ViewerField(PostLike.mark)]

The document marks them with `x-of-reader`. What is sent to many readers lacks them. Their changes
are sent only to the reader's own devices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, get_type_hints
from uuid import UUID

import orjson
from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema
from sqlalchemy import ColumnElement, Text, cast, func

from app.core.user_marks import Mark


@dataclass(frozen=True, slots=True)
class ViewerField:
    """Marks a field that its reader makes, and no one else sees."""

    mark: Mark | None = None
    """The mark whose field it is, which says what it means."""

    is_published: bool = True
    """Whether the reader's other devices get a change of it at once."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        means = {"description": self.mark.means} if self.mark else {}
        return {**handler(schema), **means, "x-of-reader": True}


@cache
def fields_of_reader(shape: type) -> Mapping[str, ViewerField]:
    return {
        name: marker
        for name, hint in get_type_hints(shape, include_extras=True).items()
        for marker in getattr(hint, "__metadata__", ())
        if isinstance(marker, ViewerField)
    }


def unmarked(shape: type) -> dict[str, Any]:
    """The fields of marks as a new thing has them: nobody has set one."""
    return {name: False for name, marker in fields_of_reader(shape).items() if marker.mark}


@dataclass(frozen=True, slots=True)
class PublishedMarks:
    """A reader's own marks on a thing, as their other devices get them."""

    id: UUID
    put: orjson.Fragment


def published_marks(thing: str, shape: type, columns: Iterable[Any]) -> ColumnElement[str]:
    """The column `put` of `PublishedMarks`: the fields of `shape` that other devices get.

    They come from columns with the same names.
    """
    names = [name for name, marker in fields_of_reader(shape).items() if marker.is_published]
    by_name = {column.key: column for column in columns}
    pairs = chain.from_iterable((name, by_name[name]) for name in names)
    return cast(func.json_build_object("thing", thing, *pairs), Text).label("put")
