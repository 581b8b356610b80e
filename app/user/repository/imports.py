"""The statements about users who come from another system: a batch of them at once."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    case,
    column,
    func,
    literal,
    select,
)

from app.core.advisory_locks import lock_exclusive
from app.core.db import Repository
from app.core.sql.materialized import materialized
from app.core.sql.rows import values_of
from app.core.sql.writes import insert_from, table_of
from app.user.enums import EntryMethod, Role
from app.user.models import ImportedUser, User, UserIdentity
from app.user.repository.users import first_methods, identity_keys
from app.user.rows import NewUser

_USERS, _IDENTITIES, _IMPORTED = map(table_of, (User, UserIdentity, ImportedUser))
_NOW, _LAPSES_AT = (bindparam(name, type_=DateTime(timezone=True)) for name in ("now", "lapses_at"))

_GIVEN = (
    func.unnest(
        bindparam("source_hashes", type_=ARRAY(LargeBinary)),
        bindparam("providers", type_=ARRAY(Text)),
        bindparam("subjects", type_=ARRAY(Text)),
        bindparam("emails", type_=ARRAY(Text)),
        bindparam("verified", type_=ARRAY(Boolean)),
        bindparam("lapsing", type_=ARRAY(Boolean)),
        bindparam("password_hashes", type_=ARRAY(Text)),
        bindparam("nicknames", type_=ARRAY(Text)),
        bindparam("created", type_=ARRAY(DateTime(timezone=True))),
    )
    .table_valued(
        column("source_hash", LargeBinary),
        column("provider", Text),
        column("subject", Text),
        column("email", Text),
        column("verified", Boolean),
        column("lapses", Boolean),
        column("password_hash", Text),
        column("nickname", Text),
        column("created_at", DateTime(timezone=True)),
    )
    .render_derived("given")
)
_BATCH = materialized(select(func.uuidv7(type_=Uuid).label("id"), *_GIVEN.c))
_ADDED = (
    insert_from(
        _USERS,
        {
            "id": _BATCH.c.id,
            "provider": _BATCH.c.provider,
            "provider_user_id": _BATCH.c.subject,
            "email": _BATCH.c.email,
            "email_verified_at": case((_BATCH.c.verified, _NOW)),
            "email_lapses_at": case((_BATCH.c.lapses, _LAPSES_AT)),
            "password_hash": _BATCH.c.password_hash,
            "nickname": _BATCH.c.nickname,
            "role": literal(Role.USER, Text),
            "created_at": func.coalesce(_BATCH.c.created_at, func.clock_timestamp()),
        },
        select().select_from(_BATCH),
    )
    .returning(_USERS.c.id)
    .cte("added")
)
_KEPT = insert_from(
    _IMPORTED,
    {"source_hash": _BATCH.c.source_hash, "user_id": _BATCH.c.id},
    select().select_from(_BATCH),
).cte("kept")
_ADD = values_of(int, select(func.count()).select_from(_ADDED).add_cte(_KEPT))

_GIVEN_IDENTITIES = (
    func.unnest(
        bindparam("source_hashes", type_=ARRAY(LargeBinary)),
        bindparam("providers", type_=ARRAY(Text)),
        bindparam("subjects", type_=ARRAY(Text)),
    )
    .table_valued(
        column("source_hash", LargeBinary), column("provider", Text), column("subject", Text)
    )
    .render_derived("given")
)
_OPENED = (
    insert_from(
        _IDENTITIES,
        {
            "user_id": _IMPORTED.c.user_id,
            "provider": _GIVEN_IDENTITIES.c.provider,
            "subject": _GIVEN_IDENTITIES.c.subject,
        },
        select()
        .select_from(_IMPORTED)
        .join(_GIVEN_IDENTITIES, _GIVEN_IDENTITIES.c.source_hash == _IMPORTED.c.source_hash),
    )
    .returning(_IDENTITIES.c.user_id)
    .cte("opened")
)
_HASHES = bindparam("source_hashes", type_=ARRAY(LargeBinary))
_BEGIN = first_methods(
    _USERS.c.id.in_(select(_IMPORTED.c.user_id).where(_IMPORTED.c.source_hash == func.any(_HASHES)))
)
_OPEN = values_of(int, select(func.count()).select_from(_OPENED))


class ImportRepository(Repository):
    async def lock(self) -> None:
        """Two imports at once would not see each other's users."""
        await lock_exclusive(self._db, "import users")

    async def known_of(self, source_hashes: Collection[bytes]) -> Sequence[bytes]:
        """Those of some users who were imported before, also those who have left."""
        return await self._db.all(
            select(ImportedUser.source_hash).where(ImportedUser.source_hash.in_(source_hashes))
        )

    async def add(self, users: Sequence[NewUser], now: datetime, lapses_at: datetime) -> None:
        """Add users with their sign-in methods, all or none. Raises EmailTaken, IdentityTaken.

        `lapses_at` is when an unverified address beside another sign-in method is removed.
        """
        with_password = [user.password_hash is not None for user in users]
        firsts = [
            (EntryMethod.EMAIL, None) if by_email else user.methods[0]
            for user, by_email in zip(users, with_password, strict=True)
        ]
        others = [
            (user.source_hash, provider, subject)
            for user, by_email in zip(users, with_password, strict=True)
            for provider, subject in user.methods[not by_email :]
        ]
        with identity_keys():
            async with self._db.savepoint():
                await self._db.one(
                    _ADD,
                    now=now,
                    lapses_at=lapses_at,
                    source_hashes=[user.source_hash for user in users],
                    providers=[provider for provider, _ in firsts],
                    subjects=[subject for _, subject in firsts],
                    emails=[user.email for user in users],
                    verified=[user.email_verified and user.email is not None for user in users],
                    lapsing=[
                        by_email and bool(user.methods) and not user.email_verified
                        for user, by_email in zip(users, with_password, strict=True)
                    ],
                    password_hashes=[user.password_hash for user in users],
                    nicknames=[user.nickname for user in users],
                    created=[user.created_at for user in users],
                )
                await self._db.execute(_BEGIN, source_hashes=[user.source_hash for user in users])
                if others:
                    hashes, providers, subjects = map(list, zip(*others, strict=True))
                    await self._db.one(
                        _OPEN, source_hashes=hashes, providers=providers, subjects=subjects
                    )
