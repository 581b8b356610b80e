"""The statements of the export: all data of one user."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Label, Select, Uuid, bindparam, case, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from app.auth.models import ProviderToken, RecoveryCode, Totp
from app.comment.models import Comment
from app.connection_log.models import ConnectionRecord
from app.core.db import Writing
from app.core.user_marks import MarkTable
from app.image.enums import PictureSize
from app.image.models import Image
from app.image.rows import url_of
from app.lounge.models import LoungeFavorite, LoungeRecentView, LoungeSubscription
from app.lounge_request.models import LoungeRequest
from app.notification.models import (
    SETTINGS,
    AnnouncementMark,
    Device,
    Notification,
    NotificationSettings,
    marked_at,
)
from app.notification_delivery.models import (
    quoting_params,
    visible_to,
    with_subjects,
)
from app.post.models import POST_MARKS, Post, PostImage
from app.reports.models import Report, ReportCase, outcome_of
from app.suspension.models import Appeal, GivenWarning
from app.user.models import ActiveDay, User, UserBlock, UserIdentity, UserSession

EXPORT_BATCH_ROWS = 500
"""Rows that are read at once."""

type ExportedRow = Mapping[str, object]
"""A row as it goes into the JSON. Each section has columns of its own."""

# The user could not fetch the picture with only its key.
_IMAGE_URL = url_of(PictureSize.FULL).label("url")


def _made_at(key: InstrumentedAttribute[UUID]) -> Label[datetime]:
    """When the row was made: its UUIDv7 has the time."""
    return func.uuid_extract_timestamp(key, type_=DateTime(timezone=True)).label("created_at")


_USER = bindparam("user_id", type_=Uuid)


def _marked(table: type[MarkTable]) -> Select[*tuple[object, ...]]:
    """What the user has marked, and when."""
    return select(table.thing_id(), _made_at(table.id)).where(table.user_id == _USER)


# They quote others. What is deleted, hidden or by a blocked user is quoted no more.
_SHOWN_PARAMS = case((visible_to(_USER), quoting_params()), else_=literal({}, JSONB)).label(
    "params"
)

SECTIONS: dict[str, Select[*tuple[object, ...]]] = {
    "account": select(
        User.provider,
        User.provider_user_id,
        User.email_verified_at,
        User.status,
        User.joined_at,
        User.suspension_reason,
        User.suspended_until,
        User.suspension_hides,
        User.warning_count,
    ).where(User.id == _USER),
    "identities": select(
        UserIdentity.provider,
        UserIdentity.subject,
        UserIdentity.email,
        UserIdentity.email_verified,
        UserIdentity.created_at,
        UserIdentity.last_used_at,
        UserIdentity.proved_at,
    ).where(UserIdentity.user_id == _USER),
    # The secret itself would let any reader of the export pass the second step.
    "second_step": select(
        Totp.created_at,
        select(func.count())
        .where(RecoveryCode.user_id == Totp.user_id)
        .scalar_subquery()
        .label("recovery_codes"),
    ).where(Totp.user_id == _USER),
    # The token itself is a secret between us and the provider.
    "connected_apps": select(ProviderToken.provider, ProviderToken.client_id).where(
        ProviderToken.user_id == _USER
    ),
    "sessions": select(
        UserSession.id,
        UserSession.user_agent,
        UserSession.provider,
        UserSession.created_at,
        UserSession.last_used_at,
        UserSession.ended_at,
        UserSession.mfa_passed_at,
        UserSession.proved_at,
    ).where(UserSession.user_id == _USER),
    # Kept for a week, to count how many people were here each day.
    "active_days": select(ActiveDay.day, ActiveDay.seen_at).where(ActiveDay.user_id == _USER),
    "devices": select(
        Device.install_id,
        Device.kind,
        Device.value,
        Device.platform,
        Device.created_at,
        Device.seen_at,
    ).where(Device.user_id == _USER),
    "blocks": select(UserBlock.blocked_id, _made_at(UserBlock.id)).where(
        UserBlock.blocker_id == _USER
    ),
    LoungeFavorite.mark.export: _marked(LoungeFavorite),
    "recent_views": select(
        LoungeRecentView.lounge_id, _made_at(LoungeRecentView.id), LoungeRecentView.forgotten
    ).where(LoungeRecentView.user_id == _USER),
    "lounge_notifications": select(
        LoungeSubscription.lounge_id, LoungeSubscription.level, LoungeSubscription.pushed_at
    ).where(LoungeSubscription.user_id == _USER),
    "posts": select(
        Post.id,
        Post.lounge_id,
        Post.title,
        Post.body,
        Post.moderation,
        Post.created_at,
        Post.updated_at,
    ).where(Post.author_id == _USER, Post.deleted_at.is_(None)),
    "images": select(
        Image.id,
        _IMAGE_URL,
        Image.width,
        Image.height,
        Image.created_at,
        PostImage.post_id,
        PostImage.position,
    )
    .join(PostImage, PostImage.image_id == Image.id, isouter=True)
    .where(Image.owner_id == _USER),
    "comments": select(
        Comment.id,
        Comment.post_id,
        Comment.parent_id,
        Comment.body,
        Comment.moderation,
        Comment.created_at,
        Comment.updated_at,
    ).where(Comment.author_id == _USER, Comment.deleted_at.is_(None)),
    **{table.mark.export: _marked(table) for table in POST_MARKS},
    "notifications": with_subjects(
        select(
            Notification.id,
            Notification.type,
            Notification.actor_id,
            Notification.post_id,
            Notification.comment_id,
            Notification.parent_id,
            Notification.lounge_id,
            Notification.lounge_request_id,
            _SHOWN_PARAMS,
            Notification.created_at,
            func.coalesce(Notification.read_at, marked_at()).label("read_at"),
            Notification.opened_at,
        ).where(Notification.user_id == _USER)
    ),
    "notification_settings": select(*SETTINGS.values()).where(
        NotificationSettings.user_id == _USER
    ),
    "announcements": select(
        AnnouncementMark.announcement_id, AnnouncementMark.read_at, AnnouncementMark.opened_at
    ).where(AnnouncementMark.user_id == _USER),
    "warnings": select(
        GivenWarning.id,
        GivenWarning.notification_id,
        GivenWarning.reason,
        GivenWarning.target_type,
        GivenWarning.target_id,
        GivenWarning.created_at,
        GivenWarning.withdrawn_at,
    ).where(GivenWarning.user_id == _USER),
    "appeals": select(
        Appeal.id,
        Appeal.against,
        Appeal.notification_id,
        Appeal.post_id,
        Appeal.comment_id,
        Appeal.reason,
        Appeal.quote,
        Appeal.text,
        Appeal.status,
        Appeal.note,
        Appeal.created_at,
        Appeal.decided_at,
    ).where(Appeal.user_id == _USER),
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
    ).where(LoungeRequest.requester_id == _USER),
    "reports": select(
        Report.id,
        Report.target_type,
        Report.target_id,
        Report.reason,
        Report.detail,
        ReportCase.status,
        outcome_of(ReportCase.resolution).label("outcome"),
        Report.created_at,
        ReportCase.resolved_at.label("decided_at"),
    )
    .join(ReportCase, ReportCase.id == Report.case_id)
    .where(Report.reporter_id == _USER),
    "connections": select(
        ConnectionRecord.act,
        ConnectionRecord.subject_type,
        ConnectionRecord.subject_id,
        func.host(ConnectionRecord.address).label("address"),
        ConnectionRecord.port,
        ConnectionRecord.created_at,
    ).where(ConnectionRecord.user_id == _USER),
}
"""The statements of the export, by the name of their section.

Not exported: internal values such as hashes, and what others said or did in confidence, such as who
reported the user and which admin decided.
"""


class ExportRepository:
    def __init__(self, db: Writing) -> None:
        self._db = db

    async def sections(
        self, user_id: UUID
    ) -> AsyncIterator[tuple[str, AsyncIterator[ExportedRow]]]:
        """All sections, each with its rows. Rows are streamed, so that memory stays small."""
        for name, statement in SECTIONS.items():
            yield name, self._rows(statement, user_id)

    def _rows(
        self, statement: Select[*tuple[object, ...]], user_id: UUID
    ) -> AsyncIterator[ExportedRow]:
        return self._db.stream(statement, EXPORT_BATCH_ROWS, user_id=user_id)
