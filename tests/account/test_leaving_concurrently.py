"""Leaving while others write, by several users at the same time, and with a lot of content."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text

from app.account.jobs import JOBS
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.counts import wrong_counts
from tests.support.jobs import run_jobs
from tests.support.leaving import MANY, PEOPLE, leave, leaving
from tests.support.moderating import ban
from tests.support.notifications import unread_count
from tests.support.owners import marks_of
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, rows_changed, sql
from tests.support.statements import statements
from tests.support.world import World

_COUNTED = "deleted_at IS NULL AND moderation = 'visible'"


async def test_a_double_tap_deletes_the_account_once(committed_world: World) -> None:
    world = committed_world
    member = await world.member()
    await world.post(member)
    answers = await asyncio.gather(*[leaving(member) for _ in range(3)])
    assert Counter(answer.status_code for answer in answers) == {202: 1, 401: 2}
    assert await count(world, "pgqueuer", "entrypoint = 'account.erase'") == 1


async def test_replies_to_a_leavers_held_comment_become_visible(world: World) -> None:
    leaver, reader, admin = await world.member(), await world.member(), await world.admin()
    post = await world.post(reader)
    top = await world.comment(leaver, post)
    await world.comment(leaver, post, "自分で", top)
    reply = await world.comment(reader, post, "返信", top)
    await ban(admin, "ばくだん")
    expect(await leaver.patch(f"/comments/{top['id']}", json={"body": "ばくだん"}), 200)
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["comment_count"] == 0
    await leave(leaver)
    assert expect(await reader.get(f"/posts/{post['id']}"), 200)["comment_count"] == 1
    (place,) = await reader.items(f"/posts/{post['id']}/comments")
    assert (place["id"], place["deleted"], place["reply_count"]) == (top["id"], True, 1)
    assert await reader.ids(f"/posts/{post['id']}/comments", parent_id=top["id"]) == [reply["id"]]
    assert await wrong_counts(world) == []


# In order: the first batch of each kind is then about the same posts.
_MANY = """
INSERT INTO lounges (name, name_key, search_vector, description)
SELECT '{mark}' || n, '{mark}' || n, ''::tsvector, 'd' FROM generate_series(1, {number}) n;
INSERT INTO posts (lounge_id, author_id, title, body)
SELECT lounges.id, author.id, 't', 'b'
FROM lounges, (VALUES ('{leaver}'::uuid), ('{reader}'::uuid)) AS author (id)
WHERE name LIKE '{mark}%' ORDER BY lounges.id, author.id;
INSERT INTO lounge_favorites (user_id, lounge_id) SELECT '{leaver}', id FROM lounges ORDER BY id;
INSERT INTO post_likes (user_id, post_id) SELECT '{leaver}', id FROM posts ORDER BY id;
INSERT INTO comments (post_id, author_id, body) SELECT id, '{reader}', 'c' FROM posts ORDER BY id;
INSERT INTO comments (post_id, author_id, body, parent_id)
SELECT post_id, '{leaver}', 'c', id FROM comments ORDER BY id;
INSERT INTO notifications (user_id, type, actor_id, post_id, params)
SELECT '{reader}', 'comment', '{leaver}', id, '{{}}' FROM posts;
UPDATE lounges SET favorite_count = 1, post_count = 2,
       last_posted_at = (SELECT max(created_at) FROM posts WHERE lounge_id = lounges.id);
