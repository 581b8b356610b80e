"""Writers that hold their transactions open: what plain order loses."""

import asyncio
import random
from contextlib import suppress
from uuid import UUID

from app.comment.schemas import CommentCreate, CommentUpdate
from app.comment.service.changing import CommentChangeService
from app.comment.service.writing import CommentWritingService
from app.core.errors import AppError
from app.core.unavailable import is_unavailable
from app.notification.schemas import MarkRead
from app.notification.service.notifications import NotificationService
from app.post.enums import Moderation
from app.post.models import PostMute
from app.post.service.marks import MarkService
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.policy import Viewer
from app.user.service.blocks import BlockService
from tests.support.moderation import moderate_comment, moderate_post

HOLD_SECONDS = (0.1, 0.5)


class Writer:
    """Acts at random as one of some people, in its own transactions."""

    def __init__(
        self, runtime: Runtime, people: list[Viewer], post_ids: list[str], seed: int
    ) -> None:
        self._runtime = runtime
        self._people = people
        self._posts = [UUID(post_id) for post_id in post_ids]
        self._random = random.Random(seed)
        self._comments: list[tuple[Viewer, UUID]] = []
        self._threads: list[tuple[UUID, UUID]] = []
        self.acts = 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                async with self._runtime.writing() as ctx:
                    await self._act(ctx)
                    if self._random.random() < 0.7:
                        await asyncio.sleep(self._random.uniform(*HOLD_SECONDS))
                self.acts += 1
            except AppError:
                pass  # Something was deleted or hidden already.
            except Exception as error:  # Two held each other's rows.
                if not is_unavailable(error):
                    raise
            await asyncio.sleep(self._random.uniform(0, 0.05))

    async def _act(self, ctx: Context) -> None:
        choose = self._random
        person = choose.choice(self._people)
        roll = choose.random()
        if roll < 0.45 or not self._comments:
            await self._write(ctx, person)
        elif roll < 0.9:
            await self._change(ctx, *choose.choice(self._comments[-30:]))
        elif roll < 0.94:
            other = choose.choice(self._people)
            blocks = ctx.service(BlockService)
            act = blocks.block if choose.random() < 0.5 else blocks.unblock
            await act(person, other.user_id)
        elif roll < 0.98:
            await self._change_post(ctx, person, choose.choice(self._posts))
        else:
            with suppress(AppError):
                await ctx.service(NotificationService).mark_read(person, MarkRead(all=True))

    async def _write(self, ctx: Context, person: Viewer) -> None:
        choose = self._random
        post_id, parent_id = choose.choice(self._posts), None
        if self._threads and choose.random() < 0.3:  # The oldest ones are on the screens.
            post_id, parent_id = choose.choice(self._threads[:5] + self._threads[-5:])
        form = CommentCreate(body=f"言葉 {choose.random()}", parent_id=parent_id)
        row = await ctx.service(CommentWritingService).write(person, post_id, form)
        self._comments.append((person, row.id))
        if parent_id is None:
            self._threads.append((post_id, row.id))

    async def _change_post(self, ctx: Context, person: Viewer, post_id: UUID) -> None:
        """Mostly back, or soon nothing would be left to see."""
        roll = self._random.random()
        if roll < 0.2:
            await ctx.service(MarkService).mark(PostMute, person, post_id)
        elif roll < 0.6:
            await ctx.service(MarkService).unmark(PostMute, person, post_id)
        elif roll < 0.7:
            await moderate_post(ctx, post_id, Moderation.HIDDEN)
        else:
            await moderate_post(ctx, post_id, Moderation.VISIBLE)

    async def _change(self, ctx: Context, author: Viewer, comment_id: UUID) -> None:
        roll = self._random.random()
        if roll < 0.4:
            changes = CommentUpdate(body=f"改 {self._random.random()}")
            await ctx.service(CommentChangeService).update(author, comment_id, changes)
        elif roll < 0.6:
            await ctx.service(CommentChangeService).delete(author, comment_id)
        elif roll < 0.8:
            await moderate_comment(ctx, comment_id, Moderation.HIDDEN)
        else:
            await moderate_comment(ctx, comment_id, Moderation.VISIBLE)
