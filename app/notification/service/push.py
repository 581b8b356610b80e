"""The job that pushes a notification to the recipient's devices."""

import random
from datetime import timedelta
from uuid import UUID

from app.core.metrics import PUSHES
from app.integrations.push import Outcome, PushMessage, Sent
from app.jobs import GiveUp, RetryLater, enqueue
from app.notification.enums import NotificationType
from app.notification.repository import DeviceRepository, NotificationRepository
from app.notification.rows import SEND_PUSH, PushRow, SendPush
from app.notification.schemas import PushData
from app.runtime.context import Context

FIRST_PAUSE = timedelta(seconds=10)

_CHANNELS = {
    NotificationType.COMMENT: "comments",
    NotificationType.REPLY: "comments",
    NotificationType.LOUNGE_REQUEST_APPROVED: "lounge_requests",
    NotificationType.LOUNGE_REQUEST_REJECTED: "lounge_requests",
}
"""The Android channel of a type. All other types go through `moderation`."""


class PushUnavailable(Exception):
    """The push service did not answer. The job is tried again."""


class PushService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._notifications = NotificationRepository(ctx.session, ctx.media_url, ctx.base_url)
        self._devices = DeviceRepository(ctx.session)

    async def send(self, notification_id: UUID, device_id: UUID | None = None) -> None:
        """Push to all the recipient's devices, or to one of them.

        Pushes nothing if the notification is read or hidden by now, or the settings forbid it. If
        a device can't be reached now, that device gets a job of its own. Raises RetryLater,
        PushUnavailable or GiveUp if the job has only one device.
        """
        rows = await self._notifications.list_pushes(notification_id, device_id)
        if not rows or not _is_wanted(rows[0]):
            return
        message = _message(rows[0])
        # Sending is slow and needs no database connection.
        await self._ctx.release_connection()
        results = await self._ctx.push.send(message, [row.target for row in rows])
        await self._settle(notification_id, results)

    async def _settle(self, notification_id: UUID, results: list[Sent]) -> None:
        """Delete dead addresses, and try again where sending failed."""
        for sent in results:
            PUSHES.labels(sent.outcome).inc()
        if any(sent.outcome == Outcome.SENT for sent in results):
            await self._devices.note_push(notification_id, self._ctx.clock())
        failed = [sent for sent in results if sent.outcome not in (Outcome.SENT, Outcome.DEAD)]
        if failed and len(results) == 1:
            raise _error_of(failed[0])
        for sent in results:
            if sent.outcome == Outcome.DEAD:
                await self._devices.delete_if_unchanged(sent.target)
        for sent in failed:
            await self._enqueue_again(notification_id, sent)

    async def _enqueue_again(self, notification_id: UUID, sent: Sent) -> None:
        payload = SendPush(notification_id, sent.target.device_id)
        # Waiting does not repair a malformed message: its own job gives up at once.
        is_malformed = sent.outcome == Outcome.OUR_FAULT
        pause = timedelta(0) if is_malformed else sent.retry_after or FIRST_PAUSE
        await enqueue(self._ctx.session, SEND_PUSH, payload, delay=_with_jitter(pause))


def _is_wanted(row: PushRow) -> bool:
    """Whether the recipient's settings allow this push."""
    match row.type:
        case NotificationType.COMMENT:
            is_type_on = row.comment
        case NotificationType.REPLY:
            is_type_on = row.reply
        case NotificationType.LOUNGE_REQUEST_APPROVED | NotificationType.LOUNGE_REQUEST_REJECTED:
            is_type_on = row.lounge_request
        case _:
            is_type_on = True
    return row.push_enabled and is_type_on


def _message(row: PushRow) -> PushMessage:
    return PushMessage(
        title=row.title,
        body=row.body,
        data=_data(row).model_dump(mode="json", exclude_none=True),
        badge=row.unread,
        collapse_id=str(row.id),
        channel=_CHANNELS.get(NotificationType(row.type), "moderation"),
    )


def _data(row: PushRow) -> PushData:
    return PushData(
        type=NotificationType(row.type),
        notification_id=row.id,
        post_id=row.post_id,
        comment_id=row.comment_id,
        parent_id=row.parent_id,
        lounge_id=row.lounge_id,
        lounge_request_id=row.lounge_request_id,
        url=row.url,
    )


def _error_of(sent: Sent) -> Exception:
    if sent.outcome == Outcome.OUR_FAULT:
        return GiveUp("the push service calls our message malformed")
    if sent.retry_after is None:
        # The queue's own pauses grow by themselves.
        return PushUnavailable("the push service is out of reach")
    return RetryLater(_with_jitter(sent.retry_after))


def _with_jitter(pause: timedelta) -> timedelta:
    # Devices that were asked to wait for the same time must not come back at the same moment.
    return pause * random.uniform(1.0, 1.25)  # noqa: S311
