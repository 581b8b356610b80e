"""Turns what stands in the log into what a client gets.

For one caller (`GET /changes`, and a stream that goes on after a cut) the features' own predicates
decide what is seen: `tell`. For many streams at once everything is loaded once (`load`), and each
viewer's `sight` decides: `told(changes, topics, LoadedSeen(loaded, sight), mine)`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.comment.service import CommentService
from app.core.errors import ServiceUnavailable
from app.core.json import to_json
from app.core.of_reader import fields_of_reader
from app.live.policy import Topics, latest, subjects, told, told_badge
from app.live.repository import SightRepository
from app.live.rows import Loaded, Put, Sight, Told
from app.live.service.personal import PersonalService
from app.live_log import Kind, Logged
from app.lounge.service import LoungeService
from app.post.service import PostService
from app.runtime.context import Context, Needs

MOST_BYTES = 256 * 1024
"""JSON that one viewer is told at once. Only a single change may be larger."""

LOADED_FIRST = 20
"""Changes that are loaded at first. While they are small, the next load is twice as many."""


class LiveService:
    _posts = Needs(PostService)
    _comments = Needs(CommentService)
    _lounges = Needs(LoungeService)
    _personal = Needs(PersonalService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._sights = SightRepository(ctx.db)

    async def tell(
        self, changes: Iterable[Logged], topics: Topics
    ) -> tuple[list[Told], int | None]:
        """What one viewer is told of changes, as they see it now.

        If that is too many bytes, also the position up to which it is told: the rest is for later.
        It is loaded a few at a time, since what is left out was loaded for nothing. Raises
        ServiceUnavailable if the viewer's badge can't be counted in time.
        """
        viewer_id = topics.viewer_id
        items: list[Told] = []
        position, size, badge = None, 0, None
        for some in _growing(latest(changes, topics)):
            seen = await self._seen_by(viewer_id, some)
            mine = (await self._personal.read({viewer_id: some})).get(viewer_id)
            if mine is None:
                raise ServiceUnavailable
            badge = mine.badge or badge
            # The badge comes with each part: the change that it follows may be in any of them.
            mine = replace(mine, badge=None)
            for change in some:
                told_now = told([change], topics, seen, mine)
                size += sum(len(to_json(item)) for item in told_now)
                if items and size > MOST_BYTES:
                    return items + told_badge(badge), position
                items += told_now
                position = change.pos
        return items + told_badge(badge), None

    async def load(self, changes: Iterable[Logged]) -> Loaded:
        """What changed as it is now, once for all viewers: three statements at most."""
        changes = list(changes)
        posts, comments, lounges = (
            subjects(changes, kind) for kind in (Kind.POST, Kind.COMMENT, Kind.LOUNGE)
        )
        found_posts = await self._posts.list_for_many(posts) if posts else []
        found_comments = await self._comments.list_for_many(comments) if comments else []
        found_lounges = await self._lounges.list_these(lounges) if lounges else []
        return Loaded(
            {post.row.id: (post, shared(post.row)) for post in found_posts},
            {comment.row.id: (comment, shared(comment.row)) for comment in found_comments},
            {lounge.id: (lounge, shared(lounge)) for lounge in found_lounges},
        )

    async def sight(self, viewer_id: UUID) -> Sight:
        """What a viewer has blocked and muted. It changes with each SIGHT of theirs."""
        return await self._sights.read(viewer_id)

    async def seen_topics(self, topics: Topics) -> frozenset[UUID]:
        """Those of the topics that the viewer sees now."""
        kinds = {topic: name.partition(":")[0] for topic, name in topics.names.items()}
        posts = [topic for topic, kind in kinds.items() if kind == "post"]
        lounges = [topic for topic, kind in kinds.items() if kind == "lounge"]
        viewer_id = topics.viewer_id
        seen_posts = await self._posts.list_these(viewer_id, posts) if posts else []
        seen_lounges = await self._lounges.list_these(lounges) if lounges else []
        return frozenset([row.id for row in seen_posts] + [row.id for row in seen_lounges])

    async def _seen_by(self, viewer_id: UUID, changes: Sequence[Logged]) -> "_Seen":
        """By the features' own predicates."""
        posts, comments, lounges = (
            subjects(changes, kind) for kind in (Kind.POST, Kind.COMMENT, Kind.LOUNGE)
        )
        seen = _Seen()
        if posts:
            seen.add(Kind.POST, await self._posts.list_these(viewer_id, posts))
            if missing := seen.missing(Kind.POST, posts):
                seen.conceal(await self._posts.list_of_blocked(viewer_id, missing))
        if comments:
            seen.add(Kind.COMMENT, await self._comments.list_these(viewer_id, comments))
            if missing := seen.missing(Kind.COMMENT, comments):
                seen.conceal(await self._comments.list_concealed(viewer_id, missing))
        if lounges:
            seen.add(Kind.LOUNGE, await self._lounges.list_these(lounges))
        return seen


class _Seen:
    """What a viewer sees, as the features' lists gave it."""

    def __init__(self) -> None:
        self._puts: dict[tuple[Kind, UUID], Put] = {}
        self._concealed: set[UUID] = set()

    def add(self, kind: Kind, rows: Iterable[Any]) -> None:
        self._puts |= {(kind, row.id): shared(row) for row in rows}

    def conceal(self, subjects: Iterable[UUID]) -> None:
        self._concealed.update(subjects)

    def missing(self, kind: Kind, ids: Iterable[UUID]) -> list[UUID]:
        return [subject for subject in ids if (kind, subject) not in self._puts]

    def put(self, kind: Kind, subject: UUID) -> Put | None:
        return self._puts.get((kind, subject))

    def is_concealed(self, _: Kind, subject: UUID) -> bool:
        return subject in self._concealed


def _growing(changes: Sequence[Logged]) -> Iterator[Sequence[Logged]]:
    start, number = 0, LOADED_FIRST
    while start < len(changes):
        yield changes[start : start + number]
        start, number = start + number, number * 2


def shared(row: Any) -> Mapping[str, object]:
    """A row as its GET shows it, without what only its reader makes."""
    own = fields_of_reader(row.__class__)
    return {name: value for name, value in vars(row).items() if name not in own}
