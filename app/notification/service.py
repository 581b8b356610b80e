"""The use cases of notifications.

Features call `notify` in the transaction of the event, with a snapshot of the names that the text
needs. A job sends the push, so nothing is pushed unless the transaction commits.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core.errors import SessionRevoked
from app.core.keyset import LAST_ID, PageRequest, Row, Slice
from app.integrations.push import Outcome, PushMessage, PushTarget, Sent
from app.jobs import GiveUp, RetryLater, enqueue
from app.notification import models
from app.notification.enums import NotificationType
from app.notification.repository import NotificationRepository
from app.notification.schemas import (
    DeviceRegistration,
    MarkRead,
    NotificationSettings,
    NotificationSettingsUpdate,
)
from app.notification.texts import title_of
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.user.schemas import author_json
from app.user.service import BlockService, SessionService, UserService

SEND_PUSH = "notification.send_push"
ALL, UNREAD = "notifications", "notifications:unread"

ABOUT_COMMENTS = (NotificationType.COMMENT, NotificationType.REPLY)
"""Types that are hidden with their post or comment. A moderator's message stays visible."""

STALE_AFTER = timedelta(days=270)
FIRST_PAUSE = timedelta(seconds=10)

_CHANNELS = {
    NotificationType.COMMENT: "comments",
    NotificationType.REPLY: "comments",
    NotificationType.LOUNGE_REQUEST_APPROVED: "lounge_requests",
    NotificationType.LOUNGE_REQUEST_REJECTED: "lounge_requests",
}
"""The Android channel of a type; all others come through `moderation`."""

_SWITCHES = {
    NotificationType.COMMENT: "comment",
    NotificationType.REPLY: "reply",
    NotificationType.LOUNGE_REQUEST_APPROVED: "lounge_request",
    NotificationType.LOUNGE_REQUEST_REJECTED: "lounge_request",
}
"""The setting that switches the push of a type; moderation goes by `push_enabled` alone."""


