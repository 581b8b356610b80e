"""The statements of an export: everything that is held on one user."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Label, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.models import ProviderToken
from app.comment.models import Comment
from app.core.keyset import Row
from app.image.models import Image
from app.lounge.models import LoungeFavorite, LoungeRecentView
from app.lounge_request.models import LoungeRequest
from app.moderation.models import Report
from app.notification.models import Device, Notification, NotificationSettings
from app.post.models import Post, PostImage, PostLike, PostMute
from app.record.models import ConnectionRecord
from app.user.models import User, UserBlock, UserSession

BATCH = 500


def _sections(user_id: UUID) -> dict[str, Select[*tuple[object, ...]]]:
    """What is exported, by the name that it gets.

    Nothing that is only ours, such as hashes, and nothing that somebody else said or did in
    confidence: who reported the user, and which admin decided.
    """
    return {
        "account": select(
            User.provider,
            User.provider_user_id,
            User.email_verified_at,
            User.status,
            User.suspension_reason,
        ).where(User.id == user_id),
        # That we hold a token, and for which app; the token itself is for the provider alone.
        "connected_apps": select(ProviderToken.provider, ProviderToken.client_id).where(
            ProviderToken.user_id == user_id
        ),
        "sessions": select(
            UserSession.id,
            UserSession.user_agent,
            UserSession.created_at,
            UserSession.last_used_at,
            UserSession.ended_at,
        ).where(UserSession.user_id == user_id),
        "devices": select(
            Device.install_id,
            Device.kind,
            Device.value,
            Device.platform,
            Device.created_at,
            Device.seen_at,
        ).where(Device.user_id == user_id),
        "blocks": select(UserBlock.blocked_id, _made_at(UserBlock.id)).where(
            UserBlock.blocker_id == user_id
        ),
        "favorites": select(LoungeFavorite.lounge_id, _made_at(LoungeFavorite.id)).where(
            LoungeFavorite.user_id == user_id
        ),
        "recent_views": select(LoungeRecentView.lounge_id, _made_at(LoungeRecentView.id)).where(
            LoungeRecentView.user_id == user_id
        ),
        "posts": select(
            Post.id,
            Post.lounge_id,
            Post.title,
            Post.body,
            Post.moderation,
            Post.created_at,
            Post.updated_at,
        ).where(Post.author_id == user_id, Post.deleted_at.is_(None)),
        "images": select(
            Image.id,
            Image.key,
            Image.width,
            Image.height,
            Image.created_at,
            PostImage.post_id,
            PostImage.position,
        )
        .join(PostImage, PostImage.image_id == Image.id, isouter=True)
        .where(Image.owner_id == user_id),
        "comments": select(
            Comment.id,
            Comment.post_id,
            Comment.parent_id,
            Comment.body,
            Comment.moderation,
            Comment.created_at,
            Comment.updated_at,
        ).where(Comment.author_id == user_id, Comment.deleted_at.is_(None)),
        "likes": select(PostLike.post_id, _made_at(PostLike.id)).where(PostLike.user_id == user_id),
        "mutes": select(PostMute.post_id).where(PostMute.user_id == user_id),
        "notifications": select(
            Notification.id,
            Notification.type,
            Notification.actor_id,
            Notification.post_id,
            Notification.comment_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            Notification.params,
            Notification.created_at,
            Notification.read_at,
        ).where(Notification.user_id == user_id),
        "notification_settings": select(
            NotificationSettings.push_enabled,
            NotificationSettings.comment,
            NotificationSettings.reply,
            NotificationSettings.lounge_request,
        ).where(NotificationSettings.user_id == user_id),
        "lounge_requests": select(
            LoungeRequest.id,
            LoungeRequest.name,
            LoungeRequest.description,
            LoungeRequest.reason,
            LoungeRequest.status,
            LoungeRequest.reject_reason,
            LoungeRequest.lounge_id,
            LoungeRequest.created_at,
            LoungeRequest.decided_at,
        ).where(LoungeRequest.requester_id == user_id),
        "reports": select(
            Report.id,
            Report.target_type,
            Report.target_id,
            Report.reason,
            Report.detail,
            Report.created_at,
        ).where(Report.reporter_id == user_id),
        "connections": select(
            ConnectionRecord.act,
            ConnectionRecord.subject_type,
            ConnectionRecord.subject_id,
            func.host(ConnectionRecord.address).label("address"),
            ConnectionRecord.port,
            ConnectionRecord.created_at,
        ).where(ConnectionRecord.user_id == user_id),
    }


def _made_at(key: InstrumentedAttribute[UUID]) -> Label[datetime]:
    """A UUIDv7 knows when it was made."""
    return func.uuid_extract_timestamp(key, type_=DateTime(timezone=True)).label("created_at")


class ExportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def sections(self, user_id: UUID) -> AsyncIterator[tuple[str, AsyncIterator[Row]]]:
        """Section by section, each row by row: nothing is loaded whole."""
        for name, statement in _sections(user_id).items():
            yield name, self._rows(statement)

    async def _rows(self, statement: Select[*tuple[object, ...]]) -> AsyncIterator[Row]:
        result = await self._session.stream(statement.execution_options(yield_per=BATCH))
        async for row in result.mappings():
            yield row
