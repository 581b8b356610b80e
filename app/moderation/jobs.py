"""What the worker does for reports, and what `/metrics` says of them."""

from app.core.context import Context
from app.core.jobs import Periodic
from app.core.metrics import Measure
from app.moderation.service import ModerationService


async def note_overdue(ctx: Context) -> None:
    await ModerationService(ctx).note_overdue()


async def erase_old(ctx: Context) -> None:
    await ModerationService(ctx).erase_old()


async def measure_queue(ctx: Context) -> dict[str, float]:
    waiting = await ModerationService(ctx).measure_queue()
    return {
        "linky_reports_open": waiting["open"],
        "linky_reports_overdue": waiting["overdue"],
        "linky_reports_oldest_seconds": waiting["oldest_seconds"],
    }


MEASURES = [
    Measure(
        {
            "linky_reports_open": "Things reported that nobody has decided about",
            "linky_reports_overdue": "Those of them that nobody has decided about within 24 hours",
            "linky_reports_oldest_seconds": "Age of the oldest of them, in seconds",
        },
        measure_queue,
    )
]
PERIODICS = [
    Periodic("moderation.note_overdue", "*/5 * * * *", note_overdue),
    Periodic("moderation.erase_old", "53 * * * *", erase_old),
]
