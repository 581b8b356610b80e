"""`make bench-hiding`: what other requests lose while a job hides all that a user wrote.

A server and a worker run on one embedded PostgreSQL. A spammer has 10,000 posts and 2,000 comments.
A reader requests a lounge's posts and writes comments in it, in rounds: while the job hides, while
it shows again, and while it rests. It takes some two minutes. The ratio of the medians counts.
"""

import asyncio
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx

from app.operations import embedded
from app.sanction.service import SETTLE_CONTENT
from tests.support.installation import admin_of, copy_installation
from tests.support.much_content import add_much_content
from tests.support.person import Person
from tests.support.server import LINKY, ROOT, Server
from tests.support.sql import execute

POSTS, COMMENTS = 10_000, 2_000
ROUNDS = 1
"""Of hiding and showing, each between two stretches of rest."""

REST_SECONDS = 8.0
PAUSE_SECONDS = 0.01
"""Between two requests of the reader: a server at its limit would measure that limit."""

GOAL = 1.2
_DUE = f"""
SELECT count(*) FROM pgqueuer WHERE entrypoint = '{SETTLE_CONTENT}'
AND (status <> 'queued' OR execute_after <= now() + interval '10 seconds')
"""


COUNTS = (
    "UPDATE users SET post_count = (SELECT count(*) FROM posts WHERE author_id = users.id)",
    "UPDATE lounges SET post_count = (SELECT count(*) FROM posts WHERE lounge_id = lounges.id)",
    "UPDATE comments SET reply_count = 2 WHERE parent_id IS NULL",
    "UPDATE posts SET comment_count = 6000 WHERE title LIKE '他%'",
)
"""They need not be exact here. `linky recount` would take a minute."""


@dataclass
class Times:
    """How long the answers took, in milliseconds, beside the job and without it."""

    beside: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(self.beside) / statistics.median(self.alone)


class Reader:
    """A user who reads and comments in another lounge than the spammer's."""

    def __init__(self, server: Server, person: Person, lounge: str, post: str) -> None:
        headers = {"Authorization": f"Bearer {person.access}"}
        self._http = httpx.Client(base_url=server.url, headers=headers, timeout=30)
        self._posts = f"/api/v1/lounges/{lounge}/posts"
        self._comments = f"/api/v1/posts/{post}/comments"
        self.reads, self.writes = Times(), Times()

    def act(self, *, beside: bool) -> None:
        """One read and one write."""
        for times, method, path, form in (
            (self.reads, "GET", self._posts, None),
            (self.writes, "POST", self._comments, {"body": "おいしそう"}),
        ):
            started = time.perf_counter()
            answer = self._http.request(method, path, json=form)
            took = 1000 * (time.perf_counter() - started)
            assert answer.is_success, answer.text
            (times.beside if beside else times.alone).append(took)
            time.sleep(PAUSE_SECONDS)


async def due(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(_DUE))
    finally:
        await connection.close()


def act_until_done(reader: Reader, url: str) -> float:
    """Act while the job works. Returns how many seconds it took."""
    started = time.monotonic()
    while asyncio.run(due(url)):
        for _ in range(10):
            reader.act(beside=True)
    return time.monotonic() - started


def act_at_rest(reader: Reader) -> None:
    until = time.monotonic() + REST_SECONDS
    while time.monotonic() < until:
        reader.act(beside=False)


def measure(folder: Path) -> list[Times]:
    data_dir = folder / "data"
    copy_installation(folder / "shared", data_dir)
    url = embedded.acquire(data_dir).replace("+asyncpg", "")
    api = Server(data_dir, [LINKY, "serve"], LINKY_WORKER="apart", LINKY_LOG_LEVEL="warning")
    worker = Server(data_dir, [LINKY, "worker"], LINKY_LOG_LEVEL="warning")
    try:
        api.launch()
        worker.launch()
        api.wait_until("ready", lambda: api.readiness() == 200)
        return measure_between(api, url)
    finally:
        worker.clean_up()
        api.clean_up()
        embedded.release(data_dir)


def measure_between(api: Server, url: str) -> list[Times]:
    admin = admin_of(api.url)
    spammer, other = (Person(api.url, name).register() for name in ("宣伝", "健太"))
    lounges = admin.open_lounge("前"), admin.open_lounge("後")
    quiet = admin.open_lounge("静かな部屋")
    posts = [other.publish(quiet, f"お茶 {number}") for number in range(30)]
    crowded = other.publish(lounges[1], "他の人の投稿")
    asyncio.run(
        add_much_content(
            url, spammer.id, other.id, lounges=lounges, other_post=crowded["id"],
            posts=POSTS, comments=COMMENTS,
        )
    )  # fmt: skip
    asyncio.run(execute(url, *COUNTS))
    reader = Reader(api, other, quiet, posts[-1]["id"])
    for _ in range(100):
        reader.act(beside=False)
    reader.reads, reader.writes = Times(), Times()
    forms = (
        ("hidden", {"status": "suspended", "hide_content": True, "reason": "規約違反"}),
        ("shown again", {"status": "active", "reason": "誤りでした"}),
    )
    for _ in range(ROUNDS):
        for done, form in forms:
            act_at_rest(reader)
            admin.call("PATCH", f"/admin/users/{spammer.id}", 200, json=form)
            seconds = act_until_done(reader, url)
            print(f"{POSTS:,} posts {done} in {seconds:.0f} s", file=sys.stderr)
    act_at_rest(reader)
    for name, times in (("read", reader.reads), ("comment", reader.writes)):
        alone, beside = statistics.median(times.alone), statistics.median(times.beside)
        print(f"a {name}: {alone:.1f} ms, beside the job {beside:.1f} ms, ratio {times.ratio:.2f}")
    return [reader.reads, reader.writes]


def main() -> None:
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        measured = measure(Path(folder))
    print(f"goal: within {GOAL} times", file=sys.stderr)
    if max(times.ratio for times in measured) > GOAL:
        raise SystemExit("missed")


if __name__ == "__main__":
    main()
