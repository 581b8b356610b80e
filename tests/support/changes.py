"""Readers who ask `GET /changes` what they missed, while those of `following.py` have a stream."""

from typing import Any

from tests.support.api import Api, expect

type Told = list[dict[str, Any]]


class Follower:
    """Someone who follows topics, and asks what has changed since the last time."""

    def __init__(self, api: Api, *topics: str) -> None:
        self.api = api
        self.topics = topics
        self.cursor = ""
        self.raw = ""

    async def start(self) -> "Follower":
        await self.look()
        return self

    async def look(self) -> Told:
        params = {"topics": ",".join(self.topics)}
        response = await self.api.get(
            "/changes", params=params | ({"since": self.cursor} if self.cursor else {})
        )
        answer = expect(response, 200)
        assert (answer["reset"], answer["more"]) == (None, False)
        self.cursor, self.raw = answer["cursor"], response.text
        return list(answer["changes"])
