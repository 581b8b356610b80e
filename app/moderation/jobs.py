"""What the worker does for reports."""

from app.core.context import Context
from app.core.jobs import Periodic
from app.moderation.service import ModerationService


async def note_overdue(ctx: Context) -> None:
    await ModerationService(ctx).note_overdue()


PERIODICS = [Periodic("moderation.note_overdue", "*/5 * * * *", note_overdue)]
