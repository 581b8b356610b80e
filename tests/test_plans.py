"""PostgreSQL's plans for the hot lists, and for writes: none reads a whole table.

Each test uses a copy of one filled database, with the pools of the real app.
"""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import make_url

from app.notification.service.notifications import NotificationService
from tests.support.api import Api, expect
from tests.support.database import copy_template, drop_database
from tests.support.people import PASSWORD, hash_of_password
from tests.support.sql import execute, sql
from tests.support.statements import explain, nodes, statements
from tests.support.warm_database import WarmDatabase
from tests.support.world import World, token

pytestmark = pytest.mark.anyio

READER, WRITER, LOUNGE, FULL_LOUNGE, POST = (
    f"00000000-0000-7000-8000-{n:012}" for n in range(1, 6)
)

_FEW = f"""
INSERT INTO users (id, provider, email, password_hash, nickname, role)
VALUES ('{READER}', 'email', 'reader@example.com', '{{password_hash}}', 'reader', 'user'),
       ('{WRITER}', 'email', 'writer@example.com', '{{password_hash}}', 'writer', 'user');
INSERT INTO lounges (id, name, name_key, search_vector, description)
VALUES ('{LOUNGE}', 'few', 'few', array_to_tsvector(ARRAY['few']), 'd'),
       ('{FULL_LOUNGE}', 'l1', 'l1', array_to_tsvector(ARRAY['l']), 'd');
INSERT INTO posts (id, lounge_id, author_id, title, body)
VALUES ('{POST}', '{LOUNGE}', '{WRITER}', 'few', 'b');
"""
_BULK = f"""
INSERT INTO users (provider, nickname, role)
SELECT 'guest', 'g' || n, 'guest' FROM generate_series(1, 1000) n;
CREATE TEMP TABLE people AS
SELECT id, row_number() OVER () AS n FROM users WHERE provider = 'guest';
INSERT INTO user_blocks (blocker_id, blocked_id)
SELECT a.id, b.id FROM people a JOIN people b ON b.n = a.n % 900 + 5;
INSERT INTO lounges (name, name_key, search_vector, description)
SELECT 'l' || n, 'l' || n, array_to_tsvector(ARRAY['l']), 'd' FROM generate_series(2, 3000) n;
INSERT INTO posts (lounge_id, author_id, title, body)
SELECT (SELECT id FROM lounges WHERE name_key = 'l' || (1 + n % 20)),
       id, 't', 'b'
FROM people, generate_series(1, 6) AS round;
INSERT INTO comments (post_id, author_id, body)
SELECT '{POST}'::uuid, id, 'c' FROM people, generate_series(1, 3);
INSERT INTO comments (post_id, author_id, body)
SELECT id, author_id, 'c' FROM posts;
INSERT INTO notifications
    (user_id, type, actor_id, post_author_id, post_id, comment_id, params)
SELECT CASE WHEN round % 2 = 0 THEN '{READER}'::uuid ELSE '{WRITER}'::uuid END, 'comment',
       author_id, '{WRITER}'::uuid, post_id, id, '{{}}'
FROM comments, generate_series(1, 2) AS round WHERE post_id = '{POST}';
INSERT INTO post_mutes (user_id, post_id)
SELECT people.id, posts.id FROM people JOIN posts ON posts.author_id <> people.id
WHERE posts.title = 't' LIMIT 3000;
ANALYZE;
"""
_MANY_USERS_AND_IMAGES = """
WITH many AS (
    INSERT INTO users (provider, nickname, role)
    SELECT 'guest', 'g' || n, 'guest' FROM generate_series(1, 20000) n RETURNING id
)
INSERT INTO images (owner_id, key, thumbnail_key, width, height, blurhash)
SELECT id, 'k' || id, 't' || id, 1, 1, 'b' FROM many
"""
_MANY_NOTIFICATIONS = """
INSERT INTO notifications (user_id, type, post_id, comment_id, params)
SELECT posts.author_id, 'comment', post_id, comments.id, '{}'
FROM posts JOIN comments ON post_id = posts.id, generate_series(1, 5) WHERE title = 't'
"""
BIG = {"posts", "comments", "notifications"}


@pytest.fixture(scope="module")
async def filled(server_url: str) -> AsyncIterator[str]:
    """The name of a database with many rows."""
    name = f"filled_{token()}"
    url = await copy_template(server_url, name)
    await execute(url, _FEW.format(password_hash=hash_of_password(PASSWORD)), _BULK)
    yield name
    await drop_database(server_url, name)