UPDATE comments SET reply_count = 1 WHERE parent_id IS NULL;
UPDATE posts SET like_count = 1, comment_count = 2;
UPDATE users SET post_count = (SELECT count(*) FROM posts WHERE author_id = users.id)
"""


async def test_leaving_takes_the_same_number_of_statements_for_a_lot_of_content(
    committed_world: World,
) -> None:
    world = committed_world
    costs: list[int] = []
    # The first run fills caches and prepared statements, so its cost is not compared.
    for number in (1, 3, 400):
        leaver, reader = await world.member(), await world.member()
        people = {"leaver": leaver.id, "reader": reader.id, "mark": f"m{number}-"}
        async with beside(world.runtime) as db:
            for statement in _MANY.format(number=number, **people).split(";\n"):
                await db.execute(text(statement))
        with statements(world.runtime) as sent:
            await leave(leaver)
        costs.append(len(sent))
        assert await count(world, "posts", "deleted_at IS NOT NULL") == number
        await run_jobs(world, JOBS)
        left = "author_id = CAST(:id AS uuid)"
        assert await count(world, "comments", left, id=leaver.id) == 0
        assert await wrong_counts(world) == []
        await sql(world, "TRUNCATE lounges, posts, comments CASCADE")
    assert costs[1] == costs[2] < 45


BATCH = 20


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for constant in (
        *("post.repository.leaving.LEAVING_BATCH_ROWS", "post.service.leaving.LEAVING_BATCH_ROWS"),
        "post.repository.visibility.VISIBILITY_BATCH_ROWS",
        "comment.repository.leaving.LEAVING_BATCH_ROWS",
        "comment.repository.visibility.VISIBILITY_BATCH_ROWS",
        "notification.repository.leaving.NOTIFICATION_BATCH_ROWS",
        "user.repository.blocks.BLOCK_BATCH_ROWS",
        "core.idempotency.KEY_BATCH_ROWS",
    ):
        monkeypatch.setattr(f"app.{constant}", BATCH)
    for words in ("post", "comment"):
        monkeypatch.setattr(f"app.{words}.service.author_content.DELETED_AT_ONCE", BATCH)
    monkeypatch.setattr("app.image.service.images.ERASE_BATCH", BATCH)
    monkeypatch.setattr("app.lounge.service.FORGOTTEN_AT_ONCE", BATCH)


async def with_a_lot(world: World, number: int) -> tuple[Api, Api]:
    """A user who will leave, with so much of each kind, and a reader."""
    leaver, reader = await world.member(), await world.member()
    people = {"leaver": leaver.id, "reader": reader.id, "mark": f"m{number}-"}
    async with beside(world.runtime) as db:
        for statement in _MANY.format(number=number, **people).split(";\n"):
            await db.execute(text(statement))
    return leaver, reader


@pytest.mark.usefixtures("small_batches")
async def test_a_lot_of_content_is_out_of_sight_at_once_and_deleted_by_jobs(
    committed_world: World,
) -> None:
    world, number = committed_world, 2 * BATCH
    leaver, reader = await with_a_lot(world, number)
    await leave(leaver)
    assert await wrong_counts(world) == []
    assert await count(world, "posts", _COUNTED) == 2 * number - BATCH
    posts = await reader.items("/posts")
    assert [post["author"]["id"] for post in posts] == [reader.id] * number
    for post in (posts[0], posts[-1]):
        path = f"/posts/{post['id']}/comments"
        (comment,) = await reader.items(path)
        assert await reader.ids(path, parent_id=comment["id"]) == []
    assert await reader.items("/notifications") == []
    assert await unread_count(reader) == 0
    left = "author_id = CAST(:id AS uuid)"
    (hidden, *_) = await sql(
        world, f"SELECT id FROM posts WHERE {_COUNTED} AND {left}", id=leaver.id
    )
    expect(await reader.get(f"/posts/{hidden['id']}"), 404, "post_not_found")
    assert await run_jobs(world, JOBS) > 2
    assert await wrong_counts(world) == []
    for table in ("posts", "comments"):
        assert await count(world, table, left, id=leaver.id) == 0
    for table in ("notifications", "user_departures"):
        assert await count(world, table) == 0


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("joins", ["of the planner's choice", "by nested loops alone"])
async def test_leaving_changes_no_more_rows_for_more_content(world: World, joins: str) -> None:
    """Also where the planner, which knows little of a new table, runs a part again for each row."""
    if joins == "by nested loops alone":
        for way in ("hashjoin", "mergejoin", "material", "memoize", "hashagg", "sort"):
            await sql(world, f"SET LOCAL enable_{way} = off")
    changed: list[int] = []
    for number in (2 * BATCH, 6 * BATCH):
        leaver, _ = await with_a_lot(world, number)
        before = await rows_changed(world)
        await leave(leaver)
        changed.append((await rows_changed(world) - before).total())
        await sql(world, "DELETE FROM comments")
    # A batch of each kind, and of the rows that count it.
    assert max(changed) < 12 * BATCH


async def test_what_is_left_is_erased_while_another_leaves_without_a_deadlock(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have commented on one post, and one of them on a post of the other."""
    world = committed_world
    monkeypatch.setattr("app.comment.service.author_content.DELETED_AT_ONCE", 2)
    leaver, other, stayer = [await world.member() for _ in range(3)]
    both, own = await world.post(stayer), await world.post(leaver)
    for _ in range(3):
        await world.comment(leaver, both)
    for post in (own, both):
        await world.comment(other, post)
    await leave(leaver)
    async with holding(world, "SELECT FROM posts WHERE id = :id FOR UPDATE", id=both["id"]):
        erasing = start(run_jobs(world, JOBS))
        await until_waiting(world)
        going = start(leaving(other))
        await until_waiting(world, 2)
    assert (await going).status_code == 202
    await erasing
    await run_jobs(world, JOBS)
    assert await wrong_counts(world) == []
    assert await count(world, "users", "left_at IS NOT NULL") == 0


