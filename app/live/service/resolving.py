"""Turns what stands in the log into what a client gets.

For one caller (`GET /changes`, and a stream that goes on after a cut) the features' own predicates
decide what is seen: `resolve`. For many streams everything is loaded once (`load`). Then each
viewer's `Exclusions` decide: `items_of(changes, topics, LoadedView(loaded, exclusions), personal)`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.comment.rows import CommentForMany
from app.comment.service.reading import CommentService
from app.core.errors import ServiceUnavailable
from app.core.json import to_json
from app.core.viewer_fields import fields_of_reader
from app.live.policy import (
    Topics,
    in_order,
    items_above,
    items_of_one,
    latest,
    subjects,
    things_above,
)
from app.live.repository import ExclusionRepository
from app.live.rows import ChangeItem, Exclusions, Loaded, Resource
from app.live.service.personal import PersonalService
from app.live_log.changes import Kind, Logged
from app.lounge.service import LoungeService
from app.post.enums import Moderation
from app.post.service.reading import PostService
from app.runtime.context import Needs, Service

MAX_PART_BYTES = 256 * 1024
"""JSON for one viewer at a time. Only a single change may be larger."""

LOADED_FIRST = 20
"""Changes that are loaded at first. While they are small, the next load is twice as many."""


class LiveService(Service):
    _posts = Needs(PostService)
    _comments = Needs(CommentService)
    _lounges = Needs(LoungeService)
    _personal = Needs(PersonalService)
    _exclusions = Needs(ExclusionRepository)

    async def resolve(
        self, changes: Iterable[Logged], topics: Topics
    ) -> tuple[list[ChangeItem], int | None]:
        """The items of changes for one viewer, as they see each thing now.

        If these are too many bytes, it also returns the position of the last change that has an
        item. It loads a few changes at a time: what is left out was loaded for nothing. Raises
        ServiceUnavailable if the viewer's badge can't be counted in time.
        """
        viewer_id = topics.viewer_id
        items: list[ChangeItem] = []
        above: list[ChangeItem] = []
        position, size, badge = None, 0, None
        for batch in _growing(latest(changes, topics)):
            view = await self._view_of(viewer_id, batch)
            personal = (await self._personal.read({viewer_id: batch})).get(viewer_id)
            if personal is None:
                raise ServiceUnavailable
            # The badge comes with each part: the change that it follows may be in any of them.
            badge = personal.badge or badge
            for change in batch:
                new = items_of_one(change, topics, view, personal)
                size += sum(len(to_json(item)) for item in new)
                if items and size > MAX_PART_BYTES:
                    return in_order(items, above, badge), position
                items += new
                above += items_above(change, topics, view)
                position = change.pos
        return in_order(items, above, badge), None

    async def load(self, changes: Iterable[Logged]) -> Loaded:
        """Loads the present state of what changed, for all viewers.

        Three statements at most, and one more if a post or comment above a comment is hidden.
        """
        changes = list(changes)
        posts, comments, lounges = (
            subjects(changes, kind) for kind in (Kind.POST, Kind.COMMENT, Kind.LOUNGE)
        )
        post_rows = await self._posts.list_for_many(posts) if posts else []
        comment_rows = await self._comments.list_for_many(comments) if comments else []
        lounge_rows = await self._lounges.list_these(lounges) if lounges else []
        return Loaded(
            {post.row.id: (post, shared(post.row)) for post in post_rows},
            {comment.row.id: (comment, shared(comment.row)) for comment in comment_rows},
            {lounge.id: (lounge, shared(lounge)) for lounge in lounge_rows},
            await self._changed_later(changes, _hidden_things_above(comment_rows)),
        )

    async def exclusions_of(self, viewer_id: UUID) -> Exclusions:
        return await self._exclusions.read(viewer_id)

    async def seen_topics(self, topics: Topics) -> frozenset[UUID]:
        kinds = {topic: name.partition(":")[0] for topic, name in topics.names.items()}
        posts = [topic for topic, kind in kinds.items() if kind == "post"]
        lounges = [topic for topic, kind in kinds.items() if kind == "lounge"]
        viewer_id = topics.viewer_id
        seen_posts = await self._posts.list_these(viewer_id, posts) if posts else []
        seen_lounges = await self._lounges.list_these(lounges) if lounges else []
        return frozenset([row.id for row in seen_posts] + [row.id for row in seen_lounges])

    async def _changed_later(
        self, changes: Iterable[Logged], above: Mapping[UUID, UUID]
    ) -> frozenset[UUID]:
        """Those of `above` (each with the id of its post) that changed after `changes`.

        Call it after loading the comments: the change that hides one of them is then in the log.
        """
        position = max((change.pos for change in changes), default=0)
        return await self._ctx.process.live_log.changed_after(position, above)

    async def _view_of(self, viewer_id: UUID, changes: Sequence[Logged]) -> "_QueriedView":
        """Asks the features' own predicates."""
        posts, comments, lounges = (
            subjects(changes, kind) for kind in (Kind.POST, Kind.COMMENT, Kind.LOUNGE)
        )
        view = _QueriedView()
        if posts:
            view.add(Kind.POST, await self._posts.list_these(viewer_id, posts))
            if missing := view.missing(Kind.POST, posts):
                view.conceal(await self._posts.list_of_blocked(viewer_id, missing))
        if comments:
            view.add(Kind.COMMENT, await self._comments.list_these(viewer_id, comments))
            if missing := view.missing(Kind.COMMENT, comments):
                unseen = await self._comments.list_unseen(viewer_id, missing)
                view.conceal(comment.id for comment in unseen if comment.is_concealed)
                hidden = {c.hidden_above: c.post_id for c in unseen if c.hidden_above is not None}
                later = await self._changed_later(changes, hidden)
                view.hide({c.id: c.hidden_above for c in unseen if c.hidden_above in later})
        if lounges:
            view.add(Kind.LOUNGE, await self._lounges.list_these(lounges))
        return view


