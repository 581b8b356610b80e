"""The job that pushes a notification to the recipient's devices."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from app.core.links import lounge_url
from app.core.metrics import PUSHES
from app.integrations.push.base import PushMessage, PushOutcome, Sent
from app.jobs.definitions import GiveUp, RetryLater
from app.jobs.enqueue import enqueue
from app.notification.enums import NotificationType
from app.notification.kinds import KINDS
from app.notification.rows import SEND_PUSH, NewPosts, NotificationRow, PushRow, SendPush
from app.notification.schemas import PushData
from app.notification.service.devices import DeviceService
from app.notification.texts import new_posts_title
from app.notification_delivery.repository.listing import NotificationListRepository
from app.notification_delivery.repository.pushes import PushRepository
from app.runtime.context import Needs, Service

FIRST_PAUSE = timedelta(seconds=10)


class PushUnavailable(Exception):
    """The push service did not answer. The job is tried again."""


class PushService(Service):
    _notifications = Needs(NotificationListRepository)
    _pushes = Needs(PushRepository)
    _devices = Needs(DeviceService)

    async def send(self, push: SendPush) -> None:
        """Push to all the recipient's devices, or to one of them.

        With `push.since_id` it says how many posts came into a lounge since that notification.

        Pushes nothing if the notification is read or hidden by now, or the settings forbid it. If
        a device can't be reached now, that device gets a job of its own. Raises RetryLater,
        PushUnavailable or GiveUp if the job has only one device.
        """
        new_posts = await self._find_new_posts(push)
        if new_posts is None:
            return
        rows = await self._list(push, new_posts.newest_id)
        if not rows or not _is_wanted(rows[0]):
            return
        message = _message(rows[0], new_posts.count, self._ctx.settings.base_url)
        # Sending is slow and needs no database connection.
        await self._ctx.release_connection()
        results = await self._ctx.process.push.send(message, [row.target for row in rows])
        await self._settle(push, rows[0], results)

    async def _find_new_posts(self, push: SendPush) -> NewPosts | None:
        """What to push: the notification itself, or the newest since, and how many there are.

        None if all that came since was read or hidden meanwhile.
        """
        if push.since_id is None:
            return NewPosts(push.notification_id, 0)
        return await self._pushes.find_new_posts(push.notification_id, push.since_id)

    async def _list(self, push: SendPush, notification_id: UUID) -> Sequence[PushRow]:
        now = self._ctx.clock()
        if push.reader_id is None:
            return await self._pushes.list_pushes(notification_id, push.device_id, now)
        return await self._pushes.list_announced(
            notification_id, push.reader_id, push.device_id, now
        )

    async def push_to(
        self, user_id: UUID, device_id: UUID | None, make: Callable[[int], PushMessage]
    ) -> Sequence[tuple[UUID, timedelta]]:
        """Push what is no notification to all of a user's devices, or to one of them.

        `make` gets the number of the user's unread notifications, for the badge. Returns the
        devices that could not be reached, and after which pause to try each again. No setting
        stops it: it is about the account itself, as `security`. Raises as `send` does.
        """
        targets = await self._devices.list_targets(user_id, device_id)
        if not targets:
            return ()
        badge = await self._notifications.count_unread(user_id)
        message = make(badge.unread)
        await self._ctx.release_connection()
        failed = await self._settle_devices(await self._ctx.process.push.send(message, targets))
        return [(sent.target.device_id, _pause_after(sent)) for sent in failed]

    async def _settle(self, push: SendPush, pushed: PushRow, results: list[Sent]) -> None:
        """Delete dead addresses, and try again where sending failed."""
        if any(sent.outcome == PushOutcome.SENT for sent in results):
            await self._devices.note_push(_push_id(push, pushed.shown.id))
        for sent in await self._settle_devices(results):
            payload = replace(push, device_id=sent.target.device_id)
            pause, bulk = _pause_after(sent), KINDS[pushed.shown.type].to_many
            await enqueue(self._ctx.db, SEND_PUSH, payload, delay=pause, bulk=bulk)

    async def _settle_devices(self, results: list[Sent]) -> list[Sent]:
        """Delete dead addresses. Returns what is to be tried again, of several devices."""
        for sent in results:
            PUSHES.labels(sent.outcome).inc()
        failed = [
            sent for sent in results if sent.outcome not in (PushOutcome.SENT, PushOutcome.DEAD)
        ]
        if failed and len(results) == 1:
            raise _error_of(failed[0])
        for sent in results:
            if sent.outcome == PushOutcome.DEAD:
                await self._devices.remove_dead(sent.target)
        return failed


def _push_id(push: SendPush, notification_id: UUID) -> UUID:
    """What a push is counted by. Those of an announcement to two readers are two."""
    if push.reader_id is None:
        return notification_id
    return uuid5(notification_id, str(push.reader_id))


def _is_wanted(row: PushRow) -> bool:
    """Whether the recipient's settings allow this push."""
    kind = KINDS.get(row.shown.type)
    if kind is None:
        return False  # A newer release has written it, which knows the setting.
    return kind.is_always_pushed or row.settings.allow(kind)


def _message(row: PushRow, new_posts: int, base_url: str) -> PushMessage:
    """What to push of a notification, or of so many new posts of which it is the newest."""
    shown = row.shown
    title = shown.title
    if new_posts:
        title = new_posts_title(row.lounge_name or "", new_posts, row.spoken)
    return PushMessage(
        title=title,
        body=shown.body,
        data=_data(shown, new_posts, base_url).model_dump(mode="json", exclude_none=True),
        badge=row.unread,
        collapse_id=str(shown.id),
        channel=KINDS[shown.type].channel,
    )


def _data(shown: NotificationRow, new_posts: int, base_url: str) -> PushData:
    kind = NotificationType(shown.type)
    if new_posts and shown.lounge_id:
        url = lounge_url(base_url, shown.lounge_id)
        return PushData(type=kind, notification_id=shown.id, lounge_id=shown.lounge_id, url=url)
    return PushData(
        type=kind,
        notification_id=shown.id,
        post_id=shown.post_id,
        comment_id=shown.comment_id,
        parent_id=shown.parent_id,
        lounge_id=shown.lounge_id,
        lounge_request_id=shown.lounge_request_id,
        url=shown.url,
    )


def _error_of(sent: Sent) -> Exception:
    if sent.outcome == PushOutcome.OUR_FAULT:
        return GiveUp("the push service calls our message malformed")
    if sent.retry_after is None:
        # The queue's own pauses grow automatically.
        return PushUnavailable("the push service is out of reach")
    return RetryLater(_with_jitter(sent.retry_after))


def _pause_after(sent: Sent) -> timedelta:
    # Waiting does not repair a malformed message: its own job gives up at once.
    is_malformed = sent.outcome == PushOutcome.OUR_FAULT
    return _with_jitter(timedelta(0) if is_malformed else sent.retry_after or FIRST_PAUSE)


def _with_jitter(pause: timedelta) -> timedelta:
    # Devices that were asked to wait for the same time must not come back at the same moment.
    return pause * random.uniform(1.0, 1.25)  # noqa: S311
