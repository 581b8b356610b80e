"""The statements about accounts."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.advisory_locks import begin_with_lock, lock_exclusive, lock_shared
from app.core.database import broken_means
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import insert_from, table_of
from app.user.enums import EntryMethod, Role, SignInMethod, UserLocale, UserStatus
from app.user.exceptions import EmailTaken, IdentityTaken, UserNotFound
from app.user.models import (
    SESSION_OVER_AT,
    User,
    UserDeparture,
    UserIdentity,
    UserSession,
    has_email_identity,
    not_suspended,
    presence,
)
from app.user.rows import NicknameRow, SocialMember

_GUEST: ColumnElement[str] = literal_column(f"'{Role.GUEST}'")
"""A literal: PostgreSQL uses the partial index of guests only if the plan knows the value."""

_EXISTS = values_of(
    UUID, select(User.id).where(User.id == bindparam("user_id"), User.left_at.is_(None))
)

IDENTITY_KEY = "user_identities_provider_subject_key"
IDENTITY_KEYS = (IDENTITY_KEY, "users_provider_provider_user_id_key")
EMAIL_KEY = "users_email_key"

_USERS = table_of(User).c


def first_methods(*chosen: ColumnElement[bool]) -> Insert:
    """Writes the sign-in method that users begin with, from their rows.

    The trigger `users_copy_first_door` (migration 0025), which 0.2 needs, fires for users of this
    release too and is first. So this writes nothing until the trigger is gone.
    """
    is_social = _USERS.provider != SignInMethod.EMAIL
    first_method = {
        "user_id": _USERS.id,
        "provider": _USERS.provider,
        "subject": _USERS.provider_user_id,
        "email": case((is_social, _USERS.email)),
        "email_verified": and_(is_social, _USERS.email_verified_at.is_not(None)),
    }
    inserted = insert_from(table_of(UserIdentity), first_method, select().where(*chosen))
    return inserted.on_conflict_do_nothing(
        index_elements=[UserIdentity.user_id, UserIdentity.provider]
    )


_ADD_FIRST_METHOD = first_methods(_USERS.id == bindparam("user_id", type_=Uuid))

_LAST_HERE = func.coalesce(
    select(func.max(SESSION_OVER_AT))
    .where(UserSession.user_id == User.id)
    .correlate(User)
    .scalar_subquery(),
    User.created_at,
)
"""When a guest's last session was or will be over."""


def _locked(query: Select[User], *, whole: bool = False) -> Select[User]:
    # NO KEY UPDATE: new rows may still point to the user, because an id never changes.
    return query.with_for_update(key_share=not whole)


_BY_ID = select(User).where(User.id == bindparam("user_id", type_=Uuid))
_PRESENT = _BY_ID.where(User.left_at.is_(None))
_USER = Query(User, _BY_ID)
_HIDDEN = values_of(
    UUID,
    select(User.id).where(
        User.id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))),
        User.suspension_hides,
        not_(not_suspended(bindparam("now", type_=DateTime(timezone=True)))),
        User.left_at.is_(None),
    ),
)
# A literal, so that PostgreSQL uses the index of roles.
_IS_ADMIN = User.role == literal_column(f"'{Role.ADMIN}'")
_ADMINS_AMONG = values_of(
    UUID,
    select(User.id).where(User.id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))), _IS_ADMIN),
)
_OTHER_ADMIN = values_of(
    UUID,
    select(User.id)
    .where(
        _IS_ADMIN,
        User.id != bindparam("user_id", type_=Uuid),
        not_suspended(bindparam("now", type_=DateTime(timezone=True))),
        User.left_at.is_(None),
    )
    .limit(literal_column("1")),
)
_CHANGE_POST_COUNT = (
    update(User)
    .where(User.id == bindparam("user_id", type_=Uuid))
    .values(post_count=User.post_count + bindparam("by", type_=Integer))
)
_NICKNAME = select(User.id, User.nickname, User.role, User.left_at.is_not(None).label("has_left"))
_NICKNAMES = Query(
    NicknameRow,
    _NICKNAME.where(User.id > bindparam("after_id", type_=Uuid))
    .order_by(User.id)
    .limit(page_limit()),
)
_NICKNAMES_OF = Query(
    NicknameRow, _NICKNAME.where(User.id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))))
)
_LOCK, _LOCK_WHOLE = (Query(User, _locked(_PRESENT, whole=whole)) for whole in (False, True))


