"""Whether readers see a notification, and what it says: its post and its comment say so.

A statement joins these once by `with_subjects`. The count, which may look at thousands of rows,
looks them up one after the other instead: for so many the planner would read all posts.
"""

from collections.abc import Callable, Iterable, Mapping
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
from app.notification.kinds import ABOUT_COMMENTS, ABOUT_POSTS, ABOUT_POSTS_ALONE, MESSAGES
from app.notification.models import Notification
from app.notification.texts import EXCERPT_LENGTH
from app.post.enums import Moderation
from app.post.models import Post, not_muted, readable_by
from app.post.models import visible_to as post_visible_to
from app.user.models import is_there, not_blocked

_Above = aliased(Comment, name="above")
"""The parent comment of a reply."""

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
        notification.type.not_in(_literals(ABOUT_POSTS)),
        holds(Post, Post.id == notification.post_id, seen),
    )


def _sees_rest(
    viewer: ColumnElement[UUID], notification: type[Notification], holds: _Holds
) -> ColumnElement[bool]:
    # The placeholder of a deleted comment is visible, but no user is notified of it.
    seen = and_(Comment.deleted_at.is_(None), comment_visible_to(viewer))
    above = comment_visible_to(viewer, _Above)
    return case(
        (
            notification.type.in_(_literals(ABOUT_COMMENTS)),
            and_(
                holds(Comment, Comment.id == notification.comment_id, seen),
                or_(
                    notification.parent_id.is_(None),
                    holds(_Above, _Above.id == notification.parent_id, above),
                ),
            ),
        ),
        (notification.type.in_(_literals(ABOUT_POSTS_ALONE)), true()),
        else_=and_(
            is_there(notification.actor_id),
            is_there(notification.post_author_id),
            not_blocked(viewer, notification.actor_id),
            not_blocked(viewer, notification.post_author_id),
        ),
    )


def _is_shown(thing: type[Post] | type[Comment], seen: ColumnElement[bool]) -> ColumnElement[bool]:
    stands = and_(thing.moderation == Moderation.VISIBLE, thing.deleted_at.is_(None), seen)
    # What is not there is not shown.
    return func.coalesce(stands, false())


def subject_columns(viewer: ColumnElement[UUID]) -> tuple[ColumnElement[Any], ...]:
    """What a notification is about, and what its row says of it, in a statement `with_subjects`.

    A moderator's message opens nothing when what it is about is hidden, also by the viewer.
    """
    post_opens = or_(Notification.post_id.is_(None), _is_shown(Post, post_visible_to(viewer)))
    above_seen = or_(
        Notification.parent_id.is_(None),
        Comment.author_id == viewer,
        comment_visible_to(viewer, _Above),
    )
    comment_seen = _is_shown(Comment, and_(comment_visible_to(viewer), above_seen))
    comment_opens = or_(Notification.comment_id.is_(None), comment_seen)
    opens = or_(Notification.type.not_in(_literals(MESSAGES)), and_(post_opens, comment_opens))
    return (
        Notification.post_id.expression,
        Notification.comment_id.expression,
        Notification.parent_id.expression,
        Notification.lounge_id.expression,
        Notification.lounge_request_id.expression,
        Notification.params.expression,
        Post.title.label("post_title"),
        Comment.body.label("comment_body"),
        opens.label("opens"),
    )


def quoting_params() -> ColumnElement[Any]:
    """The `params` with the words of the subjects, in a statement `with_subjects`."""
    line = func.regexp_replace(Comment.body, _literal(r"\s+"), _literal(" "), _literal("g"))
    is_long = func.length(line) > EXCERPT_LENGTH
    quoted = case((is_long, func.left(line, EXCERPT_LENGTH - 1) + _literal("…")), else_=line)
    about_comment = Notification.type.in_(_literals(ABOUT_COMMENTS))
    about_post = Notification.type.in_(_literals(ABOUT_POSTS_ALONE))
    words = case(
        (about_comment, _object({"post": Post.title, "body": quoted})),
        (about_post, _object({"body": Post.title})),
        else_=literal_column("'{}'::jsonb", JSONB),
    )
    return Notification.params.concat(words)


def _object(named: Mapping[str, Any]) -> ColumnElement[Any]:
    pairs = [part for name, value in named.items() for part in (_literal(name), value)]
    return func.jsonb_build_object(*pairs, type_=JSONB)


def _literal(word: str) -> ColumnElement[str]:
    """A word that is no parameter: the planner sees it, and it is not made again for each row."""
    return literal_column(f"'{word}'", Text)


def _literals(words: Iterable[str]) -> list[ColumnElement[str]]:
    return [_literal(word) for word in words]
