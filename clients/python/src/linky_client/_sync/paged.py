"""A list on a screen: it refreshes, grows at its end, and takes in what the app itself made."""

from collections.abc import Callable

from linky_client._sync.waiting import Lock
from linky_client.generated.problems import InvalidCursorProblem
from linky_client.values import Page


class Paged[T]:
    """What was loaded of a list so far. No item is in it twice."""

    def __init__(self, load: Callable[[str | None], Page[T]], key: Callable[[T], str]) -> None:
        self._load = load
        self._key = key
        self._lock = Lock()
        self._items: list[T] = []
        self._last: str | None = None
        self._next: str | None = None
        self._began = False
        self._generation = 0

    @property
    def items(self) -> tuple[T, ...]:
        """All that was loaded."""
        return tuple(self._items)

    @property
    def is_complete(self) -> bool:
        """Whether the end was reached."""
        return self._began and self._next is None

    def refresh(self) -> None:
        """Load the first page again.

        If it meets what is there already, the rest stays, and the list does not jump. Otherwise too
        much is new in between, and the list begins again.
        """
        self._generation += 1
        generation = self._generation
        page = self._load(None)
        with self._lock:
            if generation == self._generation:  # Otherwise a later refresh has begun.
                self._merge(page)

    def _merge(self, page: Page[T]) -> None:
        """Take the first page again."""
        rest = self._rest_below(page) if page.next_cursor is not None else []
        self._items = [*page.items, *rest]
        if not rest:
            self._last, self._next = None, page.next_cursor
        self._began = True

    def _rest_below(self, page: Page[T]) -> list[T]:
        """What is loaded below the page. What the page lacks between two of its items is gone."""
        new = {self._key(item) for item in page.items}
        common = [index for index, item in enumerate(self._items) if self._key(item) in new]
        return self._items[common[-1] + 1 :] if common else []

    def load_more(self) -> None:
        """Add the next page. At the end, look whether the last page has grown.

        If the server knows the cursor no longer, the list begins again.
        """
        with self._lock:
            generation = self._generation
            cursor = self._last if self.is_complete else self._next
            page, is_refused = self._page(cursor)
            if generation != self._generation:
                return  # The page belongs to the list before.
            if is_refused:
                self._items, cursor = [], None
            if cursor is None and self._began:
                self._merge(page)  # The first page again: what is new may be at its top.
            else:
                self._append(page, cursor)

    def _page(self, cursor: str | None) -> tuple[Page[T], bool]:
        """A page, or the first one if its cursor is refused."""
        try:
            return self._load(cursor), False
        except InvalidCursorProblem:
            if cursor is None:
                raise
            return self._load(None), True

    def _append(self, page: Page[T], cursor: str | None) -> None:
        for item in page.items:
            self._put(item, at_start=False)
        self._last, self._next = cursor, page.next_cursor
        self._began = True

    def put(self, item: T, *, at_start: bool = True) -> None:
        """Show an item that changed, or one that the app has just made."""
        self._put(item, at_start=at_start)

    def remove(self, key: str) -> None:
        """Take an item off the screen: it was deleted, or is not for this user any more."""
        self._items = [item for item in self._items if self._key(item) != key]

    def _put(self, item: T, *, at_start: bool) -> None:
        key = self._key(item)
        for index, old in enumerate(self._items):
            if self._key(old) == key:
                self._items[index] = item
                return
        self._items.insert(0 if at_start else len(self._items), item)