@pytest.fixture
async def committed_database(server_url: str, filled: str) -> AsyncIterator[WarmDatabase]:
    """The database of `committed_world`: a copy, which is not used again."""
    url = await copy_template(server_url, f"copy_{token()}", filled)
    database = WarmDatabase(url)
    yield database
    await database.close()
    await drop_database(server_url, str(make_url(url).database))


async def signed_in(world: World) -> Api:
    """The reader."""
    api = world.anonymous()
    api.email, api.password = "reader@example.com", PASSWORD
    return await world.sign_in(api)


async def test_the_statements_of_a_comment_and_a_post_read_no_whole_table(
    committed_world: World,
) -> None:
    world = committed_world
    reader = await signed_in(world)
    await sql(world, _MANY_USERS_AND_IMAGES)
    await sql(world, "ANALYZE users, images")
    image = await world.image(reader)
    # Warms up connections and caches.
    await world.post(reader, {"id": LOUNGE})
    with statements(world.runtime) as sent:
        await world.comment(reader, {"id": POST})
        await world.post(reader, {"id": LOUNGE}, image_ids=[image["id"]])
    assert len(sent) == 4
    for statement, parameters in sent:
        assert parameters is not None
        plan = await explain(world, statement, [None] * len(parameters), "force_generic_plan")
        scanned = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"}
        assert not scanned & (BIG | {"users", "images", "lounges", "user_blocks", "post_mutes"}), (
            plan
        )


async def test_hot_lists_are_read_along_an_index_with_a_literal_limit(
    committed_world: World,
) -> None:
    world = committed_world
    reader = await signed_in(world)
    paths = (
        "/posts",
        f"/lounges/{FULL_LOUNGE}/posts",
        f"/posts/{POST}/comments",
        "/notifications",
        "/notifications?unread=true",
        "/lounges",
    )
    for path in paths:
        with statements(world.runtime) as sent:
            body = expect(await reader.get(path), 200)
        assert len(body["items"]) == 20, path
        ((statement, parameters),) = sent
        assert re.search(r"LIMIT 21\b", statement), path
        for mode in ("force_custom_plan", "force_generic_plan"):
            plan = await explain(world, statement, parameters, mode, as_reader=True)
            scanned = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"}
            assert not scanned & BIG, (path, mode, plan)
            # A subplan sorts the few images of each post; that is allowed.
            kinds = {n["Node Type"] for n in nodes(plan, within_rows=False)}
            assert not kinds & {"Sort", "Incremental Sort"}, (path, mode, plan)


async def test_marks_read_no_whole_table(committed_world: World) -> None:
    world = committed_world
    reader = await signed_in(world)
    await sql(world, _MANY_NOTIFICATIONS)
    await sql(world, "ANALYZE notifications")
    read, (note, *_) = "/notifications/read", await reader.ids("/notifications")
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"/posts/{POST}/like", {}),
        ("DELETE", f"/posts/{POST}/like", {}),
        ("PUT", f"/lounges/{FULL_LOUNGE}/favorite", {}),
        ("DELETE", f"/lounges/{FULL_LOUNGE}/favorite", {}),
        ("PUT", f"/posts/{POST}/mute", {}),
        ("DELETE", f"/posts/{POST}/mute", {}),
        ("POST", read, {"json": {"ids": [note]}}),
        ("POST", read, {"json": {"all": True}}),
    ]
    for method, path, form in calls:
        with statements(world.runtime) as sent:
            expect(await reader.call(method, path, **form), 204)
        statement, parameters = sent[-1]
        plan = await explain(world, statement, [None] * len(parameters), "force_generic_plan")
        scanned = {n["Relation Name"] for n in nodes(plan) if n["Node Type"] == "Seq Scan"}
        assert not scanned & (BIG | {"lounges", "users", "post_mutes"}), (path, plan)


async def test_telling_looks_notifications_up_one_thing_after_the_other(
    committed_world: World,
) -> None:
    """It ends when it has a batch. A sort would first read the notifications about all of them."""
    world = committed_world
    await sql(world, _MANY_NOTIFICATIONS)
    await sql(world, "ANALYZE notifications")
    for about, table in (("post_ids", "posts"), ("comment_ids", "comments")):
        ids = [row["id"] for row in await sql(world, f"SELECT id FROM {table} LIMIT 200")]
        with statements(world.runtime) as sent:
            async with world.runtime.writing() as ctx:
                await ctx.service(NotificationService).publish_changed(**{about: ids})
                await ctx.transaction.rollback()
        statement, parameters = next(each for each in sent if "AS of_one" in each[0])
        plan = await explain(world, statement, [None] * len(parameters), "force_generic_plan")
        kinds = [node["Node Type"] for node in nodes(plan)]
        assert "Nested Loop" in kinds, plan
        assert "Seq Scan" not in kinds, plan
