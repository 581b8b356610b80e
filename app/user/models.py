"""The tables of users, sessions and blocks."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.advisory_locks import lock_key
from app.core.database import Base, CreatedAt, UuidPk, in_displayable_years, one_of
from app.core.picture_keys import register_pictures
from app.core.sql.not_among import not_among
from app.core.sql.row_lookup import lacks_row
from app.user.enums import EntryMethod, Role, SignInMethod, UserLocale, UserStatus

_SEARCHED = "linky_fold((nickname || ' '::text) || COALESCE(email, ''::text))"
"""The database's own functions (migration 0007) fold text as `app/core/text.py` does."""


class User(Base):
    """An account. `provider` and `provider_user_id` are the sign-in method that it began with.

    A suspension has an id, and may have an end and hide all that the user wrote. Past its end it is
    over, even while `status` still says otherwise: `policy.is_suspended` decides.

    All its sign-in methods are in `user_identities`. An account with a password signs in by its
    address, and no other account with a password has that address, until the account leaves. One
    without may have any address, however it began. `email_lapses_at` is when the e-mail sign-in
    closes automatically, because its address is not verified and there is another sign-in method.
    `mfa_since` is when an admin set up the second step of their sign-in, `joined_at` when a guest
    became a member.
    """

    __tablename__ = "users"

    id: Mapped[UuidPk]
    provider: Mapped[str] = mapped_column(Text)
    provider_user_id: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    email_verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    email_lapses_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    password_hash: Mapped[str | None] = mapped_column(Text)
    nickname: Mapped[str] = mapped_column(Text)
    bio: Mapped[str] = mapped_column(Text, server_default="")
    avatar_key: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default=UserStatus.ACTIVE)
    locale: Mapped[str] = mapped_column(Text, server_default=UserLocale.JA)
    terms_version: Mapped[str | None] = mapped_column(Text)
    post_count: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[CreatedAt]
    joined_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    guest_checked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspension_reason: Mapped[str] = mapped_column(Text, server_default="")
    suspension_id: Mapped[UUID | None] = mapped_column(Uuid)
    suspended_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    suspension_hides: Mapped[bool] = mapped_column(server_default=false())
    warning_count: Mapped[int] = mapped_column(server_default="0")
    mfa_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    search_text: Mapped[str] = mapped_column(
        Text, Computed(_SEARCHED, persisted=True), deferred=True
    )
    search_vector: Mapped[str] = mapped_column(
        TSVECTOR, Computed(f"linky_bigrams({_SEARCHED})", persisted=True), deferred=True
    )

    __table_args__ = (
        Index("users_search_idx", "search_vector", postgresql_using="gin"),
        Index("users_role_idx", "role", "id"),
        Index("users_status_idx", "status", "id"),
        Index("users_created_at_idx", "created_at"),
        Index("users_joined_at_idx", "joined_at", postgresql_where=text("joined_at IS NOT NULL")),
        Index(
            "users_suspension_id_idx",
            "suspension_id",
            postgresql_where=text("suspension_id IS NOT NULL"),
        ),
        Index(
            "users_suspended_until_idx",
            "suspended_until",
            postgresql_where=text("suspended_until IS NOT NULL"),
        ),
        Index(
            "users_email_lapses_at_idx",
            "email_lapses_at",
            postgresql_where=text("email_lapses_at IS NOT NULL"),
        ),
        Index(
            "users_avatar_key_idx", "avatar_key", postgresql_where=text("avatar_key IS NOT NULL")
        ),
        Index(
            "users_guests_idx",
            func.coalesce(text("guest_checked_at"), text("created_at")),
            postgresql_where=text("role = 'guest' AND left_at IS NULL"),
        ),
        one_of("provider", EntryMethod),
        one_of("role", Role),
        one_of("status", UserStatus),
        one_of("locale", UserLocale),
        in_displayable_years("suspended_until"),
        UniqueConstraint("provider", "provider_user_id"),
        Index(
            "users_email_key",
            func.lower(text("email")),
            unique=True,
            postgresql_where=text("password_hash IS NOT NULL AND left_at IS NULL"),
        ),
    )


AVATARS = register_pictures("avatars/", User.avatar_key)


class UserIdentity(Base):
    """A sign-in method of an account: its e-mail and password, or an id at a provider.

    `UserRepository` adds the one that an account begins with, `SignInMethodRepository` all others.
    `subject` is the id at the provider, and `email` the address from the provider. The
    e-mail sign-in has neither: its address and password are the account's own. `proved_at` is when
    that address was verified, by the clock of `created_at`; NULL in a row that 0.1.0 verified.
    """

    __tablename__ = "user_identities"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    email_verified: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[CreatedAt]
    proved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        one_of("provider", SignInMethod),
        CheckConstraint("(provider = 'email') = (subject IS NULL)", name="subject"),
        UniqueConstraint("provider", "subject"),
    )


