"""What the worker does for reports, and what `/metrics` says of them."""

from app.jobs import Periodic
from app.moderation.service import ModerationService
from app.runtime.context import Context
from app.runtime.metrics import Measure


async def note_overdue(ctx: Context) -> None:
    await ctx.service(ModerationService).note_overdue()


async def erase_old(ctx: Context) -> None:
    await ctx.service(ModerationService).erase_old()


async def measure_queue(ctx: Context) -> dict[str, float]:
    waiting = await ctx.service(ModerationService).measure_queue()
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
