"""A job erases a leaver's account. A crash during the job only delays the erasure."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import asyncpg

from tests.journey.provider_journey import erasures
from tests.support.person import Person
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.waiting import until
from tests.support.world import picture

LOUNGE = (
    "INSERT INTO lounges (name, name_key, search_vector, description) "
    "VALUES ('部屋', '部屋', ''::tsvector, '') RETURNING id"
)
WAITS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE '%DELETE FROM idempotency_keys%'"
)


def test_an_erasure_is_completed_after_a_crash(tmp_path: Path, own_database: str) -> None:
    server = Server(tmp_path / "data", (*QUICK_LINKY, "serve"), LINKY_DATABASE_URL=own_database)
    try:
        asyncio.run(crash_while_erasing(server.start(), own_database))
    finally:
        server.clean_up()


async def crash_while_erasing(server: Server, url: str) -> None:
    async with asyncpg.create_pool(url.replace("+asyncpg", ""), min_size=1, max_size=2) as database:
        await crash(server, database)


async def crash(server: Server, database: Any) -> None:
    lounge = str(await database.fetchval(LOUNGE))
    leaver, reader = Person(server.url, "去る人").register(), Person(server.url, "人").register()
    image = leaver.upload(picture())
    post = leaver.publish(lounge, "題", image_ids=[image["id"]])
    others_post = reader.publish(lounge, "題")
    leaver.comment(others_post["id"], "言葉")

    async with database.acquire() as holder, holder.transaction():
        # The job waits at this table, after it has erased pictures and posts.
        await holder.execute("LOCK TABLE idempotency_keys IN SHARE MODE")
        leaver.call("DELETE", "/users/me", 202, json={"password": leaver.password})

        async def job_waits() -> bool:
            return bool(await database.fetchval(WAITS))

        await until(job_waits)
        assert server.signal(signal.SIGKILL) == -signal.SIGKILL
    assert await database.fetchval("SELECT count(*) FROM images") == 1
    assert leaver.id not in erasures(server)

    server.start()
    assert reader.code("GET", f"/posts/{post['id']}", 404) == "post_not_found"

    async def jobs_are_done() -> bool:
        return bool(await database.fetchval("SELECT count(*) = 0 FROM pgqueuer"))

    await until(jobs_are_done)
    assert leaver.id in erasures(server)
    for table, column in (("users", "id"), ("posts", "author_id"), ("comments", "author_id")):
        remaining = f"SELECT count(*) FROM {table} WHERE {column} = $1"
        assert await database.fetchval(remaining, leaver.id) == 0, table
    assert await database.fetchval("SELECT count(*) FROM images") == 0
    assert list((server.data_dir / "storage").rglob("*.webp")) == []
    mails = [file.read_bytes() for file in (server.data_dir / "mail").rglob("*.eml")]
    verification_and_farewell = 2
    assert sum(leaver.email.encode() in mail for mail in mails) == verification_and_farewell
