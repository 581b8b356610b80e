"""A list on a screen: it refreshes, grows at its end, and takes in what the app itself made."""

from asyncio import Lock
from collections.abc import Awaitable, Callable

from linky_client.generated.problems import InvalidCursorProblem
from linky_client.values import Page


class Paged[T]:
    """What was loaded of a list so far. No item is in it twice."""

    def __init__(
        self, load: Callable[[str | None], Awaitable[Page[T]]], key: Callable[[T], str]
    ) -> None:
        self._load = load
        self._key = key
        self._lock = Lock()
        self._items: list[T] = []
        self._last: str | None = None
        self._next: str | None = None
        self._began = False
        self._generation = 0
        self._moment = 0
        self._touched: dict[str, int] = {}
        self._made: dict[str, bool] = {}

    @property
    def items(self) -> tuple[T, ...]:
        """All that was loaded."""
        return tuple(self._items)

    @property
    def is_complete(self) -> bool:
        """Whether the end was reached."""
        return self._began and self._next is None

    async def refresh(self) -> None:
        """Load the first page again.

        If it meets what is there already, the rest stays, and the list does not jump. Otherwise too
        much is new in between, and the list begins again.
        """
        self._generation += 1
        generation, asked = self._generation, self._moment
        page = await self._load(None)
        async with self._lock:
            if generation == self._generation:  # Otherwise a later refresh has begun.
                self._merge(page, asked)

    def _merge(self, page: Page[T], asked: int, *, begins_again: bool = False) -> None:
        """Take the first page again."""
        is_all = begins_again or page.next_cursor is None
        rest = [] if is_all else self._rest_below(page)
        self._items = self._with_made([*self._current(page, asked), *rest], asked)
        if not rest:
            self._last, self._next = None, page.next_cursor
        self._began = True

    def _current(self, page: Page[T], asked: int) -> list[T]:
        """A page's items. What the app put or removed since it was asked for is newer than it."""
        own = {self._key(item): item for item in self._items if self._is_newer(item, asked)}
        keyed = [(self._key(item), item) for item in page.items]
        return [
            own.get(key, item)
            for key, item in keyed
            if key in own or not self._is_newer(item, asked)
        ]

    def _is_newer(self, item: T, asked: int) -> bool:
        return self._touched.get(self._key(item), 0) > asked

    def _with_made(self, items: list[T], asked: int) -> list[T]:
        """The items, and what the app has made since they were asked for."""
        shown = {self._key(item) for item in items}
        newer = [item for item in self._items if self._is_newer(item, asked)]
        made = [item for item in newer if self._key(item) not in shown]
        first = [item for item in made if self._made.get(self._key(item)) is True]
        last = [item for item in made if self._made.get(self._key(item)) is False]
        return [*first, *items, *last]

    def _rest_below(self, page: Page[T]) -> list[T]:
        """What is loaded below the page. What the page lacks between two of its items is gone."""
        new = {self._key(item) for item in page.items}
        common = [index for index, item in enumerate(self._items) if self._key(item) in new]
        return self._items[common[-1] + 1 :] if common else []

    async def load_more(self) -> None:
        """Add the next page. At the end, look whether the last page has grown.

        If the server knows the cursor no longer, the list begins again.
        """
        async with self._lock:
            generation, asked = self._generation, self._moment
            cursor = self._last if self.is_complete else self._next
            page, is_refused = await self._page(cursor)
            if generation != self._generation:
                return  # The page belongs to the list before.
            if is_refused or (cursor is None and self._began):
                # The first page again: what is new may be at its top.
                self._merge(page, asked, begins_again=is_refused)
            else:
                self._append(page, cursor, asked)

    async def _page(self, cursor: str | None) -> tuple[Page[T], bool]:
        """A page, or the first one if its cursor is refused."""
        try:
            return await self._load(cursor), False
        except InvalidCursorProblem:
            if cursor is None:
                raise
            return await self._load(None), True

    def _append(self, page: Page[T], cursor: str | None, asked: int) -> None:
        for item in self._current(page, asked):
            self._put(item, at_start=False)
        self._last, self._next = cursor, page.next_cursor
        self._began = True

    def put(self, item: T, *, at_start: bool = True) -> None:
        """Show an item that changed, or one that the app has just made.

        A page that was asked for before takes neither back.
        """
        key = self._key(item)
        self._touch(key)
        if self._put(item, at_start=at_start):
            self._made[key] = at_start

    def remove(self, key: str) -> None:
        """Take an item off the screen: it was deleted, or is not for this user any more."""
        self._touch(key)
        self._items = [item for item in self._items if self._key(item) != key]

    def _touch(self, key: str) -> None:
        self._moment += 1
        self._touched[key] = self._moment

    def _put(self, item: T, *, at_start: bool) -> bool:
        """Returns whether it was not there yet."""
        key = self._key(item)
        for index, old in enumerate(self._items):
            if self._key(old) == key:
                self._items[index] = item
                return False
        self._items.insert(0 if at_start else len(self._items), item)
        return True
