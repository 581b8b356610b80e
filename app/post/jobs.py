"""What the worker does for posts."""

from app.core.context import Context
from app.core.jobs import Periodic
from app.post.service import PostService


async def settle_pictures(ctx: Context) -> None:
    await PostService(ctx).settle_pictures()


PERIODICS = [Periodic("post.settle_pictures", "17 * * * *", settle_pictures)]
