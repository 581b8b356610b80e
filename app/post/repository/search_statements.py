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
    Float,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    not_,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.selectable import LateralFromClause

from app.core.sql.row_lookup import has_row
from app.core.sql.rows import Query, values_of
from app.lounge.models import LoungeFavorite
from app.post.enums import Moderation
from app.post.models import Post, PostSearchText, is_not_hidden, visible_to

SAMPLE = 300
"""Posts that are looked at to see whether the index would help."""

_SHORT_WALK = 1_000
_KEPT = 128
"""Of each statement this many forms are kept: callers can ask for any number of words."""

_VIEWER = bindparam("viewer_id", type_=Uuid)
_LOUNGE_ID = bindparam("lounge_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_NEWLINE: ColumnElement[str] = literal_column("E'\\n'")
"""It ends the title."""


def _number(value: int) -> ColumnElement[int]:
    """A number as a literal: PostgreSQL plans a LIMIT that is a parameter without its value."""
    return literal_column(str(value))


class MatchScope(StrEnum):
    """Where the words are: anywhere, all in the title, or anywhere but not all in the title."""

    ANYWHERE = "anywhere"
    TITLE = "title"
    NOT_TITLE = "not_title"


@dataclass(frozen=True, slots=True)
class SearchKind:
    """A kind of search: those of one kind have the same statements."""

    number_of_words: int
    of_lounge: bool
    of_author: bool
    of_favorites: bool
    place: MatchScope
    for_staff: bool = False
    moderation: Moderation | None = None

    @property
    def is_of_state(self) -> bool:
        """Whether it asks for the hidden or the held posts, which have an index each."""
        return self.moderation in (Moderation.HIDDEN, Moderation.HELD) and not self.of_author

    @property
    def has_ordered_index(self) -> bool:
        """Whether an index has just these posts, in their order.

        No index has all of a lounge, the hidden ones too.
        """
        return self.of_author or self.is_of_state or (self.of_lounge and not self.for_staff)


@dataclass(frozen=True, slots=True)
class _Newest:
    """Some of the newest posts, as a part of a statement."""

    source: FromClause
    post_id: ColumnElement[UUID]
    text: ColumnElement[str]
    in_lounge: ColumnElement[bool]
    """Whether it is in the lounge that is asked for. True if no others are in `source`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A post that a walk found; or, last and with a share, where the walk ended."""

    post_id: UUID
    share: float | None
    """The share of the posts seen that are in the lounge and have all bigrams of the words."""

    oldest_id: UUID | None
    """The oldest of all posts: the slices end at it."""


def word_params(words: tuple[str, ...]) -> dict[str, str]:
    """The parameters for the words of a search."""
    return {f"word_{number}": word for number, word in enumerate(words)}


@lru_cache(_KEPT)
def walk(kind: SearchKind, step: int) -> Query[Seen]:
    """Those of the newest `step` posts that have the words; then, if there is room, where it ended.

    All of one statement sees the same posts. What is written meanwhile can't shift the end, so that
    no post is skipped or found twice.
    """
    newest = _newest(kind, step)
    visible = _visible(kind, newest.post_id)
    # The LIMIT inside also keeps PostgreSQL from running both parts at once.
    matching = (
        select(newest.post_id, null().label("share"), null().label("oldest_id"))
        .select_from(newest.source.join(visible, true()))
        .where(newest.in_lounge, *_has_words(kind, newest.text))
        .order_by(newest.post_id.desc())
        .limit(_LIMIT)
    )
    both = union_all(matching, _end_of_walk(kind, step)).subquery("seen")
    # A short walk in all posts has only one good plan. A long one must not take the connections of
    # the lists.
    plan_each_time = kind.has_ordered_index or step > _SHORT_WALK
    return Query(Seen, select(both).limit(_LIMIT), plan_each_time=plan_each_time)


def _end_of_walk(kind: SearchKind, step: int) -> Select[Any]:
    """The last of the newest `step` posts, if there are so many, and what is known of the others.

    The share is that of the first posts of the walk.
    """
    end = _newest_ids(kind).offset(_number(step - 1)).limit(_number(1)).subquery("end_of_walk")
    sample = _newest(kind, SAMPLE)
    holds = _words_of(kind, sample.text).like(func.all(bindparam("patterns", type_=ARRAY(Text))))
    share = cast(func.coalesce(func.avg(cast(sample.in_lounge & holds, Integer)), 0), Float)
    oldest = select(PostSearchText.post_id).order_by(PostSearchText.post_id).limit(_number(1))
    return select(
        end.c.post_id,
        select(share).select_from(sample.source).scalar_subquery(),
        oldest.scalar_subquery(),
    )


@lru_cache(_KEPT)
def in_slices(kind: SearchKind) -> Query[UUID]:
    """The posts that have the words, or without words all of a lounge, slice after slice."""
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


def _newest_ids(kind: SearchKind) -> Select[Any]:
    """The ids of the newest posts before `after_id`, by an index-only scan."""
    if not kind.has_ordered_index:
        text_id = PostSearchText.post_id
        return select(text_id).where(text_id < _AFTER_ID).order_by(text_id.desc())
    ids = select(Post.id.label("post_id")).where(Post.id < _AFTER_ID).order_by(Post.id.desc())
    if kind.is_of_state:  # Of all lounges.
        return ids.where(Post.deleted_at.is_(None), *_in_state(kind))
    # The author's index has the deleted and hidden posts, too.
    is_there = () if kind.of_author else (Post.deleted_at.is_(None), is_not_hidden(Post.moderation))
    return ids.where(*_chosen(kind), *is_there)


def _newest(kind: SearchKind, number: int) -> _Newest:
    """The newest posts before `after_id`, with their texts.

    With filters the texts come after the ids: together they would be read and sorted for a whole
    lounge.
    """
    ids = _newest_ids(kind).limit(_number(number))
    if not kind.has_ordered_index:
        text = PostSearchText
        newest = ids.add_columns(text.search_text, text.lounge_id).subquery("newest")
        return _Newest(newest, newest.c.post_id, newest.c.search_text, _in_lounge(kind, newest))
    if kind.is_of_state:
        ids = ids.add_columns(Post.lounge_id)
    newest = ids.subquery("newest")
    texts = (
        select(PostSearchText.search_text)
        .where(PostSearchText.post_id == newest.c.post_id)
        .offset(_number(0))
        .lateral("texts")
    )
    source = newest.join(texts, true())
    return _Newest(source, newest.c.post_id, texts.c.search_text, _in_lounge(kind, newest))


def _in_lounge(kind: SearchKind, newest: Subquery) -> ColumnElement[bool]:
    """Where the ids are of all lounges, their lounge stands beside them."""
    if kind.of_lounge and "lounge_id" in newest.c:
        return newest.c.lounge_id == _LOUNGE_ID
    return true()


def _visible(kind: SearchKind, post_id: ColumnElement[UUID]) -> LateralFromClause:
    """The post, if the viewer may see it and the filters let it through."""
    is_seen = Post.deleted_at.is_(None) if kind.for_staff else visible_to(_VIEWER)
    query = select(Post.id).where(Post.id == post_id, is_seen)
    query = query.where(*_in_state(kind))
    if kind.of_favorites:
        row = LoungeFavorite
        query = query.where(has_row(row, row.user_id == _VIEWER, row.lounge_id == Post.lounge_id))
    return query.where(*_chosen(kind)).offset(_number(0)).lateral("visible")


def _in_state(kind: SearchKind) -> tuple[ColumnElement[bool], ...]:
    """By a literal, so that PostgreSQL uses the partial indexes."""
    if kind.moderation is None:
        return ()
    return (Post.moderation == literal_column(f"'{kind.moderation}'"),)


def _chosen(kind: SearchKind) -> tuple[ColumnElement[bool], ...]:
    lounge = Post.lounge_id == _LOUNGE_ID
    author = Post.author_id == bindparam("author_id", type_=Uuid)
    return (*((lounge,) if kind.of_lounge else ()), *((author,) if kind.of_author else ()))


def _words_of(kind: SearchKind, text: ColumnElement[str]) -> ColumnElement[str]:
    """The words that a search is for: those of the title, or all."""
    return func.split_part(text, _NEWLINE, 1) if kind.place == MatchScope.TITLE else text


def _has_words(kind: SearchKind, text: Any) -> tuple[ColumnElement[bool], ...]:
    """`strpos` takes a quarter of the time of LIKE, and no letter has a meaning of its own."""
    words = [bindparam(f"word_{number}", type_=Text) for number in range(kind.number_of_words)]
    anywhere = [func.strpos(text, word) > 0 for word in words]
    if kind.place == MatchScope.ANYWHERE:
        return tuple(anywhere)
    end = func.strpos(text, _NEWLINE)
    in_title = [func.strpos(text, word).between(1, end - 1) for word in words]
    return tuple(in_title) if kind.place == MatchScope.TITLE else (*anywhere, not_(and_(*in_title)))
