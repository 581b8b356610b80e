"""Asking the app for every list, page by page, and comparing it with what it must hold."""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator
from random import Random

from tests.states.facts import Facts
from tests.states.lists import Expected, Item, lists_of, post_item, summary
from tests.states.sight import Sight
from tests.support.api import Api, expect

PAGES = (1, 1, 1, 2, 4)
"""Into how many pages a list is cut."""

SAMPLE = 0.15
"""The part of the lists, and of the single things, that is asked for after most rounds. What they
show follows from the rows alone, so that no race hides in those that are left out.
"""


class Reader:
    """One caller whose lists are compared."""

    def __init__(
        self, api: Api, facts: Facts, chance: Random, *, everything: bool, at_once: int = 8
    ) -> None:
        self.api = api
        self.sight = Sight(facts, api.id)
        self.chance = chance
        self.sample = 1.0 if everything else SAMPLE
        self.places = asyncio.Semaphore(at_once)

    async def differences(self, words: Iterable[str]) -> list[str]:
        """A line for each list, and each single thing, that is not what it must be."""
        lists = lists_of(self.sight, words)
        checks = [self._list(one) for one in lists if one.depends_on_flags or self._in_sample()]
        checks += [self._single_posts(), self._profiles(), self._unread_count()]
        found = await asyncio.gather(*map(self._in_turn, checks))
        return [line for lines in found for line in lines]

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
        return f"GET {expected.path}?{params} as {self.sight.reader_id}"

    async def _walk(self, path: str, params: dict[str, str]) -> list[Item] | None:
        """All pages of a list; None for a 404."""
        found: list[Item] = []
        query = dict(params)
        while True:
            response = await self.api.get(path, params=query)
            if response.status_code == 404:
                return None
            page = expect(response, 200)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    async def _single_posts(self) -> list[str]:
        """Each post by itself: whole, or 404."""
        wrong: list[str] = []
        for post in filter(lambda _: self._in_sample(), self.sight.facts.rows("posts")):
            response = await self.api.get(f"/posts/{post['id']}")
            shown = self.sight.shows_post(post)
            asked = f"GET /posts/{post['id']} as {self.sight.reader_id}"
            if response.status_code != (200 if shown else 404):
                wrong.append(f"{asked} is {response.status_code}, must be {200 if shown else 404}")
            elif shown:
                wanted = post_item(self.sight, post)
                wrong += _differences(asked, [wanted], [response.json()])
        return wrong

    async def _profiles(self) -> list[str]:
        """Each user's profile, with the number of posts; 404 for those who have left."""
        wrong = []
        for user in filter(lambda _: self._in_sample(), self.sight.facts.rows("users")):
            response = await self.api.get(f"/users/{user['id']}")
            wanted = 200 if user["left_at"] is None else 404
            if response.status_code != wanted:
                wrong.append(f"GET /users/{user['id']} is {response.status_code}, must be {wanted}")
        return wrong

    async def _unread_count(self) -> list[str]:
        """The badge is as long as the list of what is not read."""
        unread = await self._walk("/notifications", {"unread": "true", "limit": "100"}) or []
        response = await self.api.get("/notifications/unread-count")
        count = expect(response, 200)["count"]
        if count == len(unread):
            return []
        reader = self.sight.reader_id
        return [f"unread-count as {reader} is {count}, but the list has {len(unread)}"]


def _differences(asked: str, wanted: list[Item], got: list[Item]) -> Iterator[str]:
    wanted_ids, got_ids = [item["id"] for item in wanted], [item["id"] for item in got]
    for missing in [one for one in wanted_ids if one not in got_ids]:
        yield f"{asked} lacks {missing}"
    for extra in [one for one in got_ids if one not in wanted_ids]:
        yield f"{asked} must not show {extra}"
    if sorted(wanted_ids) == sorted(got_ids) and wanted_ids != got_ids:
        yield f"{asked} is in another order: {got_ids}, must be {wanted_ids}"
    by_id = {item["id"]: item for item in got}
    for item in wanted:
        short = summary(by_id[item["id"]], item) if item["id"] in by_id else item
        wrong = {name: (short[name], item[name]) for name in item if short[name] != item[name]}
        if wrong:
            yield f"{asked}: {item['id']} has {wrong} (answered, expected)"