class PushUnavailable(Exception):
    """The push service did not answer; the job is tried again."""


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A notification to write, with the ids and the names that its text needs."""

    recipient_id: UUID
    type: NotificationType
    actor_id: UUID | None = None
    post_author_id: UUID | None = None
    post_id: UUID | None = None
    comment_id: UUID | None = None
    lounge_id: UUID | None = None
    lounge_request_id: UUID | None = None
    params: dict[str, str] = field(default_factory=dict)


class NotificationService:
    _users = Needs(UserService)
    _blocks = Needs(BlockService)
    _sessions = Needs(SessionService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._notifications = NotificationRepository(ctx.session)

    async def notify(self, new: NewNotification) -> None:
        """Write a notification and enqueue its push.

        Does nothing if the actor is the recipient, the recipient has blocked the actor, or the
        recipient has left.
        """
        actor_id = new.actor_id
        if actor_id == new.recipient_id:
            return
        if actor_id and await self._blocks.has_blocked(new.recipient_id, actor_id):
            return
        added_id = await self._notifications.add(
            new.recipient_id,
            type=new.type,
            actor_id=actor_id,
            post_author_id=new.post_author_id,
            post_id=new.post_id,
            comment_id=new.comment_id,
            lounge_id=new.lounge_id,
            lounge_request_id=new.lounge_request_id,
            params=new.params,
        )
        if added_id is not None:
            await enqueue(self._ctx.session, SEND_PUSH, {"notification_id": str(added_id)})

    async def list_page(
        self, viewer: Viewer, page: PageRequest, *, unread: bool
    ) -> Slice[dict[str, Any]]:
        """The viewer's notifications, the newest first."""
        name = UNREAD if unread else ALL
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._notifications.list_page(
            viewer.user_id, after_id, page.row_limit, unread=unread
        )
        found = page.page(name, rows, lambda row: [row["id"]])
        return found.map(self._describe)

    async def count_unread(self, viewer: Viewer) -> int:
        return await self._notifications.count_unread(viewer.user_id)

    async def mark_read(self, viewer: Viewer, which: MarkRead) -> None:
        await self._users.begin_write(viewer)
        await self._notifications.mark_read(viewer.user_id, which.ids, self._ctx.clock())

    async def settings(self, viewer: Viewer) -> NotificationSettings:
        return _settings_of(await self._notifications.find_settings(viewer.user_id))

    async def update_settings(
        self, viewer: Viewer, changes: NotificationSettingsUpdate
    ) -> NotificationSettings:
        await self._users.begin_write(viewer)
        changed = changes.model_dump(exclude_unset=True)
        return _settings_of(await self._notifications.save_settings(viewer.user_id, changed))

    # Devices

    async def register_device(
        self, viewer: Viewer, install_id: str, device: DeviceRegistration
    ) -> None:
        """Push to this installation from now on, and to no other user by the same value.

        Raises SessionRevoked. The session is locked until the end: one that ended meanwhile had its
        devices removed already, and a phone that signed out would still get pushes.
        """
        await self._users.begin_write(viewer)
        if await self._sessions.lock(viewer.session_id) is None:
            raise SessionRevoked
        values = {
            "user_id": viewer.user_id,
            "session_id": viewer.session_id,
            "install_id": install_id,
            **device.model_dump(mode="json"),
        }
        await self._notifications.save_device(values, self._ctx.clock())

    async def remove_device(self, viewer: Viewer, install_id: str) -> None:
        await self._users.begin_write(viewer)
        await self._notifications.delete_device(viewer.user_id, install_id)

    async def delete_devices_of_sessions(self, session_ids: Sequence[UUID]) -> None:
        """Stop pushing to the installations that were signed in by these sessions."""
        if session_ids:
            await self._notifications.delete_devices_of(session_ids)

    # Features that hide, delete or mute the subject of notifications call these.

    async def set_post_hidden(self, post_id: UUID, *, hidden: bool) -> None:
        """Hide the notifications about a post that was deleted or hidden, or show them again."""
        await self._notifications.set_post_hidden(post_id, ABOUT_COMMENTS, hidden=hidden)

    async def set_comment_hidden(self, comment_id: UUID, *, hidden: bool) -> None:
        """Hide the notifications about a comment that was deleted or hidden, or show them again."""
        await self._notifications.set_comment_hidden(comment_id, ABOUT_COMMENTS, hidden=hidden)

    async def has_notified_of_comment(self, comment_id: UUID) -> bool:
        """Whether any user got a notification about the comment."""
        return await self._notifications.exists_for_comment(comment_id, ABOUT_COMMENTS)

    async def set_post_muted(self, user_id: UUID, post_id: UUID, *, muted: bool) -> None:
        """Hide a user's notifications about a post that the user has muted, or show them again."""
        await self._notifications.set_post_muted(user_id, post_id, ABOUT_COMMENTS, muted=muted)

    async def delete_all_about(self, user_id: UUID) -> None:
        """Delete a leaver's notifications, and those of others about the leaver and their posts."""
        await self._notifications.delete_all_about(user_id)

    # Push

    async def send_push(self, notification_id: UUID, device_id: UUID | None = None) -> None:
        """The job behind `notify`: push to all the recipient's devices, or to one of them.

        Nothing goes to who can't see it any more, has read it, or wants none. Where a device
        can't be reached now, it alone gets another job. Raises RetryLater or GiveUp for the last
        device left.
        """
        due = await self._due_push(notification_id, device_id)
        if due is None:
            return
        message, devices = due
        # Sending takes its time, and needs no connection meanwhile.
        await self._ctx.release_connection()
        sent = await self._ctx.push.send(message, devices)
        unsettled = [one for one in sent if one.outcome not in (Outcome.SENT, Outcome.DEAD)]
        if unsettled and len(devices) == 1:
            raise _what_now(unsettled[0])
        for one in sent:
            if one.outcome == Outcome.DEAD:
                await self._notifications.delete_device_if_unchanged(one.target)
        for one in unsettled:
            await self._push_again(notification_id, one)

    async def delete_stale_devices(self) -> None:
        """FCM forgets what has not been seen for 270 days; so do we."""
        await self._notifications.delete_devices_unseen_since(self._ctx.clock() - STALE_AFTER)

    async def _due_push(
        self, notification_id: UUID, device_id: UUID | None
    ) -> tuple[PushMessage, list[PushTarget]] | None:
        rows = await self._notifications.list_pushes(notification_id, device_id)
        if not rows or not _wants(rows[0]):
            return None
        names = ("device_id", "kind", "value", "platform")
        targets = [PushTarget(*(row[name] for name in names)) for row in rows]
        return self._message(rows[0]), targets

    async def _push_again(self, notification_id: UUID, sent: Sent) -> None:
        payload = {
            "notification_id": str(notification_id),
            "device_id": str(sent.target.device_id),
        }
        # A malformed message gets no better by waiting: its own job is given up at once.
        is_hopeless = sent.outcome == Outcome.OUR_FAULT
        pause = timedelta(0) if is_hopeless else sent.retry_after or FIRST_PAUSE
        delay = _with_jitter(pause)
        await enqueue(self._ctx.session, SEND_PUSH, payload, delay=delay)

    def _message(self, row: Row) -> PushMessage:
        described = self._describe(row)
        names = ("type", "post_id", "comment_id", "lounge_id", "lounge_request_id")
        data = {name: str(row[name]) for name in names if row[name] is not None}
        return PushMessage(
            title=described["title"],
            body=described["body"],
            data={
                **data,
                "notification_id": str(row["id"]),
                "url": self._ctx.settings.base_url + _path_of(row),
            },
            badge=row["unread"],
            collapse_id=str(row["id"]),
            channel=_CHANNELS.get(NotificationType(row["type"]), "moderation"),
        )

    def _describe(self, row: Row) -> dict[str, Any]:
        actor = author_json(row, self._ctx.storage.url) if row["author_id"] else None
        params = {**row["params"], "actor": actor["nickname"] if actor else ""}
        return {
            "id": row["id"],
            "type": row["type"],
            "read": row["read_at"] is not None,
            "created_at": row["created_at"],
            "actor": actor,
            "post_id": row["post_id"],
            "comment_id": row["comment_id"],
            "lounge_id": row["lounge_id"],
            "lounge_request_id": row["lounge_request_id"],
            "title": title_of(NotificationType(row["type"]), params, row["locale"]),
            "body": params.get("body", ""),
        }


