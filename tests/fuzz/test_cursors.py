"""Cursors of any kind: each gives the page behind it, or is refused, and never another's rows."""

from base64 import urlsafe_b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.api import expect
from tests.support.chance import tried
from tests.support.listings import NAMES, Listing, ids_of, page
from tests.support.listings import Stage as Lists
from tests.support.world import World

ROWS = 3

WHICH = st.integers(0, 999)
GIVEN_OUT = st.tuples(st.sampled_from(("own", "the other's", "another list's")), WHICH)
"""A cursor of the list, of the same list of the other user, or of any list."""

INVENTED = st.text(max_size=60) | st.binary(max_size=90).map(
    lambda raw: urlsafe_b64encode(raw).decode().rstrip("=")
)
ALTERATIONS = st.tuples(
    st.sampled_from(("cut", "put in", "put instead", "turn round")),
    st.integers(0, 200),
    st.text("ABCabc019-_=", min_size=1, max_size=3),
)


def altered(cursor: str, alteration: tuple[str, int, str]) -> str:
    how, at, letters = alteration
    at %= len(cursor)
    if how == "cut":
        return cursor[:at]
    if how == "put in":
        return cursor[:at] + letters + cursor[at:]
    if how == "put instead":
        return cursor[:at] + letters + cursor[at + len(letters) :]
    return cursor[at:] + cursor[:at]


@dataclass
class Known:
    """A list of one user: its rows, and the cursor behind each row but the last."""

    listing: Listing
    ids: list[str]
    cursors: list[str] = field(default_factory=list)

    async def page_behind(self, cursor: str) -> list[str] | None:
        """The ids of the page behind a cursor; None if it is refused."""
        params = {**self.listing.params, "limit": 2, "cursor": cursor}
        answer = await self.listing.viewer.get(self.listing.path, params=params)
        if answer.status_code == 422:
            expect(answer, 422, "invalid_cursor")
            return None
        return ids_of(expect(answer, 200))


class Shelf:
    """Every list of two users, and all cursors of all lists."""

    def __init__(self) -> None:
        self.lists: list[Known] = []
        self.names: dict[str, set[str]] = defaultdict(set)
        """The lists by name that gave out a cursor."""

    async def fill(self, world: World) -> "Shelf":
        stages = [await Lists(world).start(), await Lists(world).start()]
        for name in NAMES:
            for stage in stages:
                listing = stage.listing(name)
                for _ in range(ROWS):
                    await listing.add()
                self.lists.append(Known(listing, []))
        for known in self.lists:
            await self._walk(known)
        return self

    async def _walk(self, known: Known) -> None:
        cursor = None
        while True:
            body: dict[str, Any] = await page(known.listing, 1, cursor)
            known.ids += ids_of(body)
            cursor = body["next_cursor"]
            if cursor is None:
                return
            known.cursors.append(cursor)
            self.names[cursor].add(known.listing.name)

    def cursor(self, of: int, whose: str, which: int) -> str:
        """One that was given out, for the list with the number `of`."""
        own = of % len(self.lists)
        chosen = {"own": own, "the other's": own ^ 1}.get(whose, which % len(self.lists))
        cursors = self.lists[chosen].cursors
        return cursors[which % len(cursors)]


@pytest.fixture
async def shelf(world: World) -> Shelf:
    return await Shelf().fill(world)


@tried(200)
@given(of=WHICH, cursor=INVENTED | GIVEN_OUT, alteration=st.none() | ALTERATIONS)
async def test_a_cursor_gives_the_next_of_ones_own_rows_or_is_refused(
    shelf: Shelf, of: int, cursor: str | tuple[str, int], alteration: tuple[str, int, str] | None
) -> None:
    known = shelf.lists[of % len(shelf.lists)]
    sent = cursor if isinstance(cursor, str) else shelf.cursor(of, *cursor)
    if alteration and sent:
        sent = altered(sent, alteration)
    ids = await known.page_behind(sent)
    if sent in known.cursors:
        behind = known.cursors.index(sent) + 1
        assert ids == known.ids[behind : behind + 2]
    elif known.listing.name not in shelf.names.get(sent, ()):
        assert ids is None
    elif ids:  # The other user's cursor of the same list: a place among one's own rows.
        begin = known.ids.index(ids[0])
        assert ids == known.ids[begin : begin + 2]
