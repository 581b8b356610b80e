"""The worker's part in reports, and their figures in `/metrics`."""

from app.jobs.definitions import Job, Periodic
from app.reports.service import (
    CHECK_NICKNAMES,
    NOTE_DUE_ON,
    NOTIFY_REPORTERS,
    NicknamesAfter,
    ReportersOfCase,
    ReportService,
)
from app.runtime.context import Context
from app.runtime.measures import Measure


async def notify_reporters(ctx: Context, payload: ReportersOfCase) -> None:
    await ctx.service(ReportService).notify_reporters(payload)


async def check_nicknames(ctx: Context, payload: NicknamesAfter) -> None:
    await ctx.service(ReportService).check_nicknames(payload)


async def note_due(ctx: Context) -> None:
    await ctx.service(ReportService).note_due()


async def note_due_on(ctx: Context, _: dict[str, str]) -> None:
    await ctx.service(ReportService).note_due()


async def erase_old(ctx: Context) -> None:
    await ctx.service(ReportService).erase_old()


async def measure_queue(ctx: Context) -> dict[str, float]:
    queue = await ctx.service(ReportService).measure_queue()
    return {
        "linky_reports_open": queue.open,
        "linky_reports_overdue": queue.overdue,
        "linky_reports_oldest_seconds": queue.oldest_seconds,
    }


MEASURES = [
    Measure(
        {
            "linky_reports_open": "Reported targets that wait for a decision",
            "linky_reports_overdue": "Reported targets that have waited for more than 24 hours",
            "linky_reports_oldest_seconds": "Age of the oldest open case, in seconds",
        },
        measure_queue,
    )
]
JOBS = [
    Job(NOTIFY_REPORTERS, notify_reporters),
    Job(NOTE_DUE_ON, note_due_on),
    Job(CHECK_NICKNAMES, check_nicknames, rests=True),
]
PERIODICS = [
    Periodic("moderation.note_overdue", "*/5 * * * *", note_due),
    Periodic("moderation.erase_old", "53 * * * *", erase_old),
]
