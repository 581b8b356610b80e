"""Whether readers see a notification, and what it says: its post and its comment say so.

A statement joins these once by `with_subjects`. The count, which may look at thousands of rows,
looks them up one after the other instead: for so many the planner would read all posts.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.comment.models import Comment
from app.comment.models import visible_to as comment_visible_to
from app.core.database import Base
from app.notification.enums import ABOUT_COMMENTS, ABOUT_POSTS, MESSAGES, NotificationType
from app.notification.models import Notification
from app.notification.rows import COMMENT_SHOWN, NO, POST_SHOWN, YES
from app.notification.texts import EXCERPT_LENGTH
from app.post.enums import Moderation
from app.post.models import Post, not_muted, readable_by
from app.user.models import is_there, not_blocked

_Above = aliased(Comment, name="above")
"""The comment that a reply stands below."""

type _Holds = Callable[[type[Base], ColumnElement[bool], ColumnElement[bool]], ColumnElement[bool]]
"""That a condition holds of the row of a table that another condition names."""


def with_subjects[S: Select[Any]](statement: S) -> S:
    """Joins what notifications are about."""
    return (
        statement.outerjoin(Post, Post.id == Notification.post_id)
        .outerjoin(Comment, Comment.id == Notification.comment_id)
        .outerjoin(_Above, _Above.id == Notification.parent_id)
    )


def visible_to(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether the viewer sees a notification, in a statement `with_subjects`.

    A notification about a post or comment is as visible as that. A moderator's message and all
    others stay, but for those by someone whom the viewer has blocked, or who leaves.
    """
    return and_(
        Notification.user_id == viewer,
        _sees_post(viewer, Notification, _joined),
        _sees_rest(viewer, Notification, _joined),
    )


def sees_post(viewer: ColumnElement[UUID], notification: type[Notification]) -> ColumnElement[bool]:
    """The part of `visible_to` about the post, which is looked up."""
    return _sees_post(viewer, notification, _looked_up)


def sees_rest(viewer: ColumnElement[UUID], notification: type[Notification]) -> ColumnElement[bool]:
    """The other part of `visible_to`, about the comments, which are looked up."""
    return _sees_rest(viewer, notification, _looked_up)


def _joined(
    _: type[Base], __: ColumnElement[bool], condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    return condition


def _looked_up(
    table: type[Base], key: ColumnElement[bool], condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    row = select(literal_column("1", Integer)).where(key, condition).correlate_except(table)
    return func.coalesce(row.scalar_subquery(), 0) == 1


def _sees_post(
    viewer: ColumnElement[UUID], notification: type[Notification], holds: _Holds
) -> ColumnElement[bool]:
    """Readable, and not muted: who mutes their own post wants no notifications about it either."""
    seen = and_(readable_by(viewer), not_muted(viewer))
    return or_(
        notification.type.not_in(ABOUT_POSTS), holds(Post, Post.id == notification.post_id, seen)
    )


def _sees_rest(
    viewer: ColumnElement[UUID], notification: type[Notification], holds: _Holds
) -> ColumnElement[bool]:
    # The place-holder of a deleted comment is visible, but nobody is notified of it.
    seen = and_(Comment.deleted_at.is_(None), comment_visible_to(viewer))
    above = comment_visible_to(viewer, _Above)
    return case(
        (
            notification.type.in_(ABOUT_COMMENTS),
            and_(
                holds(Comment, Comment.id == notification.comment_id, seen),
                or_(
                    notification.parent_id.is_(None),
                    holds(_Above, _Above.id == notification.parent_id, above),
                ),
            ),
        ),
        (notification.type == NotificationType.LOUNGE_POST, true()),
        else_=and_(
            is_there(notification.actor_id),
            is_there(notification.post_author_id),
            not_blocked(viewer, notification.actor_id),
            not_blocked(viewer, notification.post_author_id),
        ),
    )


def post_is_gone() -> ColumnElement[bool]:
    """That a post is shown to nobody but perhaps its author."""
    return ~_is_shown(Post)


def comment_is_gone() -> ColumnElement[bool]:
    """The same of a comment."""
    return ~_is_shown(Comment)


def _is_shown(thing: type[Post] | type[Comment]) -> ColumnElement[bool]:
    stands = and_(
        thing.moderation == Moderation.VISIBLE,
        thing.deleted_at.is_(None),
        is_there(thing.author_id),
    )
    # What is not there is not shown.
    return func.coalesce(stands, false())


def quoting_params() -> ColumnElement[Any]:
    """As `present_params`, with the beginning of a comment on one line."""
    line = func.regexp_replace(Comment.body, _literal(r"\s+"), _literal(" "), _literal("g"))
    return _params_with(func.left(line, EXCERPT_LENGTH))


def present_params() -> ColumnElement[Any]:
    """A notification's `params` with the words of its subjects, in a statement `with_subjects`.

    A moderator's message says what of it can be opened.
    """
    return _params_with(Comment.body.expression)


def _params_with(quoted: ColumnElement[Any]) -> ColumnElement[Any]:
    opens = {POST_SHOWN: _is_shown(Post), COMMENT_SHOWN: _is_shown(Comment)}
    words: dict[ColumnElement[bool], dict[str, ColumnElement[Any]]] = {
        Notification.type.in_(ABOUT_COMMENTS): {
            "post": Post.title.expression,
            "body": quoted,
        },
        (Notification.type == NotificationType.LOUNGE_POST): {"body": Post.title.expression},
        Notification.type.in_(MESSAGES): {
            name: case((shown, _literal(YES)), else_=_literal(NO)) for name, shown in opens.items()
        },
    }
    added = case(
        *((is_so, _object(named)) for is_so, named in words.items()), else_=literal({}, JSONB)
    )
    return Notification.params.concat(added)


def _object(named: dict[str, ColumnElement[Any]]) -> ColumnElement[Any]:
    pairs = [part for name, value in named.items() for part in (_literal(name), value)]
    return func.jsonb_build_object(*pairs, type_=JSONB)


def _literal(word: str) -> ColumnElement[str]:
    """A word that the planner sees."""
    return literal_column(f"'{word}'", Text)
