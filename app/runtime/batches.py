"""Work on many rows by a job, in batches that are committed one by one."""

from collections.abc import Awaitable, Callable

from app.runtime.context import Context


async def commit_batches(
    ctx: Context, batch: Callable[[], Awaitable[int]], size: int, most: int
) -> int:
    """Repeat a batch of up to `size` rows until one is not full, `most` times at most.

    Each is committed before the next: no row stays locked for long, and what is done stays done if
    a later one fails. Returns the number of rows.
    """
    done = 0
    for _ in range(most):
        rows = await batch()
        done += rows
        if rows < size:
            break
        await ctx.commit_and_release()
    return done
