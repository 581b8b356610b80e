"""The words of posts move to a table of their own, while the previous release writes posts."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import make_url

from app.core import migrations
from app.core.migrations import Revision
from tests.support.database import EMPTY, fresh_database
from tests.support.sql import execute, fetch, rows
from tests.support.waiting import HANG_SECONDS
from tests.support.world import token

pytestmark = pytest.mark.usefixtures("migrations_loaded_once")

OLD = 2_500
"""More than two batches of the fill."""

_BEFORE = f"""
INSERT INTO users (provider, nickname, role) VALUES ('guest', 'g', 'user');
INSERT INTO lounges (name, name_key, search_vector, description) VALUES ('l', 'l', '', 'd');
INSERT INTO posts (lounge_id, author_id, title, body, search_text, search_vector, deleted_at)
SELECT lounges.id, users.id, 't' || n, 'b', 't' || n || E'\\nb', '',
       CASE WHEN n % 10 = 0 THEN now() END
FROM users, lounges, generate_series(1, {OLD}) n
"""
_WRITE = """
INSERT INTO posts (lounge_id, author_id, title, body, search_text, search_vector)
SELECT lounge_id, author_id, 'new', 'b', E'new\\nb', '' FROM posts LIMIT 1 RETURNING id
"""
_SOME = (
    "SELECT id FROM posts WHERE deleted_at IS NULL AND title LIKE 't%' ORDER BY random() LIMIT 1"
)
_CHANGE_ONE = f"UPDATE posts SET search_text = E'tt\nb' WHERE id = ({_SOME})"
_DELETE_ONE = f"""
UPDATE posts SET search_text = E'\n', deleted_at = now(), title = '', body = ''
WHERE id = ({_SOME})
"""
_DIFFERENT = """
SELECT FROM posts FULL JOIN post_search AS words ON words.post_id = posts.id
WHERE (posts.deleted_at IS NULL) IS DISTINCT FROM (words.post_id IS NOT NULL)
   OR words.search_text <> posts.search_text OR words.lounge_id <> posts.lounge_id
