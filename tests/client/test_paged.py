"""A list on a screen without a server: which pages it asks for, and where it puts them."""

from collections.abc import Awaitable, Callable, Sequence

import pytest
from linky_client import Page, Paged
from linky_client.generated.problems import InvalidCursorProblem

pytestmark = pytest.mark.anyio

SIZE = 3


class Letters:
    """A server with one list. Its cursors are the last item of a page."""

    def __init__(self, *items: str, knows_cursors: bool = True) -> None:
        self.items: Sequence[str] = items
        self.knows_cursors = knows_cursors
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while the answer is on its way."""
        self.paged: Paged[str] = Paged(self.load, lambda item: item[0])

    async def load(self, cursor: str | None) -> Page[str]:
        if cursor is not None and not self.knows_cursors:
            raise InvalidCursorProblem(422, {"code": "invalid_cursor"})
        start = 0 if cursor is None else self.items.index(cursor) + 1
        page = tuple(self.items[start : start + SIZE])
        self.meanwhile()
        return Page(page, page[-1] if start + SIZE < len(self.items) else None)

    @property
    def shown(self) -> str:
        return "".join(self.paged.items)


async def test_what_is_new_in_a_list_of_one_page_stands_where_the_server_puts_it() -> None:
    for before, after in (("ba", "cba"), ("ab", "abc"), ("ba", "dcba"), ("ba", "edcba")):
        letters = Letters(*before)
        await letters.paged.refresh()
        assert letters.paged.is_complete
        letters.items = after
        for _ in range(3):  # At the end it looks whether the last page has grown.
            await letters.paged.load_more()
        assert letters.shown == after


async def test_a_list_of_one_page_forgets_what_is_gone() -> None:
    letters = Letters("b", "a")
    await letters.paged.refresh()
    letters.items = "a"
    await letters.paged.load_more()
    assert letters.shown == "a"


async def test_a_list_whose_cursor_is_refused_begins_again() -> None:
    letters = Letters(*"abcdefgh")
    await letters.paged.refresh()
    await letters.paged.load_more()
    assert letters.shown == "abcdef"
    letters.knows_cursors = False
    await letters.paged.load_more()
    assert letters.shown == "abc"
    letters.knows_cursors = True
    await letters.paged.load_more()
    assert letters.shown == "abcdef"


async def test_what_the_app_made_before_the_first_page_stays() -> None:
    letters = Letters("a", "b")
    letters.paged.put("z")
    await letters.paged.load_more()
    assert letters.shown == "zab"


LOADS: tuple[Callable[[Paged[str]], Awaitable[None]], ...] = (Paged.refresh, Paged.load_more)


@pytest.mark.parametrize("items", ["cba", "cbafe"])
@pytest.mark.parametrize("load", LOADS)
async def test_a_page_that_was_asked_for_before_takes_back_nothing_that_the_app_did(
    load: Callable[[Paged[str]], Awaitable[None]], items: str
) -> None:
    letters = Letters(*items)
    await letters.paged.refresh()

    def meanwhile() -> None:
        letters.paged.put("d")
        letters.paged.put("z", at_start=False)
        letters.paged.put("a2")
        letters.paged.remove("b")

    letters.meanwhile = meanwhile
    await load(letters.paged)
    assert letters.shown.startswith("dca2")
    assert "z" in letters.shown
    letters.meanwhile = lambda: None
    letters.items = "cba"
    await letters.paged.refresh()
    assert letters.shown == "cba", "the next page knows better"


async def test_what_the_app_made_stays_also_when_a_cursor_is_refused() -> None:
    letters = Letters(*"abcdefgh")
    await letters.paged.refresh()
    letters.knows_cursors = False
    letters.meanwhile = lambda: letters.paged.put("z")
    await letters.paged.load_more()
    assert letters.shown == "zabc"
