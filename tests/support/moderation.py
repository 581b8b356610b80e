"""Hiding and showing a post or comment as admins do, without the admin."""

from uuid import UUID

from app.comment.exceptions import CommentNotFound
from app.comment.service.moderating import CommentModerationService
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.policy import ModerationChange
from app.post.service.moderating import PostModerationService
from app.runtime.context import Context


async def moderate_post(ctx: Context, post_id: UUID, after: Moderation) -> None:
    posts = ctx.service(PostModerationService)
    locked = await posts.lock_all([post_id])
    if not locked:
        raise PostNotFound
    changes = [(post, ModerationChange(Moderation(post.moderation), after)) for post in locked]
    await posts.change_all(changes)


async def moderate_comment(ctx: Context, comment_id: UUID, after: Moderation) -> None:
    comments = ctx.service(CommentModerationService)
    locked = await comments.lock_all([comment_id])
    chosen = [each for each in locked if each.id == comment_id and each.deleted_at is None]
    if not chosen:
        raise CommentNotFound
    changes = [(each, ModerationChange(Moderation(each.moderation), after)) for each in chosen]
    await comments.change_all(changes, [each for each in locked if each.parent_id is None])
