"""What clients send and get about posts."""

from typing import Annotated
from uuid import UUID

import orjson
from pydantic import AfterValidator, Field

from app.core.etags import edit_part
from app.core.field_errors import FieldCode
from app.core.json import to_json
from app.core.schemas import Id, Line, Paragraphs, RequestModel
from app.core.texts import Text
from app.post.rows import Post

TITLE_LENGTH = 100
BODY_LENGTH = 10_000
MAX_IMAGES = 10

DUPLICATE = FieldCode(
    "duplicate", Text("同じものが 2 回入っています。", "Contains the same item twice.")
)


def _each_once(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        raise DUPLICATE.error()
    return ids


Title = Annotated[str, Line(1, TITLE_LENGTH)]
Body = Annotated[str, Paragraphs(1, BODY_LENGTH)]
ImageIds = Annotated[
    list[Id],
    Field(
        max_length=MAX_IMAGES,
        description="The caller's uploads, in the order in which to show them",
    ),
    AfterValidator(_each_once),
]


def edit_of(post: Post) -> str:
    """What an edit of a post could overwrite, as the first part of its tag."""
    # By their ids: an image's address changes when an admin shows it.
    images = [image["id"] for image in orjson.loads(to_json(post.images))]
    return edit_part(post.title, post.body, images)


class PostImages(RequestModel):
    """The images of a post: these and no others, in this order. An empty list removes all."""

    image_ids: ImageIds


class PostCreate(RequestModel):
    """A new post."""

    lounge_id: Id
    title: Title
    body: Body
    image_ids: ImageIds = Field(default_factory=list)


class PostUpdate(RequestModel):
    """What to change. Fields that are not sent stay. `image_ids: []` removes all images."""

    title: Title | None = None
    body: Body | None = None
    image_ids: ImageIds | None = None