"""
_TEXT = "SELECT search_text FROM post_search WHERE post_id = $1"


@pytest.fixture(scope="module")
def old(server_url: str) -> Iterator[str]:
    """A database of the previous release, with posts. Tests use copies of it."""
    with fresh_database(server_url, f"old_{token()}", EMPTY) as url:
        command.upgrade(migrations.alembic_config(url), "0017")
        asyncio.run(execute(url, _BEFORE))
        yield url


@pytest.fixture(scope="module")
def filled(server_url: str, old: str) -> Iterator[str]:
    """The same after the first migration."""
    with fresh_database(server_url, f"filled_{token()}", str(make_url(old).database)) as url:
        command.upgrade(migrations.alembic_config(url), "0022")
        yield url


@pytest.fixture
def url(copy_of: Callable[[str], str], filled: str) -> str:
    return copy_of(filled)


def words_of(url: str, post_id: UUID) -> list[str]:
    return [row["search_text"] for row in rows(url, _TEXT, post_id)]


def test_all_posts_that_are_not_deleted_are_copied(url: str) -> None:
    assert rows(url, _DIFFERENT) == []
    assert rows(url, "SELECT FROM post_search") != []


def test_what_the_release_before_writes_is_copied_and_what_it_deletes_goes(url: str) -> None:
    (row,) = rows(url, _WRITE)
    assert words_of(url, row["id"]) == ["new\nb"]
    change = "UPDATE posts SET search_text = E'changed\\nb' WHERE id = $1"
    rows(url, change, row["id"])
    assert words_of(url, row["id"]) == ["changed\nb"]
    rows(url, "UPDATE posts SET comment_count = 1 WHERE id = $1", row["id"])
    delete = "UPDATE posts SET search_text = E'\\n', deleted_at = now() WHERE id = $1"
    rows(url, delete, row["id"])
    assert words_of(url, row["id"]) == []


def test_what_is_written_while_the_table_is_filled_is_there_in_the_end(
    copy_of: Callable[[str], str], old: str
) -> None:
    url = copy_of(old)
    begun, ended = threading.Event(), threading.Event()
    writing = threading.Thread(target=_write_until, args=(url, begun, ended))
    writing.start()
    try:
        assert begun.wait(HANG_SECONDS)
        command.upgrade(migrations.alembic_config(url), "0022")
    finally:
        ended.set()
        writing.join()
    assert rows(url, "SELECT FROM posts WHERE title = 'new'") != []
    assert rows(url, _DIFFERENT) == []


def _write_until(url: str, begun: threading.Event, ended: threading.Event) -> None:
    """Write, change and delete posts as the previous release does."""
    while not ended.is_set():
        rows(url, _WRITE)
        begun.set()
        rows(url, _CHANGE_ONE)
        rows(url, _DELETE_ONE)


def test_this_release_writes_posts_without_the_old_columns(url: str) -> None:
    write = """
        INSERT INTO posts (lounge_id, author_id, title, body)
        SELECT lounge_id, author_id, 'new', 'b' FROM posts LIMIT 1 RETURNING id
    """
    (row,) = rows(url, write)
    assert words_of(url, row["id"]) == []


def test_the_fill_can_be_repeated_and_keeps_what_is_newer(url: str) -> None:
    (row,) = rows(url, "SELECT post_id FROM post_search LIMIT 1")
    rows(url, "UPDATE post_search SET search_text = 'newer' WHERE post_id = $1", row["post_id"])
    fill = (migrations.ROOT / "migrations/sql/post_search_fill.sql").read_text(encoding="utf-8")
    asyncio.run(execute(url, "DELETE FROM post_search WHERE search_text LIKE 't1%'", fill))
    assert words_of(url, row["post_id"]) == ["newer"]
    (left,) = rows(url, "SELECT count(*) AS n FROM post_search")
    assert left["n"] == OLD - OLD // 10


def the_contract() -> str:
    """A contract gets a new id when a migration comes before it."""
    (file,) = (migrations.ROOT / "migrations" / "versions").glob("*_post_search_alone.py")
    return file.name.partition("_")[0]


def test_the_old_columns_go_and_come_back(url: str) -> None:
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'posts'::regclass AND attnum > 0"

    async def names() -> set[str]:
        return {row["attname"] for row in await fetch(url, columns)}

    config = migrations.alembic_config(url)
    command.upgrade(config, the_contract())
    assert not {"search_text", "search_vector"} & asyncio.run(names())
    command.downgrade(config, "0022")
    wrong = """
        SELECT FROM posts JOIN post_search AS words ON words.post_id = posts.id
        WHERE words.search_text <> posts.search_text OR NOT search_vector @@ '''t1'':* | ''t2'':*
              | ''t'':*'::tsquery
    """
    assert rows(url, wrong) == []
    (row,) = rows(url, _WRITE)
    assert words_of(url, row["id"]) == ["new\nb"]


def test_what_the_release_before_needs_stays_until_it_is_asked_to_go(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def revision() -> str:
        (row,) = rows(url, "SELECT version_num FROM alembic_version")
        return str(row["version_num"])

    monkeypatch.setattr(migrations, "needed", lambda: "0022")
    migrations.upgrade(url, contract=False)
    assert revision() == "0022"
    migrations.upgrade(url)
    assert revision() == migrations.head()
    migrations.upgrade(url, contract=False)
    assert revision() == migrations.head()


def test_an_empty_database_gets_all_migrations(make_database: Callable[[], str]) -> None:
    url = make_database()
    migrations.upgrade(url, contract=False)
    (row,) = rows(url, "SELECT version_num FROM alembic_version")
    assert row["version_num"] == migrations.head()


@pytest.mark.parametrize(
    ("contracts", "needed"),
    [([False, False], "r0"), ([True, False], "r1"), ([True, True, False], "r2")],
)
def test_revisions_at_the_end_that_only_remove_are_not_needed(
    monkeypatch: pytest.MonkeyPatch, contracts: list[bool], needed: str
) -> None:
    line = [Revision(f"r{n}", f"r{n + 1}", each) for n, each in enumerate(contracts)]
    # One that only removes, before one that is needed, does not count.
    line.append(Revision("old", "first", True))
    monkeypatch.setattr(migrations, "newest_first", lambda: tuple(line))
    assert migrations.needed.__wrapped__() == needed
