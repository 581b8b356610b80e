"""The worker's part in the log of changes, and its figures in `/metrics`."""

from app.jobs.definitions import Periodic
from app.live.service.retention import LiveRetentionService
from app.runtime.context import Context
from app.runtime.measures import Measure

MOST_COUNTED = 100_000
"""Waiting changes that are counted. More of them say nothing else."""


async def forget_old(ctx: Context) -> None:
    await ctx.service(LiveRetentionService).forget_old()


async def measure_log(ctx: Context) -> dict[str, float]:
    state = await ctx.process.live_log.advance()
    return {
        "linky_live_log_position": state.top,
        "linky_live_log_kept": state.top - state.pruned_to,
        "linky_live_log_waiting": await ctx.process.live_log.count_waiting(MOST_COUNTED),
    }


MEASURES = [
    Measure(
        {
            "linky_live_log_position": "The latest position of the log of changes",
            "linky_live_log_kept": "Changes that the log still has, at most",
            "linky_live_log_waiting": "Changes that have no position in the log yet",
        },
        measure_log,
    )
]
PERIODICS = [Periodic("live.forget_old", "*/10 * * * *", forget_old)]