class ImportedUser(Base):
    """A user who came from another system, by the SHA-256 of their id there (ADR 0132).

    The row stays without its user when they have left: the same file must not bring them back.
    """

    __tablename__ = "imported_users"

    source_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), unique=True
    )


class UserSession(Base):
    """A sign-in on a device. The access token has its id (`sid`).

    `provider` is the sign-in method that it began by. It is NULL in a session that 0.1.0 began:
    then it was the account's first sign-in method. `mfa_passed_at` is when it passed the second
    step, and `proved_at` when it last proved whose it is: NULL if that was only its sign-in.
    """

    __tablename__ = "user_sessions"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    user_agent: Mapped[str] = mapped_column(Text)
    provider: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mfa_passed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    proved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("user_sessions_over_idx", func.least(text("expires_at"), text("ended_at")), "id"),
        Index("user_sessions_begun_idx", "created_at", postgresql_where=text("ended_at IS NULL")),
        one_of("provider", EntryMethod),
    )


SESSION_OVER_AT = func.least(
    UserSession.expires_at, UserSession.ended_at, type_=DateTime(timezone=True)
)
"""When a session was or will be over. `user_sessions_over_idx` is on this very expression."""


class ActiveDay(Base):
    """A day on which a user was here: a session of theirs began or was refreshed.

    `seen_at` is when that was noted, once a day. The row is deleted a week after it was counted.
    """

    __tablename__ = "active_days"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class UserBlock(Base):
    """`blocker_id` sees nothing that `blocked_id` writes, and gets no notification about it."""

    __tablename__ = "user_blocks"

    blocker_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    blocked_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    id: Mapped[UUID] = mapped_column(Uuid, server_default=text("uuidv7()"))

    __table_args__ = (Index("user_blocks_newest_idx", "blocker_id", "id"),)


class UserDeparture(Base):
    """A user who has left with so much that jobs are still deleting it: all is hidden."""

    __tablename__ = "user_departures"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )


def not_suspended(now: ColumnElement[datetime], user: Any = User) -> ColumnElement[bool]:
    """That the user is not suspended, as `policy.is_suspended` says it. `user` has the columns."""
    # Never null, so that its opposite holds for a suspension without an end.
    is_over = and_(user.suspended_until.is_not(None), user.suspended_until <= now)
    return or_(user.status != UserStatus.SUSPENDED, is_over)


def has_email_identity(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """That the account's address and password have not lapsed, as `policy.has_lapsed` says it."""
    return or_(
        User.email_lapses_at.is_(None),
        User.email_lapses_at > now,
        User.email_verified_at.is_not(None),
    )


def is_verified() -> ColumnElement[bool]:
    """That the account has a sign-in method that is more than an unverified address."""
    # The address comes first: most accounts have one, and then no sign-in method is looked for.
    other_method = exists().where(
        UserIdentity.user_id == User.id, UserIdentity.provider != SignInMethod.EMAIL
    )
    return or_(User.email_verified_at.is_not(None), other_method)


def is_there(author: Any) -> ColumnElement[bool]:
    """That the author is not leaving. A deleted comment may have no author."""
    return not_among(author, select(UserDeparture.user_id))


def not_blocked(viewer: ColumnElement[UUID], author: Any) -> ColumnElement[bool]:
    return lacks_row(UserBlock, UserBlock.blocker_id == viewer, UserBlock.blocked_id == author)


def presence(user_id: UUID) -> str:
    """The name of the lock on a user's presence: shared for writes, exclusive for leaving."""
    return f"presence:{user_id}"


def writing_caller() -> CTE:
    """The caller's id, for a write that is one statement. `caller_params` makes its parameters.

    It does what `UserService.open` does in two statements: first the shared lock on the
    presence, then the check. The statement itself sees what was committed before it waited for the
    lock. FOR SHARE reads the session as it is after the wait, and leaving ends all sessions.
    """
    lock = func.pg_advisory_xact_lock_shared(bindparam("presence", type_=BigInteger))
    locked = select(lock.label("presence")).cte("locked")
    return (
        select(UserSession.user_id.label("id"))
        .join(locked, true())
        .where(
            UserSession.id == bindparam("session_id", type_=Uuid),
            UserSession.user_id == bindparam("viewer_id", type_=Uuid),
            UserSession.ended_at.is_(None),
        )
        .with_for_update(read=True, of=UserSession)
        .cte("caller")
    )


def caller_params(user_id: UUID, session_id: UUID) -> Mapping[str, Any]:
    """The parameters of `writing_caller`."""
    return {
        "viewer_id": user_id,
        "session_id": session_id,
        "presence": lock_key(presence(user_id)),
    }
