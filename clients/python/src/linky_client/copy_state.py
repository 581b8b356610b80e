"""The offline copy, and how it takes in what the server tells. It neither waits nor sends.

Each item has the position as of which it is true, and only what is newer changes it. The cursor is
saved in one step with what came before it, so it is never newer than the data.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from linky_client.copy_bounds import (
    LOOSE_ITEMS,
    MOST_ITEMS,
    MOST_TOPICS,
    PAGE,
    oldest_topic,
    shown_and_loose,
)
from linky_client.copy_gone import GONE_AUTHORS, GoneAuthors
from linky_client.copy_listeners import Listeners
from linky_client.copy_marks import Marks
from linky_client.copy_records import (
    ME,
    NEVER,
    Item,
    Listing,
    hangs_below,
    is_between,
    item_key,
    roots_first,
)
from linky_client.copy_store import CopyStore
from linky_client.cursors import Cursor
from linky_client.errors import JsonObject, MalformedAnswerError
from linky_client.generated import models
from linky_client.generated.marks import MARKS

VERSION: Final = 1
HEAD: Final = "head"
SHOWN: Final = frozenset({"post", "comment", "lounge", "notification"})


class CopyState(Listeners):
    """What one user has on this device."""

    def __init__(self, store: CopyStore, *, most_items: int = MOST_ITEMS) -> None:
        super().__init__()
        self._store = store
        self._most_items = most_items
        self._begin(None)

    def _begin(self, user_id: str | None) -> None:
        self.user_id = user_id
        self.cursor: Cursor | None = None
        self._items: dict[str, Item] = {}
        self._lists: dict[str, Listing] = {}
        self.marks = Marks()
        self._hidden: set[str] = set()
        self._gone = GoneAuthors()
        self._pruned_to = NEVER
        self._uses = 0
        self._trim_at = LOOSE_ITEMS
        self._open_reset: set[str] = set()
        self._dirty: set[str] = set()
        self.generation = getattr(self, "generation", 0) + 1
        """It changes when the copy is emptied. What was asked for before must not come in then."""

    # Opening and emptying.

    def open(self, user_id: str | None) -> None:
        """Read what is stored. What another user left, or can't be read, is removed."""
        self._begin(user_id)
        try:
            is_theirs = user_id is not None and self._read(self._store.read_all(), user_id)
        except (ValueError, KeyError, TypeError, AttributeError, MalformedAnswerError):
            is_theirs = False
        if not is_theirs:
            self.clear(user_id)

    def _read(self, values: Mapping[str, str], user_id: str) -> bool:
        head = json.loads(values.get(HEAD, "{}"))
        if head.get("version") != VERSION or head.get("user_id") != user_id:
            return False
        self.cursor = Cursor.parse(head["cursor"]) if head["cursor"] else None
        self._hidden, self._pruned_to = set(head["hidden"]), head["pruned_to"]
        self._uses, self._gone = head["uses"], GoneAuthors(values.get(GONE_AUTHORS, "{}"))
        for key, text in values.items():
            if key.startswith("list/"):
                self._lists[key] = Listing.parse(key, text)
            elif key.startswith("item/"):
                try:
                    self._items[key] = Item.parse(key, text)
                except MalformedAnswerError:  # An older version of the app lacked a field.
                    self._dirty.add(key)
        if self._dirty:
            for listing in self._lists.values():
                self._forget_pages(listing)
        return True

    def clear(self, user_id: str | None) -> None:
        """Forget everything, on the disk too."""
        self._store.clear()
        self._begin(user_id)
        self._tell()

    # What it follows.

    @property
    def topics(self) -> list[str]:
        """What is followed besides the user's own."""
        return sorted({listing.topic for listing in self._lists.values()} - {ME})

    @property
    def followed(self) -> list[Listing]:
        """The lists that are followed; what was used last comes last."""
        return sorted(self._lists.values(), key=lambda listing: listing.used)

    def use(self, *wanted: Listing) -> list[Listing]:
        """Follow lists, or find those that are followed. Those that are not used for longest go."""
        self._uses += 1
        found = []
        for listing in wanted:
            known = self._lists.setdefault(listing.key, listing)
            if known is listing and self.cursor:
                known.floor = self.cursor.position
            known.used = self._uses
            self._touch(known)
            found.append(known)
        while len(self.topics) > MOST_TOPICS:
            self.forget(oldest_topic(self._lists.values()))
        self.save()
        return found

    def forget(self, topic: str) -> None:
        """Follow a topic no longer, and forget its lists."""
        self._forget_lists(topic)
        self._trim_at = 0
        self.save()

    def _forget_lists(self, topic: str) -> None:
        for listing in [one for one in self._lists.values() if one.topic == topic]:
            self._touch(self._lists.pop(listing.key))

    def due(self) -> list[Listing]:
        """The lists to load, or to load again, but not those below something that is gone."""
        listings = roots_first(self._lists.values())
        return [one for one in listings if one.is_due and self.has_roots(one)]

    def has_roots(self, listing: Listing) -> bool:
        """Whether nothing above a list is gone."""
        return not any(
            (item := self._items.get(key)) is not None and item.value is None
            for key in listing.roots
        )

    def is_followed(self, listing: Listing) -> bool:
        return self._lists.get(listing.key) is listing

    # What comes from a list.

    def takes(self, listing: Listing, as_of: Cursor) -> bool:
        """Whether a page is new enough. What is between it and the copy was told to no list."""
        known = self.cursor
        return (
            known is not None
            and as_of.epoch == known.epoch
            and as_of.position >= max(listing.floor, self._pruned_to)
        )

    def put_page(
        self,
        listing: Listing,
        after: str,
        values: Sequence[JsonObject],
        to: str | None,
        as_of: int,
        asked: int | None = None,
    ) -> None:
        """Take a page, which shows all of its list after one id and up to another.

        `asked` is the moment of the marks when it was asked for: what was marked later stays.
        """
        kind, is_single = listing.shape.item, listing.shape.is_single
        by_id = {listing.single if is_single else str(value["id"]): value for value in values}
        for id_, value in by_id.items():
            marks = self.marks.after(asked, as_of, item_key(kind, id_))
            self._put(kind, id_, {**value, **marks}, as_of)
        for item in [*self._items.values()]:
            is_missing = item.value is not None and item.id not in by_id and listing.holds(item)
            if is_missing and is_between(listing, item.id, after, to):
                self._drop(item.kind, item.id, as_of)
        self.save()

    def set_loaded(self, listing: Listing, pages: list[tuple[str, str | None]], as_of: int) -> None:
        """Note which pages are loaded."""
        listing.pages, listing.as_of = pages, as_of
        self._touch(listing)
        self.save()

    def note_missing(self, listing: Listing, code: str, as_of: int) -> None:
        """The server says that a thing is not there for this user, or what a list hangs below."""
        if listing.shape.is_single:
            kind, id_ = listing.shape.item, listing.single
        elif code == "comment_not_found":
            kind, id_ = "comment", listing.root
        else:
            kind, id_ = listing.topic.partition(":")[0], listing.subject
        self._drop(kind, id_, as_of)
        self._forget_pages(listing)
        for root in self._lists.values():
            is_root = root.shape.is_single and (root.shape.item, root.single) == (kind, id_)
            if is_root and root is not listing:
                self._forget_pages(root)  # It is asked for by itself: it may be back already.
        if listing.shape.is_single:
            listing.pages, listing.as_of = [("", None)], as_of
        self.save()

    # What comes as changes.

    def start(self, cursor: Cursor) -> None:
        """Begin with the cursor of now: nothing before it was told."""
        self._advance(cursor, ())
        self.save()

    def apply(
        self,
        changes: Sequence[models.Change],
        as_of: Cursor,
        cursor: Cursor,
        covered: Collection[str],
    ) -> None:
        """Take what changed in the covered topics up to a cursor."""
        if self.cursor is not None and self.cursor.epoch != cursor.epoch:
            self.reset(None, cursor, covered)
        for change in changes:
            self._apply(change, as_of.position)
        if self._open_reset:  # It is true of these topics only as of now.
            self._raise_floors(as_of.position, self._open_reset)
            self._open_reset = set()
        self._advance(cursor, covered)
        self.save()

    def reset(self, topics: Sequence[str] | None, cursor: Cursor, covered: Collection[str]) -> None:
        """Something was not told. Load these lists again; go on showing what is there till then."""
        known = self.cursor
        if known and (known.epoch != cursor.epoch or known.position > cursor.position):
            self._leave_epoch(cursor)
        of = set(self.topics) | {ME} if topics is None else set(topics)
        self._raise_floors(cursor.position, of)
        for listing in self._lists.values():
            if listing.topic in of:
                listing.as_of = NEVER
                self._touch(listing)
        self._advance(cursor, covered)
        self._open_reset = of
        self.save()

    def _leave_epoch(self, cursor: Cursor) -> None:
        """Positions of another log say nothing."""
        for item in [*self._items.values()]:
            item.as_of = NEVER
            self._touch(item)
            if item.value is None:
                self._items.pop(item.key)
        for listing in self._lists.values():
            listing.as_of, listing.floor = NEVER, 0
            self._touch(listing)
        self._pruned_to, self.cursor, self._gone = NEVER, cursor, GoneAuthors()
        self.marks.forget_positions()
        self._touch(self._gone)

    def _advance(self, cursor: Cursor, covered: Collection[str]) -> None:
        if self.cursor is None or cursor.position > self.cursor.position:
            self.cursor = cursor
        for listing in self._lists.values():
            if listing.topic not in covered:
                self._raise_floor(listing, cursor.position)

    def _apply(self, change: models.Change, as_of: int) -> None:
        kind = change.kind.value
        if kind == "badge" and change.unread is not None:
            self._put("badge", "", {"count": change.unread, "more": change.more is True}, as_of)
        elif kind == "reload":
            self._hidden.clear()
            for listing in self._lists.values():
                if listing.kind != "lounge":  # To load one is a look into it. Sight changes none.
                    self._raise_floor(listing, as_of)
        elif change.id is None:
            return
        elif kind == "author" and change.gone:
            self._hidden.discard(change.id)
            self._drop_author(change.id, as_of)
        elif kind == "mark" and change.put is not None:
            self.take_marks(str(change.put.get("thing")), change.id, change.put, as_of)
        elif kind in SHOWN and change.put is not None:
            self._put(kind, change.id, change.put, as_of)
        elif kind in SHOWN and change.gone:
            self._drop(kind, change.id, as_of)

    # The items.

    def take_marks(self, kind: str, id_: str, marks: JsonObject, as_of: int = NEVER) -> None:
        """Take what only this user makes of a thing. One that is gone keeps it for its return."""
        known = {name: marks[name] for name in MARKS.get(kind, {}) if name in marks}
        self.marks.remember(item_key(kind, id_), known, as_of)
        if item := self._items.get(item_key(kind, id_)):
            item.mark(known)
            self._touch(item)

    def _put(self, kind: str, id_: str, value: JsonObject, as_of: int) -> None:
        item = self._items.get(item_key(kind, id_)) or Item(kind, id_)
        if item.as_of > as_of:
            return
        if (gone_at := self._gone.since(value, as_of)) != NEVER:
            self._drop(kind, id_, gone_at)  # A page that was read before its author left.
            return
        was_gone = item.value is None and item.key in self._items
        item.put(value, as_of)
        self._items[item.key] = item
        self._touch(item)
        if was_gone:
            for listing in self._below(item):
                self._forget_pages(listing)
                self._raise_floor(listing, as_of)

    def _drop(self, kind: str, id_: str, as_of: int) -> None:
        """It is gone, and what hangs below it too."""
        item = self._items.setdefault(item_key(kind, id_), Item(kind, id_))
        if item.as_of > as_of:
            return
        item.drop(as_of)
        self._touch(item)
        for listing in self._below(item):
            self._forget_pages(listing)
        for other in [*self._items.values()]:
            if hangs_below(other, item) and other.as_of <= as_of:
                self._remove(other)

    def _drop_author(self, author_id: str, as_of: int) -> None:
        self._pruned_to = max(self._pruned_to, self._gone.note(author_id, as_of))
        self._touch(self._gone)
        for item in [*self._items.values()]:
            if item.author_id == author_id:
                self._drop(item.kind, item.id, as_of)

    def _below(self, item: Item) -> list[Listing]:
        return [listing for listing in self._lists.values() if item.key in listing.roots]

    def _remove(self, item: Item) -> None:
        self._items.pop(item.key, None)
        self._touch(item)

    # The lists.

    def _raise_floors(self, position: int, topics: Collection[str]) -> None:
        for listing in self._lists.values():
            if listing.topic in topics:
                self._raise_floor(listing, position)

    def _raise_floor(self, listing: Listing, position: int) -> None:
        if listing.floor < position:
            listing.floor = position
            self._touch(listing)

    def _forget_pages(self, listing: Listing) -> None:
        listing.pages, listing.as_of = [], NEVER
        self._touch(listing)

    # Saving.

    def _touch(self, record: Item | Listing | GoneAuthors) -> None:
        self._dirty.add(record.key)

    def save(self) -> None:
        """Write what changed, with the cursor, in one step."""
        if self.user_id is None:
            return
        if len(self._items) > self._trim_at:
            self._trim()
        head = {
            "version": VERSION,
            "user_id": self.user_id,
            "cursor": str(self.cursor) if self.cursor else None,
            "pruned_to": self._pruned_to,
            "hidden": sorted(self._hidden),
            "uses": self._uses,
        }
        records = {key: self._record(key) for key in self._dirty}
        put = {key: record.text() for key, record in records.items() if record is not None}
        self._store.apply({**put, HEAD: json.dumps(head)}, records.keys() - put.keys())
        self._dirty = set()
        self._tell()

    def _record(self, key: str) -> Item | Listing | GoneAuthors | None:
        if key == GONE_AUTHORS:
            return self._gone
        return self._items.get(key) or self._lists.get(key)

    def _trim(self) -> None:
        """Keep the copy within its bounds."""
        shown, loose = shown_and_loose(self._items.values(), self._lists.values())
        while shown > self._most_items and len(self.topics) > 1:
            self._forget_lists(oldest_topic(self._lists.values()))
            shown, loose = shown_and_loose(self._items.values(), self._lists.values())
        if shown > self._most_items:
            longest = max(self._lists.values(), key=lambda one: len(one.pages))
            longest.pages = longest.pages[: max(1, self._most_items // PAGE)]
            self._touch(longest)
            _, loose = shown_and_loose(self._items.values(), self._lists.values())
        for item in sorted(loose, key=lambda one: one.as_of)[: -LOOSE_ITEMS // 2]:
            self._pruned_to = max(self._pruned_to, item.as_of)
            self._remove(item)
        self._trim_at = len(self._items) + LOOSE_ITEMS // 2
