"""What of a change each viewer gets, as pure functions.

`LoadedView` says in Python what the features' predicates say in SQL (`visible_to`): a stream has
no time for a statement for each viewer. A test compares the two over all states and viewers.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from app.comment.rows import CommentForMany
from app.core.errors import InvalidCursor
from app.live.enums import ChangeKind, ReloadScope
from app.live.exceptions import InvalidTopic, TooManyTopics
from app.live.rows import ChangeItem, Exclusions, Loaded, PersonalChanges, Resource, View
from app.live_log.changes import EVERYONE, Kind, Logged
from app.live_log.log import Cursor, cursor_of
from app.notification.rows import Badge
from app.post.enums import Moderation
from app.post.rows import Visibility

MAX_TOPICS = 20

MOST_PARTS = 100
"""A call may name a topic several times. What is beyond so many parts is not looked at."""

LONGEST_TOPIC = len("lounge:") + 36

ME = "me"

_SHOWN = {Kind.POST: "post", Kind.COMMENT: "comment", Kind.LOUNGE: "lounge"}
_OF_TOPIC = {
    "post": {Kind.POST, Kind.COMMENT},
    "lounge": {Kind.POST, Kind.LOUNGE},
}
OF_MARKS = (Kind.POST_MARK, Kind.LOUNGE_MARK)
_PERSONAL = {
    *(Kind.NOTIFICATION, Kind.BADGE, Kind.VISIBILITY, Kind.RELOAD, Kind.ANNOUNCEMENT, Kind.AUTHOR),
    *OF_MARKS,
}
OF_NOTIFICATIONS = (Kind.NOTIFICATION, Kind.ANNOUNCEMENT)


class Topics:
    """What a viewer follows: by the id under which it stands in the log, its name.

    A client may give any id as that of a post, the viewer's own too. That is then a post that the
    viewer does not see, and what has this id in the log keeps its meaning.
    """

    def __init__(self, viewer_id: UUID, names: Mapping[UUID, str]) -> None:
        self.viewer_id = viewer_id
        self.names = names

    @property
    def ids(self) -> list[UUID]:
        """The topics in the log, each once: the named ones, the viewer's own, and everyone's."""
        return list(dict.fromkeys((*self.names, self.viewer_id, EVERYONE)))

    @property
    def followed(self) -> list[str]:
        """The names of all topics, the viewer's own first."""
        return [ME, *self.names.values()]

    def name(self, topic: UUID) -> str:
        return ME if self.is_me(topic) else self.names[topic]

    def is_me(self, topic: UUID) -> bool:
        """Whether a topic in the log is the viewer's own, or everyone's."""
        return topic in (self.viewer_id, EVERYONE)

    def is_of_another(self, change: Logged) -> bool:
        """Whether a change is only for another user, whose id was given as that of a post.

        Its number would say how much happens to that user.
        """
        return not self.is_me(change.topic) and change.kind not in _SHOWN

    def include(self, change: Logged) -> bool:
        """Whether the viewer follows a change, and may learn of it."""
        if change.only_for not in (None, self.viewer_id):
            return False
        if self.is_me(change.topic):
            return change.kind in _PERSONAL
        name = self.names.get(change.topic)
        return name is not None and change.kind in _OF_TOPIC[name.partition(":")[0]]


def topics_of(viewer_id: UUID, text: str) -> Topics:
    """The topics that a client names. Raises InvalidTopic, TooManyTopics."""
    # The last of these parts has all that is beyond.
    parts = text.split(",", MOST_PARTS) if text else []
    names = dict(_topic(part) for part in parts[:MOST_PARTS] if part != ME)
    if len(names) > MAX_TOPICS or len(parts) > MOST_PARTS:
        raise TooManyTopics
    return Topics(viewer_id, names)


def cursor_or_now(text: str | None) -> Cursor | None:
    """The cursor that a client sent, or None for now. Raises InvalidCursor."""
    cursor = None if text is None else cursor_of(text)
    if text is not None and cursor is None:
        raise InvalidCursor
    return cursor


def _topic(text: str) -> tuple[UUID, str]:
    if len(text) > LONGEST_TOPIC:
        raise InvalidTopic
    kind, _, topic_id = text.partition(":")
    try:
        topic = UUID(topic_id)
    except ValueError:
        raise InvalidTopic from None
    if kind not in _OF_TOPIC or str(topic) != topic_id:
        raise InvalidTopic
    return topic, text