def _settings_of(row: models.NotificationSettings | None) -> NotificationSettings:
    if row is None:
        return NotificationSettings(
            push_enabled=True, comment=True, reply=True, lounge_request=True
        )
    return NotificationSettings.model_validate(row)


def _path_of(row: Row) -> str:
    """Where the API has what a notification is about: one address for each thing."""
    if row["post_id"] is not None:
        return f"/api/v1/posts/{row['post_id']}"
    if row["lounge_id"] is not None:
        return f"/api/v1/lounges/{row['lounge_id']}"
    if row["lounge_request_id"] is not None:
        return f"/api/v1/lounge-requests/{row['lounge_request_id']}"
    return "/api/v1/notifications"


def _what_now(sent: Sent) -> Exception:
    if sent.outcome == Outcome.OUR_FAULT:
        return GiveUp("the push service calls our message malformed")
    if sent.retry_after is None:
        # The queue's own pauses grow by themselves.
        return PushUnavailable("the push service is out of reach")
    return RetryLater(_with_jitter(sent.retry_after))


def _with_jitter(pause: timedelta) -> timedelta:
    # Whoever was told to wait for the same time must not come back at the same moment.
    return pause * random.uniform(1.0, 1.25)  # noqa: S311


def _wants(row: Row) -> bool:
    """Whether the settings let it through; without any, everything is on."""
    switch = _SWITCHES.get(NotificationType(row["type"]))
    return row["push_enabled"] is not False and (switch is None or row[switch] is not False)
