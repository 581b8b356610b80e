"""SQL statements about suspensions, warnings and appeals."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.comment.models import Comment
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.errors import AlreadyDecided
from app.core.keyset import page_limit
from app.core.sql.rows import Query, values_of
from app.lounge.models import Lounge
from app.notification.enums import NotificationType
from app.notification.models import Notification
from app.post.enums import Moderation
from app.post.models import Post
from app.suspension.enums import AppealStatus, WarnedAbout
from app.suspension.exceptions import AppealNotFound, OwnAppeal
from app.suspension.models import Appeal, GivenWarning
from app.suspension.rows import AppealRow, NewAppeal, WarnedThing
from app.suspension.rows import GivenWarning as WarningRow
from app.user.models import User
from app.user.rows import author_columns

_APPEALS = select(
    Appeal.id,
    Appeal.against,
    Appeal.notification_id,
    Appeal.suspension_id,
    Appeal.post_id,
    Appeal.comment_id,
    Appeal.reason,
    Appeal.quote,
    Appeal.text,
    Appeal.status,
    Appeal.note,
    Appeal.created_at,
    Appeal.decided_at,
    Appeal.user_id.label("appellant_id"),
    *author_columns("user"),
).join(User, User.id == Appeal.user_id)
_AFTER_ID = bindparam("after_id", type_=Uuid)
_IS_OWN = Appeal.user_id == bindparam("user_id", type_=Uuid)
_OLDEST_FIRST = _APPEALS.where(Appeal.id > _AFTER_ID).order_by(Appeal.id).limit(page_limit())
_NEWEST_FIRST = _APPEALS.where(Appeal.id < _AFTER_ID).order_by(Appeal.id.desc()).limit(page_limit())


def _query(statement: AnySelect) -> Query[AppealRow]:
    return Query(AppealRow, statement)


_BY_ID = _query(_APPEALS.where(Appeal.id == bindparam("appeal_id", type_=Uuid)))
_OF_SUSPENSION = _query(
    _APPEALS.where(Appeal.suspension_id == bindparam("suspension_id", type_=Uuid))
)
_OWN = _query(_NEWEST_FIRST.where(_IS_OWN))
_ALL = _query(_OLDEST_FIRST)
_OF_STATUS = _query(_OLDEST_FIRST.where(Appeal.status == bindparam("status", type_=Text)))

_WARNING_COLUMNS = (
    GivenWarning.id,
    GivenWarning.user_id,
    GivenWarning.reason,
    GivenWarning.target_type,
    GivenWarning.target_id,
    GivenWarning.created_at,
    GivenWarning.withdrawn_at,
)
_WARNINGS_OF_USER = Query(
    WarningRow,
    select(*_WARNING_COLUMNS)
    .where(GivenWarning.user_id == bindparam("user_id", type_=Uuid))
    .order_by(GivenWarning.id.desc())
    .limit(page_limit()),
)
_USER_ID = bindparam("user_id", type_=Uuid)
_TARGET_ID = bindparam("target_id", type_=Uuid)


def _warned(statement: AnySelect, **columns: ColumnElement[Any]) -> Query[WarnedThing]:
    """A statement that finds what a user is warned about."""
    every = {
        **dict.fromkeys(("post_id", "comment_id", "parent_id", "lounge_id"), null()),
        **columns,
    }
    return Query(
        WarnedThing,
        statement.with_only_columns(*(column.label(name) for name, column in every.items())),
    )


# What is warned about is locked: who hides it at this moment would not tell apps of the message.
_CONCERNS_USER = {
    WarnedAbout.POST: _warned(
        select(Post.id)
        .where(Post.id == _TARGET_ID, Post.author_id == _USER_ID, Post.deleted_at.is_(None))
        .with_for_update(read=True, of=Post),
        post_id=Post.id.expression,
    ),
    WarnedAbout.COMMENT: _warned(
        select(Comment.id)
        .join(Post, Post.id == Comment.post_id)
        .where(
            Comment.id == _TARGET_ID,
            Comment.author_id == _USER_ID,
            Comment.deleted_at.is_(None),
            Post.deleted_at.is_(None),
        )
        .with_for_update(read=True, of=(Comment, Post)),
        post_id=Post.id.expression,
        comment_id=Comment.id.expression,
        parent_id=Comment.parent_id.expression,
    ),
    WarnedAbout.USER: _warned(select(User.id).where(User.id == _TARGET_ID, User.id == _USER_ID)),
    # A lounge is everyone's.
    WarnedAbout.LOUNGE: _warned(
        select(Lounge.id).where(Lounge.id == _TARGET_ID), lounge_id=Lounge.id.expression
    ),
}


_Later = aliased(Notification, name="later")
_IS_HIDDEN = or_(
    exists().where(
        Comment.id == Notification.comment_id,
        Comment.deleted_at.is_(None),
        Comment.moderation == Moderation.HIDDEN,
    ),
    exists().where(
        Notification.comment_id.is_(None),
        Post.id == Notification.post_id,
        Post.deleted_at.is_(None),
        Post.moderation == Moderation.HIDDEN,
    ),
)
_IS_LAST = ~exists().where(
    _Later.user_id == Notification.user_id,
    _Later.type == NotificationType.MODERATION,
    _Later.post_id == Notification.post_id,
    _Later.comment_id.is_not_distinct_from(Notification.comment_id),
    _Later.id > Notification.id,
)
_IS_WARNED = exists().where(
    GivenWarning.notification_id == Notification.id, GivenWarning.withdrawn_at.is_(None)
)
_APPEALABLE = values_of(
    UUID,
    select(Notification.id).where(
        Notification.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        ~exists().where(Appeal.notification_id == Notification.id),
        or_(
            and_(Notification.type == NotificationType.WARNING, _IS_WARNED),
            and_(Notification.type == NotificationType.MODERATION, _IS_HIDDEN, _IS_LAST),
        ),
    ),
)


class SuspensionRepository(Repository):
    async def find_suspended(self, suspension_id: UUID) -> User | None:
        """Whose suspension it is. It may be past its end."""
        query = select(User).where(User.suspension_id == suspension_id, User.left_at.is_(None))
        return await self._db.first(query)

    async def list_until(self, moment: datetime, limit: int) -> Sequence[UUID]:
        """Users whose suspension ends by then, the earliest first."""
        query = (
            select(User.id)
            .where(User.suspended_until <= moment, User.left_at.is_(None))
            .order_by(User.suspended_until)
            .limit(limit)
        )
        return await self._db.all(query)


class WarningRepository(Repository):
    async def find_about(
        self, user_id: UUID, target_type: WarnedAbout, target_id: UUID
    ) -> WarnedThing | None:
        """The thing, if it exists, hidden and held ones too, and is the user's; otherwise None."""
        query = _CONCERNS_USER[target_type]
        params = {"target_id": target_id}
        if target_type != WarnedAbout.LOUNGE:
            params["user_id"] = user_id
        return await self._db.first(query, **params)

    async def add(self, warning: GivenWarning) -> WarningRow:
        warning = await self._db.add(warning)
        return WarningRow(
            warning.id,
            warning.user_id,
            warning.reason,
            warning.target_type,
            warning.target_id,
            warning.created_at,
            None,
        )

    async def withdraw(self, notification_id: UUID, now: datetime) -> bool:
        """Withdraw the warning that a notification told. False if it was withdrawn already."""
        statement = (
            update(GivenWarning)
            .where(
                GivenWarning.notification_id == notification_id,
                GivenWarning.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
            .returning(GivenWarning.id)
        )
        return await self._db.first(statement) is not None

    async def list_of(self, user_id: UUID, limit: int) -> list[WarningRow]:
        """A user's latest warnings, withdrawn ones too."""
        return await self._db.all(_WARNINGS_OF_USER, user_id=user_id, row_limit=limit)


class AppealRepository(Repository):
    async def add(self, new: NewAppeal) -> UUID | None:
        """Returns the appeal's id; None if the act was appealed before."""
        statement = insert(Appeal).values(**asdict(new)).on_conflict_do_nothing()
        added: UUID | None = await self._db.first(statement.returning(Appeal.id))
        return added

    async def list_appealable(self, notification_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Those of some moderators' messages that can still be appealed.

        None was, and the act stands: the warning was not withdrawn; what was hidden is hidden, and
        no later act has hidden it.
        """
        return await self._db.all(_APPEALABLE, ids=notification_ids)

    async def get(self, appeal_id: UUID) -> AppealRow:
        """Raises AppealNotFound."""
        appeal = await self._db.first(_BY_ID, appeal_id=appeal_id)
        if appeal is None:
            raise AppealNotFound
        return appeal

    async def find_against_suspension(self, suspension_id: UUID) -> AppealRow | None:
        return await self._db.first(_OF_SUSPENSION, suspension_id=suspension_id)

    async def list_own(self, user_id: UUID, after_id: UUID, limit: int) -> Sequence[AppealRow]:
        """The newest first."""
        return await self._list(_OWN, after_id, limit, user_id=user_id)

    async def list_all(
        self, status: AppealStatus | None, after_id: UUID, limit: int
    ) -> Sequence[AppealRow]:
        """Every user's appeals, the oldest first; with `status`, only those of that status."""
        if status is None:
            return await self._list(_ALL, after_id, limit)
        return await self._list(_OF_STATUS, after_id, limit, status=status)

    async def decide(
        self, appeal_id: UUID, status: AppealStatus, note: str, by: UUID, now: datetime
    ) -> None:
        """Of two admins at once one decides. Raises AppealNotFound, OwnAppeal, AlreadyDecided."""
        statement = (
            update(Appeal)
            .where(
                Appeal.id == appeal_id,
                Appeal.status == AppealStatus.OPEN,
                Appeal.user_id != by,
            )
            .values(status=status, note=note, decided_at=now, decided_by=by)
            .returning(Appeal.id)
        )
        if await self._db.first(statement) is None:
            appeal = await self.get(appeal_id)
            if appeal.appellant_id == by:
                raise OwnAppeal
            raise AlreadyDecided

    async def _list(
        self, query: Query[AppealRow], after_id: UUID, limit: int, **params: object
    ) -> list[AppealRow]:
        return await self._db.all(
            query,
            after_id=after_id,
            row_limit=limit,
            **params,
        )