async def test_leaving_does_not_wait_for_posts_that_count_nothing_of_it(
    committed_world: World,
) -> None:
    """A comment that is held counts nowhere."""
    world = committed_world
    leaver, stayer = await world.member(), await world.member()
    post = await world.post(stayer)
    await ban(await world.admin(), "ばくだん")
    await world.comment(leaver, post, "ばくだん")
    async with holding(world, "SELECT FROM posts WHERE id = :id FOR UPDATE", id=post["id"]):
        await leave(leaver)
    await run_jobs(world, JOBS)
    assert await wrong_counts(world) == []


# A post that is deleted with marks on it would delete them by its foreign keys.
_CHECK = """
CREATE FUNCTION check_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM gone) > {batch} OR EXISTS (
        SELECT FROM gone WHERE NOT EXISTS (SELECT FROM posts WHERE id = gone.post_id)
    ) THEN
        RAISE 'too many rows of % by one statement, or of posts that are gone: make the class'
            ' of the table a PostMark', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$
"""
_TRIGGERS = [
    f"CREATE TRIGGER few AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION check_marks()"
    for table in marks_of("post_id")
]
_MARKS = (
    f"{PEOPLE} INSERT INTO {{table}} (user_id, post_id)"
    " SELECT people.id, posts.id FROM people, posts"
)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("table", marks_of("post_id"))
async def test_marks_of_others_are_deleted_in_batches_before_the_posts(
    world: World, table: str
) -> None:
    leaver = await world.member()
    for _ in range(2):
        await world.post(leaver)
    await sql(world, _MARKS.format(number=2 * BATCH, table=table))
    for statement in (_CHECK.format(batch=BATCH), *_TRIGGERS):
        await sql(world, statement)
    await leave(leaver)
    assert await run_jobs(world, JOBS) > 0
    assert await count(world, "posts") == await count(world, table) == 0


_FEW = """
CREATE FUNCTION check_few() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM gone) > {batch} THEN
        RAISE 'too many rows of % by one statement: delete them in batches before (marks of posts:'
            ' a PostMark)', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$
"""


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("table", MANY)
async def test_what_a_user_has_many_of_is_deleted_in_batches(world: World, table: str) -> None:
    leaver = await world.member()
    await world.lounge()
    await sql(world, MANY[table].format(number=2 * BATCH, leaver=leaver.id))
    await sql(world, _FEW.format(batch=BATCH))
    await sql(
        world,
        f"CREATE TRIGGER few AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone"
        " FOR EACH STATEMENT EXECUTE FUNCTION check_few()",
    )
    await leave(leaver)
    assert await run_jobs(world, JOBS) > 0
    assert await count(world, table) == 0
    assert await count(world, "users", "id = CAST(:id AS uuid)", id=leaver.id) == 0