class _QueriedView:
    def __init__(self) -> None:
        self._resources: dict[tuple[Kind, UUID], Resource] = {}
        self._concealed: set[UUID] = set()
        self._hidden_above: dict[UUID, UUID | None] = {}

    def add(self, kind: Kind, rows: Iterable[Any]) -> None:
        self._resources |= {(kind, row.id): shared(row) for row in rows}

    def conceal(self, subjects: Iterable[UUID]) -> None:
        self._concealed.update(subjects)

    def hide(self, below: Mapping[UUID, UUID | None]) -> None:
        """`below` has, for each comment, the post or comment above that a later change hid."""
        self._hidden_above |= below

    def hidden_above(self, comment_id: UUID) -> UUID | None:
        return self._hidden_above.get(comment_id)

    def missing(self, kind: Kind, ids: Iterable[UUID]) -> list[UUID]:
        return [subject for subject in ids if (kind, subject) not in self._resources]

    def resource(self, kind: Kind, subject: UUID) -> Resource | None:
        return self._resources.get((kind, subject))

    def is_concealed(self, _: Kind, subject: UUID) -> bool:
        return subject in self._concealed


def _hidden_things_above(comments: Iterable[CommentForMany]) -> dict[UUID, UUID]:
    """The posts and comments above some comments that are hidden, held or deleted.

    Each has the id of its post.
    """
    return {
        thing: comment.row.post_id
        for comment in comments
        for thing, visibility in things_above(comment)
        if visibility.is_gone or visibility.moderation != Moderation.VISIBLE
    }


def _growing(changes: Sequence[Logged]) -> Iterator[Sequence[Logged]]:
    start, number = 0, LOADED_FIRST
    while start < len(changes):
        yield changes[start : start + number]
        start, number = start + number, number * 2


def shared(row: Any) -> Mapping[str, object]:
    """A row as its GET shows it, without what only its reader makes."""
    own = fields_of_reader(row.__class__)
    return {name: value for name, value in vars(row).items() if name not in own}
