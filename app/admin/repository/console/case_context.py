"""What stands beside a thing that an admin decides about. Each is one statement with a bound."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from app.admin.enums import UNDONE, Action, TargetType
from app.admin.models import AuditEntry
from app.admin.repository.console.overview import IMAGES, MAX_COUNTED
from app.admin.repository.expressions import NO_OBJECTS, json_list, literal_number
from app.admin.rows import AuthorRow, NearComment, ReporterRow, SceneRow, ThingsOfCases
from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import FIRST_ID
from app.core.sql.rows import Query
from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, is_not_hidden
from app.reports.enums import Resolution
from app.reports.models import Report, ReportCase, name_in
from app.suspension.enums import AppealStatus
from app.suspension.models import Appeal, GivenWarning
from app.user.enums import UserStatus
from app.user.models import User
from app.user.rows import author_columns

NEAR = 3
"""Comments, and replies, on each side of the one that is looked at."""

REPORTERS = 5
EARLIER = 3
"""The latest reports that each of them made before. Up to `MAX_COUNTED` are counted."""

LATEST = 5
"""Warnings and cases of an author."""

RECENT = 200
"""Posts, comments, cases and entries of the log that an author's numbers look through."""

_MEDIA_URL = bindparam("media_url", type_=Text)
_POST_ID = bindparam("post_id", type_=Uuid)
_COMMENT_ID = bindparam("comment_id", type_=Uuid)
_USER_ID = bindparam("user_id", type_=Uuid)
_CASE_ID = bindparam("case_id", type_=Uuid)


_POST_OF_COMMENT = select(Comment.post_id).where(Comment.id == _COMMENT_ID).scalar_subquery()
_SCENE = Query(
    SceneRow,
    select(
        Post.id,
        Post.title,
        Post.body,
        Post.moderation,
        Post.deleted_at.is_not(None).label("deleted"),
        Post.created_at,
        Post.comment_count,
        IMAGES.label("images"),
        *author_columns(),
        Lounge.id.label("lounge_id"),
        Lounge.name.label("lounge_name"),
        Lounge.closed_at.is_not(None).label("lounge_closed"),
        Lounge.post_count.label("lounge_posts"),
    )
    .join(Lounge, Lounge.id == Post.lounge_id)
    .outerjoin(User, User.id == Post.author_id)
    .where(Post.id == func.coalesce(_POST_ID, _POST_OF_COMMENT)),
)


def _near() -> Query[NearComment]:
    """The comments around one, with what it answers and its replies; of a post the first ones."""
    # Not a CTE: a statement that begins with WITH counts as one that writes.
    at = aliased(Comment)
    first = literal_column(f"'{FIRST_ID}'::uuid", Uuid)
    whole = select(func.coalesce(at.parent_id, at.id)).where(at.id == _COMMENT_ID).scalar_subquery()
    top, own = func.coalesce(whole, first), _COMMENT_ID
    of_post = (
        # Those that are hidden are in no index that has their order.
        Comment.post_id == _POST_ID,
        Comment.parent_id.is_(None),
        is_not_hidden(Comment.moderation),
    )
    of_thread = (Comment.parent_id == whole,)

    def some(*where: ColumnElement[bool], newest: bool = False) -> AnySelect:
        order = Comment.id.desc() if newest else Comment.id
        return select(
            select(Comment.id).where(*where).order_by(order).limit(literal_number(NEAR)).subquery()
        )

    ids = union_all(
        select(at.id).where(at.id == _COMMENT_ID),
        select(at.parent_id).where(at.id == _COMMENT_ID, at.parent_id.is_not(None)),
        some(*of_post, Comment.id < top, newest=True),
        some(*of_post, Comment.id > top),
        some(*of_thread, Comment.id < own, newest=True),
        some(*of_thread, Comment.id > own),
    ).subquery("near")
    # Once for each id, by the primary key.
    this = select(Comment).where(Comment.id == ids.c.id).correlate(ids).lateral("this")
    comment = aliased(Comment, this)
    return Query(
        NearComment,
        select(
            comment.id,
            comment.parent_id,
            comment.body,
            comment.moderation,
            comment.deleted_at.is_not(None).label("deleted"),
            comment.created_at,
            *author_columns(),
        )
        .select_from(ids)
        .join(comment, true())
        .outerjoin(User, User.id == comment.author_id),
    )


def _newest(table: Any, *where: ColumnElement[bool], most: int = RECENT) -> Any:
    return (
        select(table).where(*where).order_by(table.id.desc()).limit(literal_number(most)).subquery()
    )