def latest(changes: Iterable[Logged], topics: Topics) -> list[Logged]:
    """The changes that concern a viewer, each thing once, at the place of its last change."""
    last: dict[tuple[UUID, int, UUID], Logged] = {}
    for change in changes:
        if topics.include(change):
            key = change.topic, change.kind, change.subject
            last.pop(key, None)
            last[key] = change
    return list(last.values())


def subjects(changes: Iterable[Logged], *kinds: Kind) -> list[UUID]:
    """The ids of what changed, of some kinds, each once."""
    return list(dict.fromkeys(change.subject for change in changes if change.kind in kinds))


def items_of(
    changes: Sequence[Logged], topics: Topics, view: View, personal: PersonalChanges
) -> list[ChangeItem]:
    """What a viewer gets for the changes that `latest` has chosen."""
    items, above = [], []
    for change in changes:
        items += items_of_one(change, topics, view, personal)
        above += items_above(change, topics, view)
    return in_order(items, above, personal.badge)


def in_order(
    items: Sequence[ChangeItem], above: Sequence[ChangeItem], badge: Badge | None
) -> list[ChangeItem]:
    """All items of one event or page, without duplicates and with the reloads joined.

    `above` was loaded after the posts in `items`, so it follows them. The badge comes last.
    """
    kept = [item for item in items if item["kind"] != ChangeKind.RELOAD]
    kept += [item for number, item in enumerate(above) if item not in (*kept, *above[:number])]
    return kept + _joined_reloads(items) + _badge_item(badge)


