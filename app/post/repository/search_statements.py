"""The statements of a search in PostgreSQL. `search.py` says when each is run.

Each finds ids, the newest first, and stops when it has enough. `OFFSET 0` keeps the order of the
work: PostgreSQL moves no condition through it, and joins nothing in another order.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.selectable import LateralFromClause

from app.core.rows import Query, values_of
from app.post.models import Post, PostSearchText, visible_to

SAMPLE = 300
"""Posts that are looked at to see whether the index would help."""

_KEPT = 128
"""Of each statement this many forms are kept: callers can ask for any number of words."""

_VIEWER = bindparam("viewer_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_EDGE_ID = bindparam("edge_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)


def _number(value: int) -> ColumnElement[int]:
    """A number as a literal: PostgreSQL plans a LIMIT that is a parameter without its value."""
    return literal_column(str(value))


class Place(StrEnum):
    """Where the words are: anywhere, all in the title, or anywhere but not all in the title."""

    ANYWHERE = "anywhere"
    TITLE = "title"
    NOT_TITLE = "not_title"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of search: those of one kind have the same statements."""

    number_of_words: int
    of_lounge: bool
    of_author: bool
    place: Place

    @property
    def has_filters(self) -> bool:
        return self.of_lounge or self.of_author


@dataclass(frozen=True, slots=True)
class _Newest:
    """Some of the newest posts, as a part of a statement."""

    source: FromClause
    post_id: ColumnElement[UUID]
    text: ColumnElement[str]


def word_params(words: tuple[str, ...]) -> dict[str, str]:
    """The parameters for the words of a search."""
    return {f"word_{number}": word for number, word in enumerate(words)}


@lru_cache(_KEPT)
def walk(kind: Kind, step: int) -> Query[UUID]:
    """The posts that have the words, from `after_id` to `edge_id`, at most `step` posts away."""
    newest = _newest(kind, step)
    visible = _visible(kind, newest.post_id)
    statement = (
        select(newest.post_id.label("post_id"))
        .select_from(newest.source.join(visible, true()))
        .where(*_has_words(kind, newest.text))
        .order_by(newest.post_id.desc())
        .limit(_LIMIT)
    )
    return values_of(UUID, statement, plan_each_time=True)


@lru_cache(_KEPT)
def edge(kind: Kind, step: int) -> Query[UUID]:
    """The last of the newest `step` posts: where a walk ends. None if they are fewer."""
    return values_of(UUID, _newest_ids(kind).offset(_number(step - 1)).limit(_number(1)))


@lru_cache(_KEPT)
def share(kind: Kind) -> Query[float]:
    """The share of the newest posts that have all the bigrams."""
    newest = _newest(kind, SAMPLE)
    holds = newest.text.like(func.all(bindparam("patterns", type_=ARRAY(Text))))
    holding = func.count().filter(holds).label("holding")
    statement = select(holding, func.count().label("seen")).select_from(newest.source)
    return Query(_ratio, statement, plan_each_time=True)


@lru_cache(_KEPT)
def in_slices(kind: Kind) -> Query[UUID]:
    """The posts that have the words, by the index, slice after slice."""
    queries = bindparam("queries", type_=ARRAY(Text))
    piece = func.unnest(queries).table_valued("query", name="piece").render_derived()
    text = PostSearchText
    lexemes = func.linky_post_lexemes(text.post_id, text.lounge_id, text.search_text)
    found = (
        select(text.post_id)
        .where(lexemes.op("@@")(cast(piece.c.query, TSQUERY)))
        .where(*_has_words(kind, text.search_text))
        .order_by(text.post_id.desc())
        .offset(_number(0))
        .lateral("found")
    )
    visible = _visible(kind, found.c.post_id)
    whole = piece.join(found, true()).join(visible, true())
    # Outside `found`: inside, a generic plan would read the key's index for each slice too.
    in_range = found.c.post_id < _AFTER_ID
    statement = select(found.c.post_id).select_from(whole).where(in_range).limit(_LIMIT)
    return values_of(UUID, statement, plan_each_time=True)


def _ratio(holding: int, seen: int) -> float:
    return holding / seen if seen else 0.0


OLDEST = values_of(
    UUID, select(PostSearchText.post_id).order_by(PostSearchText.post_id).limit(_number(1))
)
"""The oldest post: the slices end at it."""


def _newest_ids(kind: Kind) -> Select[Any]:
    """The ids of the newest posts before `after_id`, from an index alone."""
    if not kind.has_filters:
        text_id = PostSearchText.post_id
        return select(text_id).where(text_id < _AFTER_ID).order_by(text_id.desc())
    ids = select(Post.id.label("post_id")).where(Post.id < _AFTER_ID).order_by(Post.id.desc())
    # The author's index has the deleted posts too.
    return ids.where(*_chosen(kind), *(() if kind.of_author else (Post.deleted_at.is_(None),)))


def _newest(kind: Kind, step: int) -> _Newest:
    """The newest posts from `after_id` to `edge_id`, with their texts.

    With filters the texts come after the ids: together they would be read and sorted for a whole
    lounge.
    """
    ids = _newest_ids(kind).limit(_number(step))
    if not kind.has_filters:
        both = ids.where(PostSearchText.post_id >= _EDGE_ID)
        newest = both.add_columns(PostSearchText.search_text).subquery("newest")
        return _Newest(newest, newest.c.post_id, newest.c.search_text)
    newest = ids.where(Post.id >= _EDGE_ID).subquery("newest")
    texts = (
        select(PostSearchText.search_text)
        .where(PostSearchText.post_id == newest.c.post_id)
        .offset(_number(0))
        .lateral("texts")
    )
    return _Newest(newest.join(texts, true()), newest.c.post_id, texts.c.search_text)


def _visible(kind: Kind, post_id: ColumnElement[UUID]) -> LateralFromClause:
    """The post, if the viewer may see it and the filters let it through."""
    query = select(Post.id).where(Post.id == post_id, visible_to(_VIEWER))
    return query.where(*_chosen(kind)).offset(_number(0)).lateral("visible")


def _chosen(kind: Kind) -> tuple[ColumnElement[bool], ...]:
    lounge = Post.lounge_id == bindparam("lounge_id", type_=Uuid)
    author = Post.author_id == bindparam("author_id", type_=Uuid)
    return (*((lounge,) if kind.of_lounge else ()), *((author,) if kind.of_author else ()))


def _has_words(kind: Kind, text: Any) -> tuple[ColumnElement[bool], ...]:
    """`strpos` takes a quarter of the time of LIKE, and no letter has a meaning of its own."""
    words = [bindparam(f"word_{number}", type_=Text) for number in range(kind.number_of_words)]
    anywhere = [func.strpos(text, word) > 0 for word in words]
    if kind.place == Place.ANYWHERE:
        return tuple(anywhere)
    end = func.strpos(text, literal_column("E'\\n'"))
    in_title = [func.strpos(text, word).between(1, end - 1) for word in words]
    return tuple(in_title) if kind.place == Place.TITLE else (*anywhere, not_(and_(*in_title)))