@contextmanager
def identity_keys() -> Iterator[None]:
    with (
        broken_means(EMAIL_KEY, EmailTaken),
        broken_means(IDENTITY_KEYS[0], IdentityTaken),
        broken_means(IDENTITY_KEYS[1], IdentityTaken),
    ):
        yield


class UserRepository(Repository):
    async def get(self, user_id: UUID) -> User:
        """Raises UserNotFound, also for a user who has left."""
        user = await self._db.first(_USER, user_id=user_id)
        if user is None or user.left_at is not None:
            raise UserNotFound
        return user

    async def get_left(self, user_id: UUID) -> User:
        """A user who has left and is not erased yet. Raises UserNotFound."""
        user = await self._db.first(_USER, user_id=user_id)
        if user is None or user.left_at is None:
            raise UserNotFound
        return user

    async def add_departure(self, user_id: UUID) -> None:
        """Put all that a user has written hidden, until the user's row is deleted."""
        statement = insert(UserDeparture).values(user_id=user_id)
        await self._db.execute(statement.on_conflict_do_nothing())

    async def delete(self, user_id: UUID) -> None:
        await self._db.execute(delete(User).where(User.id == user_id))

    async def lock(self, user_id: UUID, *, whole: bool = False) -> User:
        """Like `get`, and lock the row: `whole` with its keys, so that no row can point to it."""
        user = await self._db.first(_LOCK_WHOLE if whole else _LOCK, user_id=user_id)
        if user is None:
            raise UserNotFound
        return user

    async def lock_presence(self, user_id: UUID, *, leaving: bool) -> None:
        """Lock a user's presence: shared for whatever they write, exclusive for leaving."""
        lock = lock_exclusive if leaving else lock_shared
        await lock(self._db, presence(user_id))

    async def begin_with_presence(self, user_id: UUID, *, leaving: bool) -> None:
        """As `lock_presence`, as the first of a transaction. Raises WrittenBefore."""
        await begin_with_lock(self._db, presence(user_id), exclusive=leaving)

    async def list_hidden(self, user_ids: Collection[UUID], now: datetime) -> Sequence[UUID]:
        """Those of some users that a suspension hides with all that they wrote."""
        return await self._db.all(_HIDDEN, user_ids=list(user_ids), now=now)

    async def list_nicknames(self, after_id: UUID, limit: int) -> Sequence[NicknameRow]:
        # Also of those who have left: without them a batch could read any number of rows.
        return await self._db.all(_NICKNAMES, after_id=after_id, row_limit=limit)

    async def list_nicknames_of(self, user_ids: Sequence[UUID]) -> Sequence[NicknameRow]:
        return await self._db.all(_NICKNAMES_OF, user_ids=list(user_ids))

    async def change_warning_count(self, user_id: UUID, by: int) -> None:
        await self._db.execute(
            update(User).where(User.id == user_id).values(warning_count=User.warning_count + by)
        )

    async def lock_admins(self, now: datetime) -> Sequence[UUID]:
        """Lock the admins who are not suspended, in the order of their ids."""
        query = (
            select(User.id)
            .where(User.role == Role.ADMIN, not_suspended(literal(now)), User.left_at.is_(None))
            .order_by(User.id)
            .with_for_update(key_share=True)
        )
        return await self._db.all(query)

    async def list_admins_among(self, user_ids: Collection[UUID]) -> Sequence[UUID]:
        """Those of some users who are admins."""
        return await self._db.all(_ADMINS_AMONG, user_ids=list(user_ids))

    async def has_other_admin(self, user_id: UUID, now: datetime) -> bool:
        """Whether an admin who is not this user is not suspended."""
        return await self._db.first(_OTHER_ADMIN, user_id=user_id, now=now) is not None

    async def list_page(
        self,
        after_id: UUID,
        limit: int,
        role: Role | None,
        status: UserStatus | None,
        now: datetime,
        *,
        guests: bool = True,
    ) -> Sequence[User]:
        """Users who have not left, the newest first."""
        query = select(User).where(User.left_at.is_(None), User.id < after_id)
        if not guests and role is None:
            query = query.where(User.role != Role.GUEST)
        query = query.where(*_chosen(role, status, now)).order_by(User.id.desc()).limit(limit)
        return await self._db.all(query)

    async def list_newest_members(
        self, after_id: UUID, limit: int, status: UserStatus | None, now: datetime
    ) -> Sequence[UUID]:
        """The newest of each role but guests, along `users_role_idx`.

        `list_page` would skip all guests who came after the last member.
        """
        # Literals: without them PostgreSQL plans for many rows, and walks the users by their ids.
        few: ColumnElement[int] = literal_column(str(limit))
        of_each_role = [
            select(User.id)
            .where(
                User.left_at.is_(None),
                User.id < after_id,
                User.role == literal_column(f"'{role}'"),
                *_chosen(None, status, now),
            )
            .order_by(User.id.desc())
            .limit(few)
            .subquery()
            .select()
            for role in Role
            if role != Role.GUEST
        ]
        members = union_all(*of_each_role).subquery()
        query = select(members.c.id).order_by(members.c.id.desc()).limit(few)
        return await self._db.all(query)

    async def list_these(
        self,
        user_ids: Sequence[UUID],
        role: Role | None,
        status: UserStatus | None,
        now: datetime,
    ) -> Sequence[User]:
        query = select(User).where(User.left_at.is_(None), User.id.in_(user_ids))
        return await self._db.all(query.where(*_chosen(role, status, now)))

    async def exists(self, user_id: UUID) -> bool:
        return await self._db.first(_EXISTS, user_id=user_id) is not None

    async def find_password_hash(self, user_id: UUID, now: datetime) -> str | None:
        """None if the address has lapsed."""
        query = select(User.password_hash).where(
            User.id == user_id, User.left_at.is_(None), has_email_identity(literal(now))
        )
        return await self._db.first(query)

    async def find_locale(self, user_id: UUID) -> UserLocale | None:
        found = await self._db.first(select(User.locale).where(User.id == user_id))
        return UserLocale(found) if found else None

    async def list_locales(self, user_ids: Sequence[UUID]) -> dict[UUID, str]:
        query = select(User.id, User.locale).where(User.id.in_(user_ids), User.left_at.is_(None))
        return dict(await self._db.all(query))

    async def find_by_email(self, email: str, now: datetime) -> User | None:
        """The account with this address and a password. Upper and lower case are the same.

        None after it has left, or its address has lapsed.
        """
        return await self._db.first(_with_email(email).where(has_email_identity(literal(now))))

    async def lock_by_email(self, email: str, now: datetime) -> User | None:
        """Like `find_by_email`, and lock the row."""
        query = _with_email(email).where(has_email_identity(literal(now)))
        return await self._db.first(_locked(query))

    async def find_unproved(self, email: str) -> UUID | None:
        """The account that has typed this address in and not proved it, and has another sign-in
        method.
        """
        other = (UserIdentity.user_id == User.id, UserIdentity.provider != SignInMethod.EMAIL)
        query = _with_email(email).where(User.email_verified_at.is_(None), exists().where(*other))
        return await self._db.first(query.with_only_columns(User.id))

    async def list_lapsed(self, now: datetime, limit: int) -> Sequence[UUID]:
        """Accounts whose e-mail sign-in has lapsed, the earliest first."""
        query = (
            select(User.id)
            # 0.1.0 verified an address and left its day as it was.
            .where(User.email_lapses_at <= now, User.email_verified_at.is_(None))
            .order_by(User.email_lapses_at)
            .limit(limit)
        )
        return await self._db.all(query)

    async def add_social(
        self, provider: EntryMethod, provider_user_id: str, member: SocialMember
    ) -> User | None:
        """None if another transaction has added the same identity first, or linked it."""
        statement = insert(User).values(
            provider=provider,
            provider_user_id=provider_user_id,
            email=member.email,
            email_verified_at=member.email_verified_at,
            nickname=member.nickname,
            terms_version=member.terms_version,
            role=Role.USER,
        )
        statement = statement.on_conflict_do_nothing(
            index_elements=[User.provider, User.provider_user_id]
        )
        try:
            async with self._db.savepoint():
                user = await self._db.first(statement.returning(User))
                if user is not None:
                    await self._db.execute(_ADD_FIRST_METHOD, user_id=user.id)
                return user
        except UniqueViolationError as error:
            if error.constraint_name == IDENTITY_KEY:
                return None
            raise

    async def add(self, user: User) -> User:
        """Add a guest, or a user with a sign-in method. Raises EmailTaken."""
        with identity_keys():
            added = await self._db.add(user)
            if user.provider != EntryMethod.GUEST:
                await self._db.execute(_ADD_FIRST_METHOD, user_id=added.id)
            return added

    async def upgrade(self, guest: User, **values: Any) -> None:
        """Give a locked guest its first sign-in method. Raises EmailTaken, IdentityTaken."""
        await self.change(guest, **values)
        with identity_keys():
            await self._db.execute(_ADD_FIRST_METHOD, user_id=guest.id)

    async def change(self, user: User, **values: Any) -> None:
        """Change the row of a locked user, and the user. Raises EmailTaken, IdentityTaken."""
        with identity_keys():
            await self._db.change(user, **values)

    async def change_post_count(self, user_id: UUID, by: int) -> None:
        await self._db.execute(_CHANGE_POST_COUNT, user_id=user_id, by=by)

    # Guests

    async def take_idle_guests(self, before: datetime, now: datetime, limit: int) -> Sequence[UUID]:
        """Guests whose last session was over before `before`.

        Stores when a guest can be idle at the earliest, and does not check it before then. So the
        cost does not grow with the number of guests.
        """
        checked_at = func.coalesce(User.guest_checked_at, User.created_at)
        due = materialized(
            select(User.id)
            .where(User.role == _GUEST, User.left_at.is_(None), checked_at < before)
            .order_by(checked_at)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
        )
        statement = (
            update(User)
            .where(User.id.in_(select(due.c.id)))
            .values(guest_checked_at=case((before > _LAST_HERE, now), else_=_LAST_HERE))
            .returning(User.id, User.guest_checked_at)
        )
        checked = await self._db.all(statement)
        return [user_id for user_id, checked_at in checked if checked_at == now]

    async def is_idle_guest(self, user_id: UUID, before: datetime) -> bool:
        query = select(User.id).where(
            User.id == user_id,
            User.role == Role.GUEST,
            User.left_at.is_(None),
            before > _LAST_HERE,
        )
        return await self._db.first(query) is not None


def _with_email(email: str) -> Select[User]:
    # The database lowers both sides. Python lowers some letters in another way.
    return select(User).where(
        User.password_hash.is_not(None),
        func.lower(User.email) == func.lower(email),
        User.left_at.is_(None),
    )


def _chosen(
    role: Role | None, status: UserStatus | None, now: datetime
) -> Sequence[ColumnElement[bool]]:
    """The conditions of an admin's filters."""
    conditions: list[ColumnElement[bool]] = []
    if role is not None:
        conditions.append(User.role == role)
    if status == UserStatus.SUSPENDED:
        conditions += [User.status == status, ~not_suspended(literal(now))]
    elif status is not None:
        conditions.append(not_suspended(literal(now)))
    return conditions
