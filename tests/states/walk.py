"""Reads every list from the app, page by page, and compares it with the expected items."""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from random import Random

from tests.states.facts import Facts
from tests.states.lists import Expected, Item, lists_of, post_item, summary
from tests.states.view import View
from tests.support.api import Api, expect

PAGES = (1, 1, 1, 2, 4)
"""How many pages a list is read in."""

SAMPLE = 0.15
"""The share of lists and single items that is read after most rounds. Their content depends on the
rows alone, which are always checked, so the lists left out can hide no race.
"""


class Reader:
    """A caller whose lists are compared."""

    def __init__(
        self, api: Api, facts: Facts, chance: Random, *, everything: bool, at_once: int = 8
    ) -> None:
        self.api = api
        self.view = View(facts, api.id)
        self.chance = chance
        self.sample = 1.0 if everything else SAMPLE
        self.places = asyncio.Semaphore(at_once)

    async def differences(self, words: Iterable[str]) -> list[str]:
        """A line for each list and each single item that differs from the expectation."""
        lists = lists_of(self.view, words)
        checks = [
            self._list(expected)
            for expected in lists
            if expected.depends_on_flags or self._in_sample()
        ]
        checks += [self._single_posts(), self._profiles(), self._unread_count()]
        results = await asyncio.gather(*map(self._in_turn, checks))
        return [line for lines in results for line in lines]

    async def _in_turn(self, check: Awaitable[list[str]]) -> list[str]:
        async with self.places:
            try:
                return await check
            except AssertionError as unexpected:
                return [str(unexpected)]

    def _in_sample(self) -> bool:
        return self.chance.random() < self.sample

    async def _list(self, expected: Expected) -> list[str]:
        size = min(100, 1 + len(expected.items or ()) // self.chance.choice(PAGES))
        answered = await self._walk(expected.path, {**expected.params, "limit": str(size)})
        if answered is None or expected.items is None:
            if answered is None and expected.items is None:
                return []
            return [
                f"{self._asked(expected)} must{'' if expected.items is None else ' not'} be 404"
            ]
        wanted = [item for item in expected.items if item["id"] not in expected.unsure]
        got = [item for item in answered if item["id"] not in expected.unsure]
        return list(_differences(self._asked(expected), wanted, got))

    def _asked(self, expected: Expected) -> str:
        params = "&".join(f"{name}={value}" for name, value in expected.params.items())
        return f"GET {expected.path}?{params} as {self.view.reader_id}"

    async def _walk(self, path: str, params: dict[str, str]) -> list[Item] | None:
        """All pages of a list; None for a 404."""
        items: list[Item] = []
        query = dict(params)
        while True:
            response = await self.api.get(path, params=query)
            if response.status_code == 404:
                return None
            page = expect(response, 200)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            query["cursor"] = page["next_cursor"]

    async def _single_posts(self) -> list[str]:
        """Each post by itself: complete, or 404."""
        wrong: list[str] = []
        for post in filter(lambda _: self._in_sample(), self.view.facts.rows("posts")):
            response = await self.api.get(f"/posts/{post['id']}")
            shown = self.view.shows_post(post)
            asked = f"GET /posts/{post['id']} as {self.view.reader_id}"
            if response.status_code != (200 if shown else 404):
                wrong.append(f"{asked} is {response.status_code}, must be {200 if shown else 404}")
            elif shown:
                wanted = post_item(self.view, post)
                wrong += _differences(asked, [wanted], [response.json()])
        return wrong

    async def _profiles(self) -> list[str]:
        """Each user's profile, with the number of posts; 404 for those who have left."""
        wrong = []
        for user in filter(lambda _: self._in_sample(), self.view.facts.rows("users")):
            response = await self.api.get(f"/users/{user['id']}")
            wanted = 200 if user["left_at"] is None else 404
            if response.status_code != wanted:
                wrong.append(f"GET /users/{user['id']} is {response.status_code}, must be {wanted}")
        return wrong

    async def _unread_count(self) -> list[str]:
        """The unread count must equal the length of the unread list, up to 999."""
        unread = await self._walk("/notifications", {"unread": "true", "limit": "100"}) or []
        response = await self.api.get("/notifications/unread-count")
        counted = expect(response, 200)
        if counted == {"count": min(len(unread), 999), "more": len(unread) > 999}:
            return []
        reader = self.view.reader_id
        return [f"unread-count as {reader} is {counted}, but the list has {len(unread)}"]


def _differences(asked: str, wanted: list[Item], got: list[Item]) -> Iterator[str]:
    wanted_ids, got_ids = [item["id"] for item in wanted], [item["id"] for item in got]
    for missing in [item_id for item_id in wanted_ids if item_id not in got_ids]:
        yield f"{asked} lacks {missing}"
    for extra in [item_id for item_id in got_ids if item_id not in wanted_ids]:
        yield f"{asked} must not show {extra}"
    if sorted(wanted_ids) == sorted(got_ids) and wanted_ids != got_ids:
        yield f"{asked} is in another order: {got_ids}, must be {wanted_ids}"
    by_id = {item["id"]: item for item in got}
    for item in wanted:
        shown = summary(by_id[item["id"]], item) if item["id"] in by_id else item
        wrong = {name: (shown[name], item[name]) for name in item if shown[name] != item[name]}
        if wrong:
            yield f"{asked}: {item['id']} has {wrong} (answered, expected)"