def _number(rows: Any, *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(rows).where(*where).scalar_subquery()


def _short_name(snapshot: Any) -> ColumnElement[str]:
    return func.left(func.coalesce(name_in(snapshot), ""), literal_number(40))


def _author() -> Query[AuthorRow]:
    cases = _newest(ReportCase, ReportCase.author_id == _USER_ID)
    latest = _newest(ReportCase, ReportCase.author_id == _USER_ID, most=LATEST)
    warnings = _newest(GivenWarning, GivenWarning.user_id == _USER_ID, most=LATEST)
    posts = _newest(Post, Post.author_id == _USER_ID)
    comments = _newest(Comment, Comment.author_id == _USER_ID)
    acts = _newest(
        AuditEntry,
        AuditEntry.target_type == literal_column(f"'{TargetType.USER}'"),
        AuditEntry.target_id == _USER_ID,
    )
    appeals = _newest(Appeal, Appeal.user_id == _USER_ID)
    hidden, suspended, undone, won = (
        literal_column(f"'{word}'", Text)
        for word in (Moderation.HIDDEN, UserStatus.SUSPENDED, UNDONE, AppealStatus.OVERTURNED)
    )
    before, after = (state["status"].astext for state in (acts.c.before, acts.c.after))
    begins = and_(before != suspended, after == suspended)
    ends = and_(before == suspended, after != suspended)
    return Query(
        AuthorRow,
        select(
            User.id,
            User.nickname,
            User.avatar_key,
            User.role,
            User.status,
            User.locale,
            User.created_at,
            User.post_count,
            User.warning_count,
            User.suspension_reason,
            User.suspended_until,
            User.suspension_hides,
            _number(cases).label("case_count"),
            (
                _number(posts, posts.c.moderation == hidden, ~posts.c.hidden_with_author)
                + _number(comments, comments.c.moderation == hidden, ~comments.c.hidden_with_author)
            ).label("hidden_count"),
            func.greatest(
                _number(acts, begins, acts.c.reason != undone)
                - _number(acts, ends, acts.c.reason == undone)
                - _number(appeals, appeals.c.suspension_id.is_not(None), appeals.c.status == won),
                literal_number(0),
            ).label("suspension_count"),
            json_list(
                warnings,
                warnings.c.id.desc(),
                reason=warnings.c.reason,
                at=warnings.c.created_at,
                withdrawn=warnings.c.withdrawn_at.is_not(None),
            ).label("warnings"),
            json_list(
                latest,
                latest.c.id.desc(),
                id=latest.c.id,
                target_type=latest.c.target_type,
                name=_short_name(latest.c.snapshot),
                reasons=latest.c.reasons,
                status=latest.c.status,
                resolution=latest.c.resolution,
                at=latest.c.created_at,
            ).label("cases"),
        ).where(User.id == _USER_ID, User.left_at.is_(None)),
    )


def _reporters() -> Query[ReporterRow]:
    """The first reporters of a case, and what came of their latest reports before."""
    reports = (
        select(Report.id, Report.reporter_id, Report.reason)
        .where(Report.case_id == _CASE_ID, Report.reporter_id.is_not(None))
        .order_by(Report.id)
        .limit(literal_number(REPORTERS))
        .subquery("these")
    )
    earlier = aliased(Report)
    before = (
        select(
            earlier.case_id,
            earlier.reason,
            earlier.created_at,
            func.row_number().over(order_by=earlier.id.desc()).label("place"),
        )
        .where(earlier.reporter_id == reports.c.reporter_id, earlier.id < reports.c.id)
        .order_by(earlier.id.desc())
        .limit(literal_number(MAX_COUNTED))
        .correlate(reports)
        .lateral("before")
    )
    # A reporter's history does not tell the reader who reported them.
    of_others = ReportCase.author_id.is_distinct_from(bindparam("reader_id", type_=Uuid))
    one = func.jsonb_build_object(
        *("id", ReportCase.id),
        *("target_type", ReportCase.target_type),
        *("name", _short_name(ReportCase.snapshot)),
        *("reasons", func.jsonb_build_array(before.c.reason)),
        *("status", ReportCase.status),
        *("resolution", ReportCase.resolution),
        *("at", before.c.created_at),
    )
    listed = func.jsonb_agg(aggregate_order_by(one, before.c.place))
    dismissed = ReportCase.resolution == literal_column(f"'{Resolution.DISMISS}'")
    record = (
        select(
            # Not 99 where the hundredth is about the reader: that would tell.
            case(
                (
                    func.max(before.c.place) == literal_number(MAX_COUNTED),
                    literal_number(MAX_COUNTED),
                ),
                else_=func.count().filter(of_others),
            ).label("earlier_count"),
            func.count()
            .filter(of_others, ReportCase.resolution.is_not(None), ~dismissed)
            .label("acted_on"),
            func.count().filter(of_others, dismissed).label("dismissed"),
            func.coalesce(
                listed.filter(of_others, before.c.place <= literal_number(EARLIER)),
                NO_OBJECTS,
                type_=JSONB,
            ).label("earlier"),
        )
        .select_from(before)
        .join(ReportCase, ReportCase.id == before.c.case_id)
        .lateral("record")
    )
    return Query(
        ReporterRow,
        select(
            reports.c.reason,
            *author_columns("reporter"),
            record.c.earlier_count,
            record.c.acted_on,
            record.c.dismissed,
            record.c.earlier,
        )
        .select_from(reports)
        .join(User, User.id == reports.c.reporter_id)
        .join(record, true())
        .order_by(reports.c.id),
    )


_NEAR = _near()
_AUTHOR = _author()
_REPORTERS = _reporters()

_USER_IDS = bindparam("user_ids", type_=ARRAY(Uuid))
_LOUNGE_IDS = bindparam("lounge_ids", type_=ARRAY(Uuid))
_POST_IDS = bindparam("post_ids", type_=ARRAY(Uuid))
_COMMENT_IDS = bindparam("comment_ids", type_=ARRAY(Uuid))
_USERS = select(User).where(User.id == func.any(_USER_IDS), User.left_at.is_(None)).subquery()
_LOUNGES = select(Lounge).where(Lounge.id == func.any(_LOUNGE_IDS)).subquery()
_DECIDED = select(
    func.unnest(bindparam("decided_ids", type_=ARRAY(Uuid)), type_=Uuid).label("case_id")
).subquery("decided")
_DECISIONS = (
    select(AuditEntry.actor_id)
    .where(
        AuditEntry.target_type == TargetType.REPORT,
        AuditEntry.target_id == _DECIDED.c.case_id,
        AuditEntry.action == Action.REPORT_RESOLVED,
    )
    .order_by(AuditEntry.id.desc())
    .limit(literal_column("1"))
    .correlate(_DECIDED)
    .lateral("decision")
)
_DECIDERS = (
    select(_DECIDED.c.case_id, User.id, User.nickname)
    .select_from(_DECIDED)
    .join(_DECISIONS, literal_column("true"))
    .join(User, and_(User.id == _DECISIONS.c.actor_id, User.left_at.is_(None)))
    .subquery("deciders")
)
_POSTS = select(Post).where(Post.id == func.any(_POST_IDS)).subquery()
_COMMENTS = (
    select(Comment.id, Comment.created_at, Post.title)
    .join(Post, Post.id == Comment.post_id)
    .where(Comment.id == func.any(_COMMENT_IDS))
    .subquery()
)
_REPORTED = (
    select(Report.case_id)
    .where(
        Report.case_id == func.any(bindparam("case_ids", type_=ARRAY(Uuid))),
        Report.reporter_id == bindparam("reader_id", type_=Uuid),
    )
    .subquery("reported")
)
_THINGS = Query(
    ThingsOfCases,
    select(
        json_list(
            _USERS,
            id=_USERS.c.id,
            locale=_USERS.c.locale,
            status=_USERS.c.status,
            suspended_until=_USERS.c.suspended_until,
        ).label("users"),
        json_list(
            _LOUNGES,
            id=_LOUNGES.c.id,
            name=_LOUNGES.c.name,
            description=_LOUNGES.c.description,
            cover_url=_MEDIA_URL + _LOUNGES.c.cover_key,
            closed=_LOUNGES.c.closed_at.is_not(None),
        ).label("lounges"),
        json_list(_DECIDERS).label("deciders"),
        json_list(_POSTS, id=_POSTS.c.id, at=_POSTS.c.created_at).label("posts"),
        json_list(
            _COMMENTS, id=_COMMENTS.c.id, at=_COMMENTS.c.created_at, title=_COMMENTS.c.title
        ).label("comments"),
        json_list(_REPORTED).label("reported"),
    ),
)


class CaseContextRepository(Repository):
    async def find_scene(self, post_id: UUID | None, comment_id: UUID | None) -> SceneRow | None:
        """A post, also a deleted one, and its lounge. By its id, or by a comment of it."""
        return await self._db.first(_SCENE, post_id=post_id, comment_id=comment_id)

    async def list_near(self, post_id: UUID, comment_id: UUID | None) -> list[NearComment]:
        """Some comments of a post around one of them, or its first ones, in no order."""
        return await self._db.all(_NEAR, post_id=post_id, comment_id=comment_id)

    async def find_author(self, user_id: UUID) -> AuthorRow | None:
        """None if they have left."""
        return await self._db.first(_AUTHOR, user_id=user_id)

    async def list_reporters(self, case_id: UUID, reader_id: UUID) -> list[ReporterRow]:
        """The first reporters of a case who have not left.

        Their earlier reports against the viewer are left out.
        """
        return await self._db.all(_REPORTERS, case_id=case_id, reader_id=reader_id)

    async def get_things(
        self,
        case_ids: Sequence[UUID],
        reader_id: UUID,
        user_ids: Sequence[UUID],
        lounge_ids: Sequence[UUID],
        decided_ids: Sequence[UUID],
        post_ids: Sequence[UUID],
        comment_ids: Sequence[UUID],
    ) -> ThingsOfCases:
        """Those of some ids, and who decided the cases of `decided_ids` and has not left.

        Of the cases in `case_ids` those in which the reader has made a report.
        """
        things = await self._db.first(
            _THINGS,
            case_ids=list(case_ids),
            reader_id=reader_id,
            user_ids=list(user_ids),
            lounge_ids=list(lounge_ids),
            decided_ids=list(decided_ids),
            post_ids=list(post_ids),
            comment_ids=list(comment_ids),
        )
        assert things is not None
        return things