def _joined_reloads(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    """Only the reloads with the largest scope: `all` covers `post`, which covers `notifications`.

    Reloads of several posts stay as they are.
    """
    reloads = [item for item in items if item["kind"] == ChangeKind.RELOAD]
    for scope in (ReloadScope.ALL, ReloadScope.POST, ReloadScope.NOTIFICATIONS):
        if found := [item for item in reloads if item["put"]["scope"] == scope]:
            return found if scope == ReloadScope.POST else found[:1]
    return []


def _badge_item(badge: Badge | None) -> list[ChangeItem]:
    """The number of unread notifications, if it may have changed."""
    if badge is None:
        return []
    kind = ChangeKind.BADGE
    return [{"topic": ME, "kind": kind, "unread": badge.unread, "more": badge.more}]


def items_of_one(
    change: Logged, topics: Topics, view: View, personal: PersonalChanges
) -> list[ChangeItem]:
    """What a viewer gets for one change."""
    kind, subject, topic = Kind(change.kind), change.subject, topics.name(change.topic)
    if kind in _SHOWN:
        concealed = view.is_concealed(kind, subject)
        resource = view.resource(kind, subject)
        return _resource_item(topic, _SHOWN[kind], subject, resource, concealed=concealed)
    if kind in OF_NOTIFICATIONS:
        resource = personal.notifications.get(subject)
        concealed = subject in personal.of_blocked
        return _resource_item(ME, ChangeKind.NOTIFICATION, subject, resource, concealed=concealed)
    if kind in OF_MARKS:
        marks = personal.marks.get(subject)
        if marks is None:
            return []
        return [{"topic": ME, "kind": ChangeKind.MARK, "id": subject, "put": marks}]
    if kind == Kind.AUTHOR:
        return [_author_gone(subject)]
    if kind == Kind.VISIBILITY and subject in personal.muted:
        return [_reload(ReloadScope.POST, post_id=subject)]
    if kind == Kind.VISIBILITY:
        gone = [_author_gone(subject)] if subject in personal.blocked else []
        return [*gone, _reload(ReloadScope.ALL)]
    return [_reload(ReloadScope.NOTIFICATIONS)] if kind == Kind.RELOAD else []


def _reload(scope: ReloadScope, **target: UUID) -> ChangeItem:
    return {"topic": ME, "kind": ChangeKind.RELOAD, "put": {"scope": scope, **target}}


def items_above(change: Logged, topics: Topics, view: View) -> list[ChangeItem]:
    """The `gone` of the post or comment above a comment, if a change that is not sent yet hid it.

    The comment was left out because of that. Without this `gone`, a client whose next changes have
    only the `put` of what was hidden and restored would never fetch the comment.
    """
    above = view.hidden_above(change.subject) if change.kind == Kind.COMMENT else None
    if above is None:
        return []
    kind = ChangeKind.POST if above == change.topic else ChangeKind.COMMENT
    return [{"topic": topics.name(change.topic), "kind": kind, "id": above, "gone": True}]


def _resource_item(
    topic: str, kind: str, subject: UUID, resource: Resource | None, *, concealed: bool
) -> list[ChangeItem]:
    about: ChangeItem = {"topic": topic, "kind": kind, "id": subject}
    if resource is not None:
        return [{**about, "put": resource}]
    return [] if concealed else [{**about, "gone": True}]


def _author_gone(author_id: UUID) -> ChangeItem:
    return {"topic": ME, "kind": ChangeKind.AUTHOR, "id": author_id, "gone": True}


def things_above(comment: CommentForMany) -> list[tuple[UUID, Visibility]]:
    """The post of a comment, and the comment that it replies to, if there is one."""
    row, parent = comment.row, comment.parent
    post = row.post_id, comment.post
    return [post] if row.parent_id is None or parent is None else [post, (row.parent_id, parent)]


class LoadedView:
    """One viewer's view of resources that were loaded once for all viewers."""

    def __init__(self, loaded: Loaded, exclusions: Exclusions) -> None:
        self._loaded = loaded
        self._exclusions = exclusions

    def resource(self, kind: Kind, subject: UUID) -> Resource | None:
        if kind == Kind.POST:
            post = self._loaded.posts.get(subject)
            return post[1] if post and self._sees_post(post[0].visibility, subject) else None
        if kind == Kind.COMMENT:
            comment = self._loaded.comments.get(subject)
            return comment[1] if comment and self._sees_comment(comment[0]) else None
        lounge = self._loaded.lounges.get(subject)
        return lounge[1] if lounge else None

    def is_concealed(self, kind: Kind, subject: UUID) -> bool:
        blocked = self._exclusions.blocked
        if kind == Kind.POST:
            post = self._loaded.posts.get(subject)
            return post is not None and post[0].visibility.writer_id in blocked
        loaded = self._loaded.comments.get(subject) if kind == Kind.COMMENT else None
        if loaded is None:
            return False
        comment = loaded[0]
        return (
            not self._sees_post(comment.post, comment.row.post_id)
            or comment.visibility.writer_id in blocked
            or (comment.parent is not None and comment.parent.writer_id in blocked)
        )

    def hidden_above(self, comment_id: UUID) -> UUID | None:
        loaded = self._loaded.comments.get(comment_id)
        hidden = (
            (each for each in things_above(loaded[0]) if self._is_hidden(each[1])) if loaded else ()
        )
        first = next((thing for thing, _ in hidden), None)
        return first if first in self._loaded.changed_later else None

    def _is_hidden(self, visibility: Visibility) -> bool:
        """Whether the viewer does not see it because it is deleted, hidden or held."""
        is_blocked = visibility.writer_id in self._exclusions.blocked
        return not is_blocked and not self._is_present(visibility)

    def _sees_comment(self, comment: CommentForMany) -> bool:
        if not self._reads(comment.visibility):
            return False
        if comment.visibility.writer_id == self._exclusions.viewer_id and self._is_present(
            comment.post
        ):
            return True
        return self._sees_post(comment.post, comment.row.post_id) and (
            comment.parent is None or self._reads(comment.parent)
        )

    def _sees_post(self, post: Visibility, post_id: UUID) -> bool:
        own = post.writer_id == self._exclusions.viewer_id
        return self._reads(post) and (own or post_id not in self._exclusions.muted)

    def _reads(self, visibility: Visibility) -> bool:
        return self._is_present(visibility) and visibility.writer_id not in self._exclusions.blocked

    def _is_present(self, visibility: Visibility) -> bool:
        own_held = (
            visibility.moderation == Moderation.HELD
            and visibility.writer_id == self._exclusions.viewer_id
        )
        return not visibility.is_gone and (visibility.moderation == Moderation.VISIBLE or own_held)
