"""A change of the word list applies to the next post on every server."""

import asyncpg
import pytest
from sqlalchemy import event, text

from app.screening.policy import WordList
from tests.support.api import Api
from tests.support.moderating import ban
from tests.support.sql import plain_url
from tests.support.world import World

pytestmark = pytest.mark.anyio


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
    other = await asyncpg.connect(plain_url(world.runtime.engine.url))
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
    async with world.runtime.sessions() as session:
        await session.execute(text(CHANGES["an insert"]))
        await session.rollback()
    assert await moderation(world, author, "そらの色") == "visible"
    assert await moderation(world, author, "ばくだん") == "held"


async def test_the_list_is_read_and_built_once_per_version(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    author, admin = await world.member(), await world.admin()
    lounge = await world.lounge()
    built, read = [], []
    original = WordList.__init__

    def count_and_build(self: WordList, *lists: list[str]) -> None:
        built.append(lists)
        original(self, *lists)

    monkeypatch.setattr(WordList, "__init__", count_and_build)

    def note_reads(conn: object, cursor: object, statement: str, *_: object) -> None:
        if "FROM banned_words " in statement:
            read.append(statement)

    engine = world.runtime.engine.sync_engine
    await ban(admin, "ばくだん", exceptions=["そばくだんご"])
    read.clear()
    event.listen(engine, "before_cursor_execute", note_reads)
    try:
        for body in ("ばくだん", "そばくだんご", "そら", "ばく・だん"):
            await world.post(author, lounge, body=body)
        assert (len(built), len(read)) == (1, 1)
        await ban(admin, "そら")
        read.clear()
        await world.post(author, lounge, body="そら")
        assert (len(built), len(read)) == (2, 1)
    finally:
        event.remove(engine, "before_cursor_execute", note_reads)


async def test_without_a_version_row_the_list_still_applies(world: World) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん")
    async with world.runtime.unit_of_work() as ctx:
        await ctx.session.execute(text("DELETE FROM banned_words_version"))
    assert await moderation(world, author, "ばくだん") == "held"
    await ban(admin, "そら")
    assert await moderation(world, author, "ばくだん") == "visible"
    assert await moderation(world, author, "そら") == "held"
