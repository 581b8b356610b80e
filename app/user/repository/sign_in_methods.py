"""The statements about the sign-in methods of accounts, except the first one (`users.py`)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from app.core.db import Repository
from app.core.sql.rows import Query
from app.user.enums import SignInMethod
from app.user.models import User, UserIdentity, has_email_identity
from app.user.rows import Identity

_IS_EMAIL = UserIdentity.provider == SignInMethod.EMAIL

_IDENTITIES = Query(
    Identity,
    select(
        UserIdentity.provider,
        case((_IS_EMAIL, User.email), else_=UserIdentity.email).label("email"),
        case(
            (_IS_EMAIL, User.email_verified_at.is_not(None)), else_=UserIdentity.email_verified
        ).label("email_verified"),
        UserIdentity.created_at,
        UserIdentity.last_used_at,
    )
    .join(User, User.id == UserIdentity.user_id)
    .where(
        UserIdentity.user_id == bindparam("user_id"),
        or_(~_IS_EMAIL, has_email_identity(bindparam("now", type_=DateTime(timezone=True)))),
    )
    .order_by(UserIdentity.created_at, UserIdentity.provider),
)


class SignInMethodRepository(Repository):
    async def list_of(self, user_id: UUID, now: datetime) -> Sequence[Identity]:
        """The oldest first, without an e-mail sign-in that has lapsed. There are four at most."""
        return await self._db.all(_IDENTITIES, user_id=user_id, now=now)

    async def has_other_than_email(self, user_id: UUID) -> bool:
        query = select(UserIdentity.user_id).where(UserIdentity.user_id == user_id, ~_IS_EMAIL)
        return await self._db.first(query.limit(1)) is not None

    async def set_proved(self, user_id: UUID) -> None:
        """The address of the e-mail sign-in was proved now, by the clock of `created_at`."""
        await self._db.execute(
            update(UserIdentity)
            .where(UserIdentity.user_id == user_id, _IS_EMAIL)
            .values(proved_at=func.clock_timestamp())
        )

    async def find_user(self, provider: SignInMethod, subject: str) -> User | None:
        """The user with this id at the provider. None after they have left."""
        query = (
            select(User)
            .join(UserIdentity, UserIdentity.user_id == User.id)
            .where(
                UserIdentity.provider == provider,
                UserIdentity.subject == subject,
                User.left_at.is_(None),
            )
        )
        return await self._db.first(query)

    async def find_subject(self, user_id: UUID, provider: SignInMethod) -> str | None:
        """The user's id at the provider. None without this sign-in method."""
        query = select(UserIdentity.subject).where(
            UserIdentity.user_id == user_id, UserIdentity.provider == provider
        )
        return await self._db.first(query)

    async def add(
        self,
        user_id: UUID,
        provider: SignInMethod,
        subject: str | None,
        *,
        email: str | None,
        email_verified: bool,
    ) -> bool:
        """Add a sign-in method. False if the user has one of this kind, or another account has this
        one.

        If two transactions add the same identity, the second one waits for the first.
        """
        statement = insert(UserIdentity).values(
            user_id=user_id,
            provider=provider,
            subject=subject,
            email=email,
            email_verified=email_verified,
        )
        added = statement.on_conflict_do_nothing().returning(UserIdentity.user_id)
        return await self._db.first(added) is not None

    async def delete(self, user_id: UUID, provider: SignInMethod) -> None:
        await self._db.execute(
            delete(UserIdentity).where(
                UserIdentity.user_id == user_id, UserIdentity.provider == provider
            )
        )

    async def delete_all_but_email(
        self, user_id: UUID, *, added_before_proof: bool
    ) -> Sequence[str]:
        """Delete the other sign-in methods, or those from before the address was proved. Returns
        which.
        """
        deleted = delete(UserIdentity).where(UserIdentity.user_id == user_id, ~_IS_EMAIL)
        if added_before_proof:
            own = aliased(UserIdentity)
            proved_at = (
                select(func.coalesce(own.proved_at, User.email_verified_at))
                .join(User, User.id == own.user_id)
                .where(own.user_id == user_id, own.provider == SignInMethod.EMAIL)
                .scalar_subquery()
            )
            deleted = deleted.where(UserIdentity.created_at < proved_at)
        returned = deleted.returning(UserIdentity.provider)
        return await self._db.all(returned)

    async def note_use(self, user_id: UUID, provider: SignInMethod, now: datetime) -> None:
        await self._db.execute(
            update(UserIdentity)
            .where(UserIdentity.user_id == user_id, UserIdentity.provider == provider)
            .values(last_used_at=now)
        )

    async def forget_of_left(self, provider: SignInMethod, subject: str) -> None:
        """Free an identity whose user has left: they may sign up again before they are erased.

        The user comes first, as when they are erased.
        """
        await self._db.execute(
            update(User)
            .where(
                User.provider == provider,
                User.provider_user_id == subject,
                User.left_at.is_not(None),
            )
            .values(provider_user_id=None)
        )
        left = select(User.id).where(User.left_at.is_not(None)).scalar_subquery()
        await self._db.execute(
            delete(UserIdentity).where(
                UserIdentity.provider == provider,
                UserIdentity.subject == subject,
                UserIdentity.user_id.in_(left),
            )
        )
