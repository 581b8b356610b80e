"""The columns of a post as a user sees it, which all lists of posts select."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core.links import post_url_of
from app.core.sql.row_lookup import has_row
from app.image.models import Image
from app.image.rows import picture_as_json
from app.lounge.models import Lounge
from app.post.models import POST_MARKS, Post, PostImage
from app.user.models import User
from app.user.rows import author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_MEDIA_URL = bindparam("media_url", type_=Text)


def _images() -> ColumnElement[str]:
    """A post's images as JSON text, in order: the text goes into the response as it is."""
    images = func.json_agg(aggregate_order_by(picture_as_json(), PostImage.position))
    return func.coalesce(_of_images(cast(images, Text)), "[]")


def image_urls() -> ColumnElement[list[str]]:
    urls = func.array_agg(aggregate_order_by(_MEDIA_URL + Image.key, PostImage.position))
    return func.coalesce(_of_images(urls), cast(literal_column("'{}'"), ARRAY(Text)))


def _of_images(aggregate: ColumnElement[Any]) -> ColumnElement[Any]:
    """An aggregate over a post's images."""
    return (
        select(aggregate)
        .select_from(PostImage)
        .join(Image, Image.id == PostImage.image_id)
        .where(PostImage.post_id == Post.id)
        .correlate(Post)
        .scalar_subquery()
    )


COLUMNS = (
    Post.id,
    Post.lounge_id,
    Lounge.name.label("lounge_name"),
    Post.title,
    Post.body,
    _images().label("images"),
    Post.comment_count,
    Post.like_count,
    Post.moderation,
    Post.created_at,
    Post.updated_at,
    post_url_of(Post.id).label("url"),
    *(
        has_row(table, table.user_id == _VIEWER, table.post_id == Post.id).label(table.mark.field)
        for table in POST_MARKS
        if table.mark.field
    ),
    *author_columns(),
)


def with_names[*Ts](statement: Select[*Ts]) -> Select[*Ts]:
    return statement.join(Lounge, Lounge.id == Post.lounge_id).join(User, User.id == Post.author_id)
