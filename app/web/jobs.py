"""The web layer's periodic job."""

from app.core.idempotency import IdempotencyRepository
from app.jobs.definitions import Periodic
from app.runtime.batches import commit_batches
from app.runtime.context import Context

EXPIRED_KEY_BATCH_ROWS, MAX_BATCHES = 1_000, 500
"""A batch takes a small part of a statement's time. A run deletes at most 500,000 answers, and
there is a run every hour: so what a day without a worker has left is gone in some hours.
"""


async def delete_old_answers(ctx: Context) -> None:
    answers, now = IdempotencyRepository(ctx.db), ctx.clock()
    await commit_batches(
        ctx,
        lambda: answers.delete_old(now, EXPIRED_KEY_BATCH_ROWS),
        EXPIRED_KEY_BATCH_ROWS,
        MAX_BATCHES,
    )


PERIODICS = [Periodic("idempotency.forget_old_answers", "37 * * * *", delete_old_answers)]
