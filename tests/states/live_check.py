"""Checks what open apps are told: a copy that applies changes is as one that is loaded again."""

from collections import Counter
from random import Random
from typing import Any

from tests.states.facts import Facts
from tests.states.state import Person
from tests.support.live_copy import Copy, Item

READERS = 2
FOLLOWED = 3
"""Posts whose comments a reader has open."""


class LiveReader:
    """A member who has a lounge open, and some posts in it."""

    def __init__(self, person: Person, lounge_id: str, followed: list[str]) -> None:
        self.person = person
        self._lounge_id, self._followed = lounge_id, followed
        self._cursor = ""
        self._copy, self._fresh = (Copy(person.api, lounge_id) for _ in range(2))
        self._copy.followed = self._fresh.followed = followed

    async def start(self) -> bool:
        """Returns whether the reader may ask."""
        may_ask = await self._look() is not None
        if may_ask:
            await self._copy.fetch()
        return may_ask

    async def differences(self) -> list[str] | None:
        """A line if the copy is wrong; None if the reader may not ask, or has to load it again."""
        told = await self._look()
        if told is None:
            return None
        for change in told:
            await self._copy.apply(change)
        await self._fresh.fetch()
        copied, loaded = by_id(self._copy.shown), by_id(self._fresh.shown)
        return [
            f"{self.person.id} was told of {name}: {copied[name]}, but loads {loaded[name]}: {told}"
            for name in loaded
            if copied[name] != loaded[name]
        ]

    async def _look(self) -> list[Item] | None:
        changes: list[Item] = []
        topics = [f"lounge:{self._lounge_id}", *(f"post:{post_id}" for post_id in self._followed)]
        while True:
            params = {"topics": ",".join(topics)}
            params |= {"since": self._cursor} if self._cursor else {}
            response = await self.person.api.get("/changes", params=params)
            if response.status_code != 200 or response.json()["reset"] is not None:
                return None
            page = response.json()
            self._cursor = page["cursor"]
            changes += page["changes"]
            if not page["more"]:
                return changes


def by_id(shown: Any) -> Any:
    """People by their ids, in titles too: apps are not told of new names and pictures."""
    if isinstance(shown, dict):
        people = {name: value["id"] for name, value in shown.items() if _is_person(name, value)}
        if actor := shown.get("actor"):
            people["title"] = shown["title"].replace(actor["nickname"], actor["id"])
        return {name: by_id(value) for name, value in shown.items()} | people
    return shown


def _is_person(name: str, value: object) -> bool:
    return name in ("author", "actor") and bool(value)


class LiveCheck:
    def __init__(self) -> None:
        self._readers: list[LiveReader] = []

    async def differences(self, facts: Facts, people: list[Person], chance: Random) -> list[str]:
        """What some readers were told wrongly since the last time. Others may take their places."""
        wrong: list[str] = []
        going_on = []
        for reader in self._readers:
            found = await reader.differences() if _can_read(reader.person, people) else None
            if found is not None:
                going_on.append(reader)
                wrong += found
        self._readers = going_on
        new = _new_reader(facts, people, chance) if len(going_on) < READERS else None
        if new is not None and await new.start():
            self._readers.append(new)
        return wrong


def _can_read(person: Person, people: list[Person]) -> bool:
    """Lists are loaded by the hundred."""
    return person in people and not person.is_signed_out and not person.has_many_unread


def _new_reader(facts: Facts, people: list[Person], chance: Random) -> LiveReader | None:
    """Someone who opens the lounge with the most posts."""
    posts = [post for post in facts.rows("posts") if post["deleted_at"] is None]
    able = [person for person in people if _can_read(person, people)]
    if not posts or not able:
        return None
    ((lounge_id, _),) = Counter(post["lounge_id"] for post in posts).most_common(1)
    there = [post["id"] for post in posts if post["lounge_id"] == lounge_id]
    followed = chance.sample(there, min(len(there), FOLLOWED))
    return LiveReader(chance.choice(able), lounge_id, followed)
