"""What the worker does for posts."""

from app.jobs import Periodic
from app.post.service import PostModerationService
from app.runtime.context import Context


async def settle_pictures(ctx: Context) -> None:
    await ctx.service(PostModerationService).settle_pictures()


PERIODICS = [Periodic("post.settle_pictures", "17 * * * *", settle_pictures)]
