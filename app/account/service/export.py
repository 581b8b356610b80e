"""The export: all data of a user, as one JSON object."""

from collections.abc import AsyncIterator

from app.account.repository import ExportRepository
from app.core.json import to_json
from app.runtime.context import Context, Needs, Service
from app.user.policy import Viewer
from app.user.service.profiles import ProfileService


class ExportService(Service):
    _profiles = Needs(ProfileService)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._export = ExportRepository(ctx.transaction)

    async def export(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """All data of the caller as JSON, piece by piece. Raises SessionRevoked."""
        me = await self._profiles.me(viewer)
        yield b'{"exported_at":' + to_json(self._ctx.clock()) + b',"user":' + to_json(me)
        async for name, rows in self._export.sections(viewer.user_id):
            yield b"," + to_json(name) + b":["
            separator = b""
            async for row in rows:
                yield separator + to_json(row)
                separator = b","
            yield b"]"
        yield b"}"
