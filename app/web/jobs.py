"""The web layer's periodic job."""

from app.core.idempotency import IdempotencyRepository
from app.jobs import Periodic
from app.runtime.context import Context


async def delete_old_answers(ctx: Context) -> None:
    await IdempotencyRepository(ctx.session).delete_old(ctx.clock())


PERIODICS = [Periodic("idempotency.forget_old_answers", "37 * * * *", delete_old_answers)]
