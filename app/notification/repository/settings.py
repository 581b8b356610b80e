"""SQL statements about what users want pushed."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Boolean, Uuid, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import insert

from app.core.database import AnySelect
from app.core.db import Repository
from app.core.sql.rows import Query
from app.core.sql.writes import table_of
from app.notification.models import SETTINGS, NotificationSettings
from app.notification.rows import NotificationSettings as SettingsRow

_USER_ID = bindparam("user_id", type_=Uuid)
_SETTINGS = Query(
    SettingsRow, select(*SETTINGS.values()).where(NotificationSettings.user_id == _USER_ID)
)


def _saved() -> AnySelect:
    """Sets what is given. What is NULL stays as it is, or is on."""
    given = {name: bindparam(name, type_=Boolean) for name in SETTINGS}
    table = table_of(NotificationSettings)
    new = {name: func.coalesce(value, true()) for name, value in given.items()}
    saved = (
        insert(table)
        .values(user_id=_USER_ID, **new)
        .on_conflict_do_update(
            index_elements=["user_id"],
            set_={name: func.coalesce(value, table.c[name]) for name, value in given.items()},
        )
        .returning(*(table.c[name] for name in given))
        .cte("saved")
    )
    return select(saved)


_SAVE = Query(SettingsRow, _saved())


class SettingsRepository(Repository):
    async def find(self, user_id: UUID) -> SettingsRow | None:
        return await self._db.first(_SETTINGS, user_id=user_id)

    async def save(self, user_id: UUID, changes: Mapping[str, bool]) -> SettingsRow:
        return await self._db.one(_SAVE, user_id=user_id, **changes)
