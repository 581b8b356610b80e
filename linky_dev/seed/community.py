"""Makes the demo community, through the services that real users' requests call."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import anyio

from app.comment.schemas import CommentCreate
from app.comment.service.changing import CommentChangeService
from app.comment.service.writing import CommentWritingService
from app.core.settings.brand import OUR_NAME
from app.core.text import cut
from app.image.rows import CheckedPicture
from app.image.service.images import ImageService
from app.integrations.pictures.picture import Picture
from app.jobs.operate import drop_waiting_jobs
from app.lounge.service import LoungeService
from app.notification.rows import SEND_PUSH, SETTLE_READ
from app.notification.schemas import MarkRead
from app.notification.service.notifications import NotificationService
from app.post.models import PostLike
from app.post.schemas import PostCreate
from app.post.service.marks import MarkService
from app.post.service.writing import PostWritingService
from app.runtime.context import Context
from app.runtime.runtime import Runtime
from app.user.enums import EntryMethod, Role, UserLocale
from app.user.policy import Viewer
from app.user.rows import NICKNAME_LENGTH
from app.user.schemas import MeUpdate
from app.user.service.account_entry import AccountEntryService
from app.user.service.blocks import BlockService
from app.user.service.profiles import ProfileService
from app.user.service.sessions import SessionService
from linky_dev.seed.admin_tasks import AdminTasks
from linky_dev.seed.members import LOUNGES, MEMBERS, VIEWED_LOUNGES
from linky_dev.seed.posts import POSTS
from linky_dev.seed.progress import PICTURE_STEPS, Progress
from linky_dev.seed.repository import SeedRepository
from linky_dev.seed.story import (
    PICTURES,
    CommentDeleted,
    CommentWritten,
    DemoComment,
    DemoLounge,
    DemoMember,
    DemoPost,
    Event,
    NotificationsRead,
    PostPublished,
    timeline,
)

SEED = "seed"
VISIT_DAYS = 30
VISIT_CHANCE = 0.6


class StoryClock:
    """The clock of the services. It shows the time of the event that is being made."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def __call__(self) -> datetime:
        return self.moment


@dataclass(frozen=True, slots=True)
class Material:
    """The pictures and password hashes, which are made before the transaction begins."""

    pictures: Mapping[str, Picture]
    hashes: Mapping[str, str]
    """By a member's key."""


async def make_material(runtime: Runtime, progress: Progress) -> Material:
    """Encode and hash at the same time. Two cores then take half as long as one."""
    encoded: dict[str, Picture] = {}
    hashes: dict[str, str] = {}

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hash_all, runtime, hashes)
        for name, path in PICTURES.items():
            encoded[name] = await _encoded(runtime, path)
            progress.advance(PICTURE_STEPS)
    return Material(encoded, hashes)


async def _encoded(runtime: Runtime, path: Path) -> Picture:
    """The picture as an upload would be stored: in two sizes."""
    with path.open("rb") as file:
        async with runtime.reading() as ctx:
            return await ctx.service(ImageService).render(file)


async def _hash_all(runtime: Runtime, hashes: dict[str, str]) -> None:
    """Hash the passwords. Members without one share the hash of a random password."""
    unknown = await runtime.passwords.hash(secrets.token_urlsafe(), SEED)
    hashes.update(dict.fromkeys((member.key for member in MEMBERS), unknown))

    async def hash_one(member: DemoMember) -> None:
        if member.password is not None:
            hashes[member.key] = await runtime.passwords.hash(member.password, SEED)

    async with anyio.create_task_group() as tasks:
        for member in MEMBERS:
            tasks.start_soon(hash_one, member)


def count_events(now: datetime) -> int:
    return len(timeline(POSTS, now))


