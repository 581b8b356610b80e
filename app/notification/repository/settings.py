"""SQL statements about what users want pushed."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.rows import Query
from app.notification.models import NotificationSettings
from app.notification.rows import NotificationSettings as SettingsRow

_COLUMNS = (
    NotificationSettings.push_enabled,
    NotificationSettings.comment,
    NotificationSettings.reply,
    NotificationSettings.lounge_request,
    NotificationSettings.lounge_post,
    NotificationSettings.watched,
    NotificationSettings.announcement,
)
_SETTINGS = Query(
    SettingsRow,
    select(*_COLUMNS).where(NotificationSettings.user_id == bindparam("user_id", type_=Uuid)),
)


def on_by_default() -> list[ColumnElement[bool]]:
    """The settings in the order of PushRow. Those that were never saved are on."""
    return [func.coalesce(setting, true()).label(setting.key) for setting in _COLUMNS]


class SettingsRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, user_id: UUID) -> SettingsRow | None:
        return await _SETTINGS.first(self._session, user_id=user_id)

    async def save(self, user_id: UUID, changes: Mapping[str, bool]) -> SettingsRow:
        statement = insert(NotificationSettings).values(user_id=user_id, **changes)
        upsert = statement.on_conflict_do_update(
            index_elements=["user_id"], set_={"user_id": user_id, **changes}
        )
        saved = await self._session.execute(upsert.returning(*_COLUMNS))
        return SettingsRow(*saved.one())
