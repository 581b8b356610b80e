"""`linky recount`: looks through whole tables for columns that count wrongly, and mends them."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from app.core.counts import Count, WrongCount, find_wrong_of, list_ids, mend
from app.core.keyset import FIRST_ID
from app.core.unavailable import took_too_long
from app.runtime.runtime import Runtime

BATCH = 500
"""Rows per statement (statements time out after 2.3 s)."""


class CountTooLarge(Exception):
    """A single row has more to count than one statement can manage in its time."""

    def __init__(self, count: Count, row_id: UUID) -> None:
        super().__init__(f"{count.kind} of {row_id}")


async def recount(
    runtime: Runtime, counts: Sequence[Count], *, mending: bool = True
) -> AsyncIterator[WrongCount]:
    """Look through the whole tables, in batches, and mend what is wrong, row by row.

    A server may run meanwhile: nothing is locked but the one row that is being mended.
    Raises CountTooLarge.
    """
    for count in counts:
        async for wrong in _look_through(runtime, count):
            if not mending:
                yield wrong
                continue
            async with runtime.unit_of_work() as ctx:
                mended = await mend(ctx.session, count, wrong.id)
            if mended is not None:
                yield mended


async def _look_through(runtime: Runtime, count: Count) -> AsyncIterator[WrongCount]:
    after, size = FIRST_ID, BATCH
    while True:
        async with runtime.reads() as session:
            ids = await list_ids(session, count, after, size)
        try:
            async with runtime.reads() as session:
                found = await find_wrong_of(session, count, ids)
        except Exception as error:
            if not took_too_long(error):
                raise
            if len(ids) == 1:
                raise CountTooLarge(count, ids[0]) from None
            # These rows take long to count: take fewer at once, and soon more again.
            size = max(1, len(ids) // 8)
            continue
        for wrong in found:
            yield wrong
        if len(ids) < size:
            return
        after, size = ids[-1], min(BATCH, size * 2)
