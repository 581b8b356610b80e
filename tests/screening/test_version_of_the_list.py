"""A change of the word list applies to the next post on every server."""

import asyncpg
import pytest
from sqlalchemy import text

from app.screening.policy import WordList
from tests.support.api import Api
from tests.support.beside import beside
from tests.support.moderating import ban
from tests.support.sql import plain_url
from tests.support.statements import statements
from tests.support.world import World


async def moderation(world: World, author: Api, body: str) -> str:
    return str((await world.post(author, body=body))["moderation"])


CHANGES = {
    "an insert": "INSERT INTO banned_words (kind, word, key) VALUES ('banned', 'そら', 'そら')",
    "an update": "UPDATE banned_words SET key = 'そら' WHERE key = 'ばくだん'",
}


@pytest.mark.parametrize("change", ["an insert", "an update"])
async def test_a_change_by_another_server_applies_to_the_next_post(
    committed_world: World, change: str
) -> None:
    world = committed_world
    author = await world.member()
    await ban(await world.admin(), "ばくだん")
    assert await moderation(world, author, "そらの色") == "visible"
    other = await asyncpg.connect(plain_url(world.runtime.database_url))
    try:
        await other.execute(CHANGES[change])
        assert await moderation(world, author, "そらの色") == "held"
        await other.execute("DELETE FROM banned_words")
        assert await moderation(world, author, "そらとばくだん") == "visible"
    finally:
        await other.close()


async def test_a_change_that_is_rolled_back_has_no_effect(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    async with beside(world.runtime) as db:
        await db.execute(text(CHANGES["an insert"]))
        await db.rollback()
    assert await moderation(world, author, "そらの色") == "visible"
    assert await moderation(world, author, "ばくだん") == "held"


async def test_the_list_is_read_and_built_once_per_version(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, admin = await world.member(), await world.admin()
    lounge = await world.lounge()
    built = []
    original = WordList.__init__

    def count_and_build(self: WordList, *lists: list[str]) -> None:
        built.append(lists)
        original(self, *lists)

    monkeypatch.setattr(WordList, "__init__", count_and_build)

    def reads() -> int:
        found = sum("FROM banned_words " in statement for statement, _ in sent)
        sent.clear()
        return found

    await ban(admin, "ばくだん", exceptions=["そばくだんご"])
    with statements(world.runtime) as sent:
        for body in ("ばくだん", "そばくだんご", "そら", "ばく・だん"):
            await world.post(author, lounge, body=body)
        assert (len(built), reads()) == (1, 1)
        await ban(admin, "そら")
        sent.clear()
        await world.post(author, lounge, body="そら")
        assert (len(built), reads()) == (2, 1)


async def test_without_a_version_row_the_list_still_applies(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text("DELETE FROM banned_words_version"))
    assert await moderation(world, author, "ばくだん") == "held"
    await ban(admin, "そら")
    assert await moderation(world, author, "ばくだん") == "visible"
    assert await moderation(world, author, "そら") == "held"
