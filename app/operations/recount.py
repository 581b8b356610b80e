"""`linky recount`: finds columns that count wrongly in whole tables, and corrects them."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from app.core.counts import Count, WrongCount, find_post_id, find_wrong_of, list_ids, mend
from app.core.keyset import FIRST_ID
from app.core.unavailable import took_too_long
from app.live_log.changes import Kind
from app.runtime.context import Context
from app.runtime.runtime import Runtime

RECOUNT_BATCH_ROWS = 500
"""Rows per statement (statements time out after 2.3 s)."""


class CountTooLarge(Exception):
    """A single row has too much to count for one statement (statements time out after 2.3 s)."""

    def __init__(self, count: Count, row_id: UUID) -> None:
        super().__init__(f"{count.kind} of {row_id}")


async def recount(
    runtime: Runtime, counts: Sequence[Count], *, correcting: bool = True
) -> AsyncIterator[WrongCount]:
    """Recount the whole tables in batches, and correct wrong counts row by row.

    Servers may run meanwhile: only the row that is being corrected is locked. If `correcting` is
    false it only yields the wrong counts. Raises CountTooLarge.
    """
    for count in counts:
        async for wrong in _find_all_wrong(runtime, count):
            if not correcting:
                yield wrong
                continue
            async with runtime.writing() as ctx:
                corrected = await correct(ctx, count, wrong.id)
            if corrected is not None:
                yield corrected


async def correct(ctx: Context, count: Count, row_id: UUID) -> WrongCount | None:
    """Corrects the count, and notifies the apps that show it. None if it was right."""
    corrected = await mend(ctx.db, count, row_id)
    post_id = corrected and await find_post_id(ctx.db, count, row_id)
    if post_id:
        ctx.changed(post_id, Kind.POST if post_id == row_id else Kind.COMMENT, row_id)
    return corrected


async def _find_all_wrong(runtime: Runtime, count: Count) -> AsyncIterator[WrongCount]:
    after, size = FIRST_ID, RECOUNT_BATCH_ROWS
    while True:
        async with runtime.reading() as ctx:
            ids = await list_ids(ctx.db, count, after, size)
        try:
            async with runtime.reading() as ctx:
                wrong_counts = await find_wrong_of(ctx.db, count, ids)
        except Exception as error:
            if not took_too_long(error):
                raise
            if len(ids) == 1:
                raise CountTooLarge(count, ids[0]) from None
            # These rows take long to count. Try fewer at once; each success doubles the batch.
            size = max(1, len(ids) // 8)
            continue
        for wrong in wrong_counts:
            yield wrong
        if len(ids) < size:
            return
        after, size = ids[-1], min(RECOUNT_BATCH_ROWS, size * 2)
