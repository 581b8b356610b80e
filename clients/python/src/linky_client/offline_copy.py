"""What an app shows: things and lists as they were told last, also without a network."""

from typing import cast

from linky_client.copy_records import ME, NEVER, Item, Listing, item_key
from linky_client.copy_state import CopyState
from linky_client.errors import JsonObject
from linky_client.generated import models
from linky_client.reading import as_time


class OfflineCopy(CopyState):
    """Each call answers from memory. A comment is shown only below a post that is shown."""

    def post(self, post_id: str) -> models.Post | None:
        """A post, unless it is gone or was not loaded."""
        return cast("models.Post | None", self._one("post", post_id))

    def comments_of(self, post_id: str) -> list[models.Comment]:
        """The comments of a post that were loaded, the oldest first."""
        found = self._all_of("comments", f"post:{post_id}")
        return cast("list[models.Comment]", found)

    def replies_to(self, post_id: str, comment_id: str) -> list[models.Comment]:
        """The replies to a comment that were loaded, the oldest first."""
        found = self._all_of("replies", f"post:{post_id}", comment_id)
        return cast("list[models.Comment]", found)

    def lounge(self, lounge_id: str) -> models.Lounge | None:
        """A lounge, unless it is gone or was not loaded."""
        return cast("models.Lounge | None", self._one("lounge", lounge_id))

    def posts_of(self, lounge_id: str) -> list[models.Post]:
        """The posts of a lounge that were loaded, the newest first."""
        return cast("list[models.Post]", self._all_of("posts", f"lounge:{lounge_id}"))

    def notifications(self) -> list[models.NotificationItem]:
        """The notifications that were loaded, the newest first."""
        return cast("list[models.NotificationItem]", self._all_of("notifications", ME))

    @property
    def unread(self) -> int | None:
        """The number of unread notifications, up to 999; None until it is known."""
        badge = self._badge
        return badge.count if badge else None

    @property
    def has_more_unread(self) -> bool:
        """Whether there are more than `unread`: a badge shows `999+` then."""
        badge = self._badge
        return badge is not None and badge.more

    @property
    def _badge(self) -> models.UnreadCount | None:
        return cast("models.UnreadCount | None", self._one("badge", ""))

    def has_more(self, kind: str, topic: str, root: str = "") -> bool:
        """Whether a list has pages that were not loaded."""
        listing = self._lists.get(Listing(kind, topic, root).key)
        return listing is not None and not listing.is_complete

    def _one(self, kind: str, id_: str) -> object | None:
        item = self._items.get(item_key(kind, id_))
        return item.parsed if item and self._is_shown(item) else None

    def _all_of(self, kind: str, topic: str, root: str = "") -> list[object]:
        listing = self._lists.get(Listing(kind, topic, root).key)
        if listing is None or not self._shows_roots(listing):
            return []
        items = [
            item
            for item in self._items.values()
            if listing.holds(item) and listing.reaches(item.id) and self._is_shown(item)
        ]
        items.sort(key=lambda item: item.id, reverse=listing.shape.newest_first)
        return [item.parsed for item in items]

    def _shows_roots(self, listing: Listing) -> bool:
        roots = [self._items.get(key) for key in listing.roots]
        return all(root is not None and self._is_shown(root) for root in roots)

    def _is_shown(self, item: Item) -> bool:
        return item.value is not None and item.author_id not in self._hidden

    # What the app itself did.

    def hide_author(self, author_id: str) -> None:
        """Show nothing of a user whom the app has just blocked. The server soon says the same."""
        self._hidden.add(author_id)
        self.save()

    def show(self, kind: str, value: JsonObject) -> None:
        """Show what the app has just made or changed (`to_json`), until the server tells of it."""
        item = self._items.get(item_key(kind, str(value["id"])))
        if item is None:
            self._put(kind, str(value["id"]), value, self.cursor.position if self.cursor else NEVER)
        elif item.value is not None and not _is_newer(item.value, value):
            self._put(kind, item.id, value, item.as_of)
        self.save()

    def mark(self, kind: str, id_: str, marks: JsonObject) -> None:
        """Show what this user has just made of a thing (`liked`), before the server tells it.

        A page that was asked for earlier and comes later does not take it back.
        """
        self.take_marks(kind, id_, marks)
        self.save()


def _is_newer(left: JsonObject, right: JsonObject) -> bool:
    """Whether the first was changed later than the second."""
    if "updated_at" not in left or "updated_at" not in right:
        return False
    return as_time(left["updated_at"]) > as_time(right["updated_at"])
