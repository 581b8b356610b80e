"""What the offline copy keeps: items, and the lists that were loaded."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from linky_client.errors import JsonObject
from linky_client.generated import models
from linky_client.generated.marks import MARKS

NEVER: Final = -1
"""The position of what was never loaded, or has to be loaded again."""

ME: Final = "me"

PARSERS: Final[Mapping[str, Callable[[object], object]]] = {
    "post": models.Post.parse,
    "comment": models.Comment.parse,
    "lounge": models.Lounge.parse,
    "notification": models.NotificationItem.parse,
    "badge": models.UnreadCount.parse,
}


@dataclass(slots=True)
class Item:
    """A thing as of a position. Without a value it is gone; the marks are kept for its return."""

    kind: str
    id: str
    as_of: int = NEVER
    value: JsonObject | None = None
    marks: JsonObject = field(default_factory=dict)
    _parsed: object | None = None

    @property
    def key(self) -> str:
        return item_key(self.kind, self.id)

    @property
    def parsed(self) -> object:
        """The model. Only what has a value has one."""
        if self._parsed is None:
            self._parsed = PARSERS[self.kind](self.value)
        return self._parsed

    @property
    def author_id(self) -> object:
        """Who wrote it, or whose act it tells."""
        return author_in(self.value or {})

    def put(self, value: JsonObject, as_of: int) -> None:
        """Take a newer state. Marks that it lacks stay as they were."""
        names = MARKS.get(self.kind, {})
        self.value = {**names, **self.marks, **value}
        self.marks = {name: self.value[name] for name in names}
        self.as_of, self._parsed = as_of, None

    def mark(self, marks: JsonObject) -> None:
        """Take what the reader made of it. Its other fields are as old as before."""
        self.marks = {**self.marks, **marks}
        if self.value is not None:
            self.value, self._parsed = {**self.value, **marks}, None

    def drop(self, as_of: int) -> None:
        self.value, self.as_of, self._parsed = None, as_of, None

    def text(self) -> str:
        return json.dumps([self.as_of, self.value, self.marks], ensure_ascii=False)

    @classmethod
    def parse(cls, key: str, text: str) -> "Item":
        """Read what was stored. Raises MalformedAnswerError for what an older version stored."""
        _, kind, id_ = key.split("/")
        as_of, value, marks = json.loads(text)
        item = cls(kind, id_, as_of, value, marks)
        if value is not None:
            item._parsed = PARSERS[kind](value)
        return item


def author_in(value: JsonObject) -> object:
    """Who wrote a thing, or whose act it tells."""
    author = value.get("author") or value.get("actor")
    return author.get("id") if isinstance(author, Mapping) else None


def item_key(kind: str, id_: str) -> str:
    return f"item/{kind}/{id_}"


@dataclass(slots=True)
class Listing:
    """A list, or a single thing, of which `pages` were loaded.

    It is true as of `as_of`, and later changes are in it. It is to be loaded again where `as_of` is
    below `floor`: something in between was not told.
    """

    kind: str
    topic: str
    root: str = ""
    """The id below which it hangs: of a post, a comment or a lounge."""

    as_of: int = NEVER
    floor: int = 0
    used: int = 0
    pages: list[tuple[str, str | None]] = field(default_factory=list)
    """Of each page the id that it ends with, and the cursor of the next. No cursor: the end."""

    @property
    def key(self) -> str:
        return f"list/{self.kind}/{self.topic}/{self.root}"

    @property
    def single(self) -> str:
        """The id of its one item, where it is a single thing."""
        return self.root or self.subject

    @property
    def shape(self) -> "Shape":
        return SHAPES[self.kind]

    @property
    def is_due(self) -> bool:
        """Whether it is to be loaded (again)."""
        return self.as_of < self.floor or self.as_of == NEVER

    @property
    def is_complete(self) -> bool:
        return bool(self.pages) and self.pages[-1][1] is None

    @property
    def subject(self) -> str:
        """The id in the topic."""
        return self.topic.partition(":")[2]

    @property
    def roots(self) -> list[str]:
        """The keys of what it hangs below. A single comment hangs only below its post."""
        kind, _, subject = self.topic.partition(":")
        if not subject or self.kind in ("post", "lounge"):
            return []
        above = [item_key(kind, subject)]
        return [*above, item_key("comment", self.root)] if self.kind == "replies" else above

    def reaches(self, id_: str) -> bool:
        """Whether an id is in what was loaded."""
        if self.is_complete or not self.pages:
            return self.is_complete
        edge = self.pages[-1][0]
        return id_ >= edge if self.shape.newest_first else id_ <= edge

    def holds(self, item: Item) -> bool:
        """Whether an item belongs to this list, loaded or not."""
        return item.kind == self.shape.item and self.shape.holds(self, item)

    def text(self) -> str:
        return json.dumps([self.as_of, self.floor, self.used, self.pages])

    @classmethod
    def parse(cls, key: str, text: str) -> "Listing":
        _, kind, topic, root = key.split("/")
        as_of, floor, used, pages = json.loads(text)
        return cls(kind, topic, root, as_of, floor, used, [(edge, next_) for edge, next_ in pages])


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of list holds, in which order, and where it comes from."""

    item: str
    path: Callable[[Listing], str]
    holds: Callable[[Listing, Item], bool]
    newest_first: bool = False
    is_single: bool = False
    query: Callable[[Listing], Mapping[str, object]] = lambda _: {}


def _is(listing: Listing, item: Item) -> bool:
    return item.id == listing.single


def _below(listing: Listing, item: Item) -> bool:
    value = item.value or {}
    is_of_post = value.get("post_id") == listing.subject
    return is_of_post and value.get("parent_id") == (listing.root or None)


def _in_lounge(listing: Listing, item: Item) -> bool:
    lounge = (item.value or {}).get("lounge")
    return isinstance(lounge, Mapping) and lounge.get("id") == listing.subject


SHAPES: Final[Mapping[str, Shape]] = {
    "post": Shape("post", lambda it: f"/posts/{it.subject}", _is, is_single=True),
    "comment": Shape("comment", lambda it: f"/comments/{it.root}", _is, is_single=True),
    "lounge": Shape("lounge", lambda it: f"/lounges/{it.subject}", _is, is_single=True),
    "badge": Shape("badge", lambda _: "/notifications/unread-count", _is, is_single=True),
    "comments": Shape("comment", lambda it: f"/posts/{it.subject}/comments", _below),
    "replies": Shape(
        "comment",
        lambda it: f"/posts/{it.subject}/comments",
        _below,
        query=lambda it: {"parent_id": it.root},
    ),
    "posts": Shape(
        "post", lambda it: f"/lounges/{it.subject}/posts", _in_lounge, newest_first=True
    ),
    "notifications": Shape(
        "notification", lambda _: "/notifications", lambda *_: True, newest_first=True
    ),
}


def roots_first(listings: Iterable[Listing]) -> list[Listing]:
    """Single things before the lists that hang below them."""
    return sorted(listings, key=lambda listing: (not listing.shape.is_single, -listing.used))


def hangs_below(item: Item, root: Item) -> bool:
    """Whether it is a comment on this post, or a reply to this comment."""
    name = {"post": "post_id", "comment": "parent_id"}.get(root.kind)
    return item.kind == "comment" and name is not None and (item.value or {}).get(name) == root.id


def is_between(listing: Listing, id_: str, after: str, to: str | None) -> bool:
    """Whether an id is in a page, in the order of its list."""
    if listing.shape.newest_first:
        return (not after or id_ < after) and (to is None or id_ >= to)
    return id_ > after and (to is None or id_ <= to)