class Community:
    """Makes members, lounges, posts and comments, with the times of the story."""

    def __init__(
        self, ctx: Context, clock: StoryClock, material: Material, progress: Progress
    ) -> None:
        self._ctx, self._clock, self._material = ctx, clock, material
        self._progress = progress
        self._now = clock.moment
        self._random = Random("linky")  # noqa: S311 - Each start shows the same demo.
        self._lounges = ctx.service(LoungeService)
        self._images, self._posts = ctx.service(ImageService), ctx.service(PostWritingService)
        self._marks = ctx.service(MarkService)
        self._comments = ctx.service(CommentWritingService)
        self._comment_changes = ctx.service(CommentChangeService)
        self._notifications = ctx.service(NotificationService)
        self._dates = SeedRepository(ctx.db)
        self._viewers: dict[str, Viewer] = {}
        self._lounge_ids: dict[str, UUID] = {}
        self._post_ids: dict[DemoPost, UUID] = {}
        self._comment_ids: dict[DemoComment, UUID] = {}
        self._post_times: dict[UUID, datetime] = {}
        self._comment_times: dict[UUID, datetime] = {}

    async def make(self) -> None:
        """Makes all of it, in the order of the story."""
        for member in MEMBERS:
            await self._add_member(member)
        for lounge in LOUNGES:
            await self._open_lounge(lounge)
        for event in timeline(POSTS, self._now):
            self._clock.moment = event.at
            await self._perform(event)
            self._progress.advance(1)
        self._clock.moment = self._now
        await self._like_and_block()
        latest = {post.by: post_id for post, post_id in self._post_ids.items()}
        await AdminTasks(self._ctx, self._viewers, self._lounge_ids, latest).make()
        await self._set_dates()
        # The demo members have no phones, and these notifications are days old. What is read shows
        # without a job too.
        for name in (SEND_PUSH, SETTLE_READ):
            await drop_waiting_jobs(self._ctx.db, name)

    async def _add_member(self, member: DemoMember) -> None:
        terms = self._ctx.settings.terms_version
        role = Role.ADMIN if member.admin else Role.USER
        user = await self._ctx.service(AccountEntryService).add_member(
            member.email,
            self._material.hashes[member.key],
            self._named(member.nickname),
            terms,
            role,
        )
        # At once: LINKY_PUBLISH_NEEDS=verified_email lets nobody else write.
        await self._dates.date_users({user.id: self._days_ago(member.joined)})
        # Writes need a session. It is over at once: no client has its token.
        session, _ = await self._ctx.service(SessionService).start(
            user.id, "seed", EntryMethod.EMAIL, self._now
        )
        viewer = self._viewers[member.key] = Viewer(user.id, session.id, role, terms)
        locale = UserLocale.EN if member.english else UserLocale.JA
        await self._ctx.service(ProfileService).update_me(
            viewer, MeUpdate(bio=self._named(member.bio), locale=locale)
        )
        if member.avatar is not None:
            await self._images.change_avatar(viewer, self._material.pictures[member.avatar])

    def _named(self, text: str) -> str:
        """The text with the app's own name, which leaves room for 運営 in a nickname."""
        name = cut(self._ctx.settings.app_name, NICKNAME_LENGTH - len("運営"))
        return text.replace(OUR_NAME, name)

    async def _open_lounge(self, lounge: DemoLounge) -> None:
        lounge_id = (await self._lounges.open(lounge.name, lounge.description)).id
        self._lounge_ids[lounge.key] = lounge_id
        if lounge.cover is not None:
            await self._lounges.set_cover(lounge_id, self._material.pictures[lounge.cover])

    async def _perform(self, event: Event) -> None:
        match event:
            case PostPublished():
                await self._publish(event)
            case CommentWritten():
                await self._write_comment(event)
            case CommentDeleted(comment=comment):
                await self._comment_changes.delete(
                    self._viewers[comment.by], self._comment_ids[comment]
                )
            case NotificationsRead(by=by):
                await self._notifications.mark_read(self._viewers[by], MarkRead(all=True))

    async def _publish(self, event: PostPublished) -> None:
        post = event.post
        author = self._viewers[post.by]
        pictures = [self._material.pictures[name] for name in post.pictures]
        checked = [CheckedPicture(picture, needs_review=False) for picture in pictures]
        image_ids = [(await self._images.add(author, picture)).id for picture in checked]
        form = PostCreate(
            lounge_id=self._lounge_ids[post.lounge],
            title=self._named(post.title),
            body=self._named(post.body),
            image_ids=image_ids,
        )
        post_id = (await self._posts.publish(author, form)).id
        self._post_ids[post], self._post_times[post_id] = post_id, event.at

    async def _write_comment(self, event: CommentWritten) -> None:
        parent_id = None if event.parent is None else self._comment_ids[event.parent]
        comment = await self._comments.write(
            self._viewers[event.comment.by],
            self._post_ids[event.post],
            CommentCreate(body=self._named(event.comment.body), parent_id=parent_id),
        )
        self._comment_ids[event.comment] = comment.id
        self._comment_times[comment.id] = event.at

    async def _like_and_block(self) -> None:
        for post, post_id in self._post_ids.items():
            for key in self._choose_likers(post):
                await self._marks.mark(PostLike, self._viewers[key], post_id)
        for lounge in LOUNGES:
            for key in lounge.fans.split():
                await self._lounges.add_favorite(self._viewers[key], self._lounge_ids[lounge.key])
        for key, lounges in VIEWED_LOUNGES.items():
            for name in lounges.split():
                await self._lounges.view(self._viewers[key], self._lounge_ids[name])
        # This comes last: Hanako can't reply to Toru after she has blocked him.
        blocks = self._ctx.service(BlockService)
        await blocks.block(self._viewers["hanako"], self._viewers["toru"].user_id)

    def _choose_likers(self, post: DemoPost) -> Sequence[str]:
        others = [member.key for member in MEMBERS if not member.admin and member.key != post.by]
        return self._random.sample(others, post.likes)

    async def _set_dates(self) -> None:
        joined = {self._viewers[member.key].user_id: member.joined for member in MEMBERS}
        opened = {self._lounge_ids[lounge.key]: lounge.opened for lounge in LOUNGES}
        await self._dates.date_posts(self._post_times)
        await self._dates.date_comments(self._comment_times)
        await self._dates.date_lounges({key: self._days_ago(days) for key, days in opened.items()})
        await self._dates.add_visits(self._visits(joined))

    def _visits(self, joined: Mapping[UUID, int]) -> list[tuple[UUID, datetime]]:
        """Most members were here on most days of the last month, for the daily numbers."""
        return [
            (user_id, self._days_ago(days))
            for days in range(1, VISIT_DAYS)
            for user_id, since in joined.items()
            if since >= days and self._random.random() < VISIT_CHANCE
        ]

    def _days_ago(self, days: int) -> datetime:
        return self._now - timedelta(days=days)
