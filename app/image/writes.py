"""What a statement of a higher feature reads, locks and writes in images: parts of its WITH."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    SmallInteger,
    Subquery,
    TableValuedAlias,
    Text,
    Uuid,
    cast,
    column,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core.sql.writes import table_of
from app.image.models import Image
from app.image.rows import picture_as_json


def free_pictures(
    owner_id: ColumnElement[UUID], image_ids: ColumnElement[Sequence[UUID]]
) -> Subquery:
    """How many of these images the owner may use, and their JSON for a post. For a guard.

    `shown` has them in the order of the ids. `need_review`: at least one needs a review. Takes
    `media_url` and `base_url`.
    """
    named = _named(image_ids)
    shown = func.json_agg(aggregate_order_by(picture_as_json(), named.c.position))
    return (
        select(
            func.count().label("number"),
            func.coalesce(cast(shown, Text), "[]").label("shown"),
            func.coalesce(func.bool_or(Image.needs_review), False).label("need_review"),
        )
        .select_from(named)
        .join(Image, _is_free(named, owner_id))
        .subquery("pictures")
    )


def taken_pictures(
    owner_id: ColumnElement[UUID],
    image_ids: ColumnElement[Sequence[UUID]],
    *only_if: ColumnElement[bool],
) -> CTE:
    """The owner's free images of these, locked, with their positions. Some may need a review.

    Locked in the order of their ids, so that two posts with the same images do not deadlock.
    """
    named = _named(image_ids)
    return (
        select(
            Image.id,
            cast(named.c.position - 1, SmallInteger).label("position"),
            Image.needs_review,
        )
        .select_from(named)
        .join(Image, _is_free(named, owner_id))
        .where(*only_if)
        .order_by(Image.id)
        .with_for_update(of=Image)
        .cte("picture")
    )


def attached(taken: CTE, source: CTE) -> CTE:
    """Marks `taken_pictures` as used, if `source` has a row."""
    images = table_of(Image)
    return (
        update(images)
        .where(images.c.id == taken.c.id, exists(select(source)))
        .values(unattached_since=None)
        .returning(images.c.id)
        .cte("attached")
    )


def _named(image_ids: ColumnElement[Sequence[UUID]]) -> TableValuedAlias:
    named = func.unnest(image_ids).table_valued(column("id", Uuid), with_ordinality="position")
    return named.render_derived("given")


def _is_free(named: TableValuedAlias, owner_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return (
        (Image.id == named.c.id)
        & (Image.owner_id == owner_id)
        & Image.unattached_since.is_not(None)
    )
