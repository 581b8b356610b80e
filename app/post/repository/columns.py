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
from app.core.row_lookup import has_row
from app.image.models import Image
from app.image.rows import picture_as_json
from app.lounge.models import Lounge
from app.post.models import Post, PostImage, PostLike, PostWatch
from app.user.models import User
from app.user.rows import author_columns

_VIEWER = bindparam("viewer_id", type_=Uuid)
_MEDIA_URL = bindparam("media_url", type_=Text)


def _images(post: type[Post]) -> ColumnElement[str]:
    """A post's images as JSON text, in order: the text goes into the response as it is."""
    images = func.json_agg(aggregate_order_by(picture_as_json(), PostImage.position))
    return func.coalesce(_of_images(post, cast(images, Text)), "[]")


def image_urls() -> ColumnElement[list[str]]:
    urls = func.array_agg(aggregate_order_by(_MEDIA_URL + Image.key, PostImage.position))
    return func.coalesce(_of_images(Post, urls), cast(literal_column("'{}'"), ARRAY(Text)))


def _of_images(post: type[Post], aggregate: ColumnElement[Any]) -> ColumnElement[Any]:
    """An aggregate over a post's images."""
    return (
        select(aggregate)
        .select_from(PostImage)
        .join(Image, Image.id == PostImage.image_id)
        .where(PostImage.post_id == post.id)
        .correlate(post)
        .scalar_subquery()
    )


def _watching(post: type[Post]) -> ColumnElement[bool]:
    return has_row(PostWatch, PostWatch.user_id == _VIEWER, PostWatch.post_id == post.id)


def _liked(post: type[Post]) -> ColumnElement[bool]:
    return has_row(PostLike, PostLike.user_id == _VIEWER, PostLike.post_id == post.id)


def columns(post: type[Post] = Post) -> tuple[Any, ...]:
    return (
        post.id,
        post.lounge_id,
        Lounge.name.label("lounge_name"),
        post.title,
        post.body,
        _images(post).label("images"),
        post.comment_count,
        post.like_count,
        _liked(post).label("liked"),
        post.moderation,
        post.created_at,
        post.updated_at,
        post_url_of(post.id).label("url"),
        _watching(post).label("watching"),
        *author_columns(),
    )


COLUMNS = columns()


def with_names[*Ts](statement: Select[*Ts], post: type[Post] = Post) -> Select[*Ts]:
    return statement.join(Lounge, Lounge.id == post.lounge_id).join(User, User.id == post.author_id)
