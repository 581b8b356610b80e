"""The web layer's periodic job."""

from app.core.idempotency import IdempotencyRepository
from app.jobs import Periodic
from app.runtime.context import Context

BATCH, MAX_BATCHES = 1_000, 500
"""A batch takes a small part of a statement's time. A run deletes at most 500,000 answers, and
there is a run every hour: so what a day without a worker has left is gone in some hours.
"""


async def delete_old_answers(ctx: Context) -> None:
    answers, now = IdempotencyRepository(ctx.session), ctx.clock()
    for _ in range(MAX_BATCHES):
        if await answers.delete_old(now, BATCH) < BATCH:
            return
        # What is done stays done, also if a later batch fails.
        await ctx.commit_and_release()


PERIODICS = [Periodic("idempotency.forget_old_answers", "37 * * * *", delete_old_answers)]
