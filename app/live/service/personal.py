"""What changed for only one user: notifications, the badge, marks, and whom they have blocked.

It is loaded for all of them together. So an announcement, or an author who leaves, costs some
statements for hundreds of streams, and not some for each.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from copy import copy
from itertools import batched, chain
from typing import Final
from uuid import UUID

from orjson import Fragment

from app.core.json import to_json
from app.live.policy import OF_MARKS, OF_NOTIFICATIONS, subjects
from app.live.repository import ExclusionRepository
from app.live.rows import PersonalChanges, Resource
from app.live_log.changes import Kind, Logged
from app.lounge.service import LoungeService
from app.notification.rows import NotificationRow
from app.notification_delivery.service.of_many import ManyReadersService
from app.post.service.reading import PostService
from app.runtime.context import Needs, Service

_CHANGE_THE_BADGE = frozenset(
    (Kind.NOTIFICATION, Kind.ANNOUNCEMENT, Kind.BADGE, Kind.VISIBILITY, Kind.RELOAD, Kind.AUTHOR)
)

USER_BATCH: Final = 250
"""Notifications of one statement."""

type Own = Mapping[UUID, Sequence[Logged]]
"""By user the changes that are theirs, or everyone's."""


class PersonalService(Service):
    _notifications = Needs(ManyReadersService)
    _posts = Needs(PostService)
    _lounges = Needs(LoungeService)
    _exclusions = Needs(ExclusionRepository)

    async def read(self, own: Own) -> dict[UUID, PersonalChanges]:
        """What changed for each of these users.

        A user whose badge can't be counted in time is missing: that ends only their stream.
        """
        notifications, of_blocked = await self._changed_notifications(own)
        blocked, muted = await self._subjects_of_visibility(own)
        marks = {user: await self._marks(user, changes) for user, changes in own.items()}
        counted = [user for user, changes in own.items() if _may_change_badge(changes)]
        badges = await self._notifications.count_unread(counted)
        uncounted = {user for user in counted if user not in badges}
        return {
            user: PersonalChanges(
                {
                    subject: notifications[user, subject]
                    for subject in subjects(changes, *OF_NOTIFICATIONS)
                    if (user, subject) in notifications
                },
                of_blocked,
                blocked.get(user, frozenset()),
                muted,
                badges.get(user),
                marks[user],
            )
            for user, changes in own.items()
            if user not in uncounted
        }

    async def _changed_notifications(
        self, own: Own
    ) -> tuple[dict[tuple[UUID, UUID], Resource], frozenset[UUID]]:
        """Each user's notifications that changed, and those about someone they have blocked."""
        ids = {user: subjects(changes, *OF_NOTIFICATIONS) for user, changes in own.items()}
        wanted = set(chain.from_iterable(ids.values()))
        rows = await self._notifications.list_own(wanted)
        notifications: dict[tuple[UUID, UUID], Resource] = {
            (each.user_id, each.row.id): vars(each.row) for each in rows
        }
        missing = wanted - {each.row.id for each in rows}
        of_blocked = await self._of_blocked(missing)
        # What is not a user's own notification may be an announcement, such as one they read.
        announced = await self._announced(ids, missing - of_blocked)
        return notifications | announced, of_blocked

    async def _of_blocked(self, ids: Set[UUID]) -> frozenset[UUID]:
        """Their owners learn nothing of these, not even that they went."""
        blocked: list[UUID] = []
        for batch in batched(ids, USER_BATCH, strict=False):
            blocked += await self._exclusions.list_of_blocked(batch)
        return frozenset(blocked)

    async def _announced(
        self, ids: Mapping[UUID, Sequence[UUID]], missing: Set[UUID]
    ) -> dict[tuple[UUID, UUID], Resource]:
        """Loads each announcement, and writes it as JSON, once for each language."""
        readers = [user for user, wanted in ids.items() if not missing.isdisjoint(wanted)]
        addressed = await self._notifications.list_announced(readers, missing)
        texts = await self._notifications.texts_of(missing, {each.locale for each in addressed})
        rendered: dict[tuple[UUID, str, bool], Resource] = {}
        for each in addressed:
            key = each.announcement_id, each.locale, each.read
            # One that was deleted meanwhile has no text: its readers get `gone`.
            if key not in rendered and (row := texts.get(key[:2])) is not None:
                rendered[key] = _as_json(row, read=each.read)
        return {
            (each.user_id, each.announcement_id): put
            for each in addressed
            if (put := rendered.get((each.announcement_id, each.locale, each.read))) is not None
        }

    async def _marks(self, user_id: UUID, changes: Iterable[Logged]) -> dict[UUID, Resource]:
        """The user's marks, also on posts and lounges that they do not see now."""
        posts, lounges = (subjects(changes, kind) for kind in OF_MARKS)
        marked = await self._posts.list_marks(user_id, posts) if posts else []
        marked += await self._lounges.list_marks(user_id, lounges) if lounges else []
        return {each.id: each.put for each in marked}

    async def _subjects_of_visibility(
        self, own: Own
    ) -> tuple[Mapping[UUID, frozenset[UUID]], frozenset[UUID]]:
        """Of the subjects of `Kind.VISIBILITY`: whom each user has blocked, and which are posts."""
        named = {u: things for u, c in own.items() if (things := subjects(c, Kind.VISIBILITY))}
        if not named:
            return {}, frozenset()
        posts = await self._exclusions.posts_among(set(chain.from_iterable(named.values())))
        return await self._exclusions.blocked_of(named), posts


def _may_change_badge(changes: Iterable[Logged]) -> bool:
    return any(change.kind in _CHANGE_THE_BADGE for change in changes)


def _as_json(row: NotificationRow, *, read: bool) -> Fragment:
    row = copy(row)
    row.read = read
    return Fragment(to_json(row))
