"""Brings the demo's members to life, by the services that serve real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from app.comment.schemas import CommentCreate
from app.comment.service import CommentService
from app.image.service import ImageService
from app.integrations.pictures.rendering import Picture
from app.jobs import drop_waiting_jobs
from app.lounge.service import LoungeService
from app.notification.schemas import MarkRead
from app.notification.service import SEND_PUSH, NotificationService
from app.post.schemas import PostCreate
from app.post.service import PostService
from app.runtime.context import Context
from app.seed.chores import Chores
from app.seed.members import LOOKS, LOUNGES, MEMBERS
from app.seed.posts import POSTS
from app.seed.progress import Progress
from app.seed.repository import SeedRepository
from app.seed.story import Entry, Member, Remark
from app.seed.timeline import CaughtUp, Event, Published, Said, Withdrawn, timeline
from app.user.enums import Role, UserLocale
from app.user.policy import Viewer
from app.user.schemas import MeUpdate
from app.user.service import BlockService, IdentityService, ProfileService

_NO_SESSION = UUID(int=0)
"""Nothing that the demo does asks by which sign-in it is done."""


class StoryClock:
    """What the services take for the present, while they act out the past."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def __call__(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True)
class Material:
    """What takes long to make, and is made before the transaction begins."""

    pictures: Mapping[str, Picture]
    hashes: Mapping[str, str]
    """By a member's key."""


def count_events(now: datetime) -> int:
    return len(timeline(POSTS, now))


class Community:
    def __init__(
        self, ctx: Context, clock: StoryClock, material: Material, progress: Progress
    ) -> None:
        self._ctx, self._clock, self._material = ctx, clock, material
        self._progress = progress
        self._now = clock.moment
        self._random = Random("linky")  # noqa: S311 - Each start shows the same demo.
        self._lounges = ctx.service(LoungeService)
        self._images, self._posts = ctx.service(ImageService), ctx.service(PostService)
        self._comments, self._notifications = (
            ctx.service(CommentService),
            ctx.service(NotificationService),
        )
        self._people: dict[str, Viewer] = {}
        self._rooms: dict[str, UUID] = {}
        self._written: dict[Entry, UUID] = {}
        self._said: dict[Remark, UUID] = {}
        self._post_times: dict[UUID, datetime] = {}
        self._comment_times: dict[UUID, datetime] = {}

    async def come_to_life(self) -> None:
        """Everything, in the order in which it can happen."""
        for member in MEMBERS:
            await self._admit(member)
        for room in LOUNGES:
            self._rooms[room.key] = (await self._lounges.open(room.name, room.description)).id
        for event in timeline(POSTS, self._now):
            self._clock.moment = event.at
            await self._happen(event)
            self._progress.advance(1)
        self._clock.moment = self._now
        await self._take_sides()
        latest = {entry.by: post_id for entry, post_id in self._written.items()}
        await Chores(self._ctx, self._people, self._rooms, latest).pile_up()
        await self._date()
        # The demo members have no phones, and these notifications are days old.
        await drop_waiting_jobs(self._ctx.session, SEND_PUSH)

    async def _admit(self, member: Member) -> None:
        terms = self._ctx.settings.terms_version
        role = Role.ADMIN if member.admin else Role.USER
        user = await self._ctx.service(IdentityService).add_member(
            member.email, self._material.hashes[member.key], member.nickname, terms, role
        )
        viewer = self._people[member.key] = Viewer(user.id, _NO_SESSION, role, terms)
        locale = UserLocale.EN if member.english else UserLocale.JA
        await self._ctx.service(ProfileService).update_me(
            viewer, MeUpdate(bio=member.bio, locale=locale)
        )
        if member.avatar is not None:
            await self._images.change_avatar(viewer, self._material.pictures[member.avatar])

    async def _happen(self, event: Event) -> None:
        match event:
            case Published():
                await self._publish(event)
            case Said():
                await self._say(event)
            case Withdrawn(remark=remark):
                await self._comments.delete(self._people[remark.by], self._said[remark])
            case CaughtUp(by=by):
                await self._notifications.mark_read(self._people[by], MarkRead(all=True))

    async def _publish(self, event: Published) -> None:
        entry = event.entry
        author = self._people[entry.by]
        pictures = [self._material.pictures[name] for name in entry.pictures]
        image_ids = [(await self._images.add(author, picture)).id for picture in pictures]
        form = PostCreate(
            lounge_id=self._rooms[entry.room],
            title=entry.title,
            body=entry.body,
            image_ids=image_ids,
        )
        post_id = (await self._posts.publish(author, form))["id"]
        self._written[entry], self._post_times[post_id] = post_id, event.at

    async def _say(self, event: Said) -> None:
        parent_id = None if event.parent is None else self._said[event.parent]
        comment = await self._comments.write(
            self._people[event.remark.by],
            self._written[event.entry],
            CommentCreate(body=event.remark.body, parent_id=parent_id),
        )
        self._said[event.remark], self._comment_times[comment["id"]] = comment["id"], event.at

    async def _take_sides(self) -> None:
        for entry, post_id in self._written.items():
            for key in self._likers(entry):
                await self._posts.like(self._people[key], post_id)
        for room in LOUNGES:
            for key in room.fans.split():
                await self._lounges.add_favorite(self._people[key], self._rooms[room.key])
        for key, rooms in LOOKS.items():
            for name in rooms.split():
                await self._lounges.view(self._people[key], self._rooms[name])
        # This comes last: Hanako can't reply to Toru after she has blocked him.
        blocks = self._ctx.service(BlockService)
        await blocks.block(self._people["hanako"], self._people["toru"].user_id)

    def _likers(self, entry: Entry) -> Sequence[str]:
        others = [member.key for member in MEMBERS if not member.admin and member.key != entry.by]
        return self._random.sample(others, entry.likes)

    async def _date(self) -> None:
        dates = SeedRepository(self._ctx.session)
        joined = {self._people[member.key].user_id: member.joined for member in MEMBERS}
        opened = {self._rooms[room.key]: room.opened for room in LOUNGES}
        await dates.date_users({key: self._days_ago(days) for key, days in joined.items()})
        await dates.date_posts(self._post_times)
        await dates.date_comments(self._comment_times)
        await dates.date_lounges({key: self._days_ago(days) for key, days in opened.items()})

    def _days_ago(self, days: int) -> datetime:
        return self._now - timedelta(days=days)
