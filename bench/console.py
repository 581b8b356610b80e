"""`make bench-console`: the cost of each page of the console with much data, and with little.

It makes two databases on one embedded PostgreSQL: the demo community as `linky dev` makes it, and a
copy with 100,000 users, a million posts, 50,000 reports and so on, made by SQL. It requests the
pages of both in turns, from the same app in this process, so that other load on the machine affects
both. It takes two minutes. The ratios count; it fails if a goal is missed.
"""

import asyncio
import re
import statistics
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from pydantic_settings import SettingsConfigDict
from sqlalchemy import make_url

from app.admin.service import count_numbers, store_finished_days
from app.core import migrations
from app.core.config import Settings
from app.core.logging import configure_logging
from app.main import create_app
from app.operations import embedded
from app.runtime.runtime import Runtime
from linky_dev.seed import seed_if_empty
from tests.support.statements import is_beside, statements

ROUNDS = 40
RUNS_TO_COUNT = 4
"""Until the worker has counted thirty days, ten in one run."""

MAX_STATEMENTS, MAX_RATIO = 6, 1.5
USERS, POSTS, COMMENTS, REPORTS = 100_000, 1_000_000, 200_000, 50_000
PUSHES = 500_000
"""Of the last week. Older ones are deleted."""

PAGES = (
    *("", "/requests", "/requests?status=rejected", "/reports", "/reports?status=resolved"),
    *("/held", "/users", "/users?q=はなこ", "/users/{user}", "/lounges", "/lounges?q=猫"),
    *("/users/{user}/content", "/words", "/reasons", "/jobs", "/settings"),
    *("/audit", "/audit?action=user.changed", "/audit?type=user"),
)
"""Pages that have content in the demo community too."""

DEEP = ("/requests", "/reports", "/held", "/users", "/lounges", "/audit")
"""Lists whose hundredth page is measured too. The demo community has no such page."""

_SHIFT = "n % 400 * interval '-1 day' - n % 1439 * interval '1 minute'"
"""Spreads things over 400 days, and over each of these days."""

_FILL = f"""
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';
CREATE TEMP TABLE people AS
SELECT uuidv7({_SHIFT}) AS id, n FROM generate_series(1, {USERS}) n;
CREATE UNIQUE INDEX ON people (n);
INSERT INTO users (id, provider, email, nickname, role, status, post_count, created_at)
SELECT id, CASE WHEN n % 4 = 0 THEN 'guest' ELSE 'email' END,
       CASE WHEN n % 4 <> 0 THEN 'user' || n || '@example.com' END, 'ユーザー' || n,
       CASE WHEN n % 4 = 0 THEN 'guest' ELSE 'user' END,
       CASE WHEN n % 500 = 0 THEN 'suspended' ELSE 'active' END, 10,
       uuid_extract_timestamp(id)
FROM people;
CREATE TEMP TABLE rooms AS SELECT uuidv7() AS id, n FROM generate_series(1, 2000) n;
INSERT INTO lounges (id, name, name_key, search_vector, description, post_count, closed_at)
SELECT id, 'ラウンジ' || n, 'ラウンジ' || n, linky_bigrams('ラウンジ' || n),
       '計測のための部屋です。', 500, CASE WHEN n % 40 = 0 THEN now() END
FROM rooms;
INSERT INTO posts (id, lounge_id, author_id, title, body, moderation,
                   created_at)
SELECT made.id, rooms.id, people.id, '題名' || made.n, '今日は静岡の深蒸し茶を飲みました。',
       CASE WHEN made.n % 500 = 0 THEN 'held' WHEN made.n % 500 = 1 THEN 'hidden'
            ELSE 'visible' END,
       uuid_extract_timestamp(made.id)
FROM (SELECT uuidv7({_SHIFT}) AS id, n FROM generate_series(1, {POSTS}) n) made
JOIN people ON people.n = 1 + made.n % {USERS} JOIN rooms ON rooms.n = 1 + made.n % 2000;
CREATE TEMP TABLE some_posts AS
SELECT id, row_number() OVER () AS n
FROM posts WHERE title LIKE '題名%' LIMIT {COMMENTS};
CREATE UNIQUE INDEX ON some_posts (n);
INSERT INTO comments (id, post_id, author_id, body, moderation, created_at)
SELECT made.id, some_posts.id, people.id, 'おいしそうですね。',
       CASE WHEN made.n % 200 = 0 THEN 'held' ELSE 'visible' END, uuid_extract_timestamp(made.id)
FROM (SELECT uuidv7({_SHIFT}) AS id, n FROM generate_series(1, {COMMENTS}) n)
     made
JOIN people ON people.n = 1 + made.n % {USERS} JOIN some_posts ON some_posts.n = made.n;
CREATE TEMP TABLE cases AS
SELECT uuidv7({_SHIFT}) AS id, n FROM generate_series(1, {REPORTS // 2}) n;
INSERT INTO report_cases (id, target_type, target_id, author_id, status, resolution, gravity,
                          reasons, report_count, snapshot, created_at, due_at, resolved_at)
SELECT cases.id, 'post', some_posts.id, people.id,
       CASE WHEN cases.n % 3 = 0 THEN 'open' ELSE 'resolved' END,
       CASE WHEN cases.n % 3 <> 0 THEN 'dismiss' END, cases.n % 9 + 1,
       ARRAY['spam', 'abuse'], 2,
       jsonb_build_object('id', some_posts.id, 'title', '題名', 'author', people.n::text,
                          'body', '今日は静岡の深蒸し茶を飲みました。'),
       uuid_extract_timestamp(cases.id),
       uuid_extract_timestamp(cases.id) + interval '1 day',
       CASE WHEN cases.n % 3 <> 0 THEN uuid_extract_timestamp(cases.id) + interval '5 hours' END
FROM cases JOIN some_posts ON some_posts.n = cases.n
JOIN people ON people.n = 1 + cases.n % 5000;
INSERT INTO reports (case_id, reporter_id, target_type, target_id, reason, detail, created_at)
SELECT report_cases.id, people.id, 'post', target_id, 'spam', '毎日同じ宣伝を貼っています。',
       created_at
FROM report_cases JOIN cases ON cases.id = report_cases.id JOIN people ON people.n <= 2;
INSERT INTO lounge_requests (requester_id, name, name_key, description, reason, status,
                             reject_reason, created_at, decided_at)
SELECT people.id, '希望' || people.n, '希望' || people.n, '計測のための申請です。', '話したい',
       (ARRAY['pending', 'approved', 'rejected', 'withdrawn'])[1 + people.n % 4],
       CASE WHEN people.n % 4 = 2 THEN '似た部屋があります。' END,
       uuid_extract_timestamp(people.id),
       CASE WHEN people.n % 4 > 0 THEN uuid_extract_timestamp(people.id) + interval '5 hours' END
FROM people WHERE people.n <= 20000;
INSERT INTO audit_log (actor_id, action, target_type, target_id, reason, before, after, address)
SELECT admin.id, 'user.changed', 'user', people.id, '規約違反のため',
       '{{"status": "active", "role": "user"}}', '{{"status": "suspended", "role": "user"}}',
       '203.0.113.7'
FROM people, (SELECT id FROM users WHERE role = 'admin' LIMIT 1) admin;
INSERT INTO active_days (user_id, day, seen_at)
SELECT id, (seen_at AT TIME ZONE 'Asia/Tokyo')::date, seen_at
FROM (SELECT id, now() - days * interval '1 day' - n % 1440 * interval '1 minute' AS seen_at
      FROM people, generate_series(0, 6) days WHERE n % 3 = 0) visits;
INSERT INTO sent_pushes (push_id, sent_at)
SELECT uuidv7(), now() - n % 10000 * interval '1 minute' FROM generate_series(1, {PUSHES}) n;
INSERT INTO pgqueuer (priority, status, entrypoint, created, updated, execute_after, attempts)
SELECT 0, CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'queued' END::pgqueuer_status,
       'notification.send_push', now(), now(), now() + interval '1 hour', n % 8
FROM generate_series(1, 40) n;
VACUUM ANALYZE;
"""


class BenchSettings(Settings):
    """Settings that ignore the machine's `.env`."""

    model_config = SettingsConfigDict(env_file=None)


@dataclass
class Community:
    """A community, and the browser of a signed-in admin."""

    runtime: Runtime
    http: httpx.AsyncClient
    user: str = ""
    times: dict[str, list[float]] = field(default_factory=dict)

    async def ask(self, page: str) -> str:
        """Request a page, and note its time."""
        path = "/admin" + page.format(user=self.user)
        started = time.perf_counter()
        response = await self.http.get(path)
        self.times.setdefault(page, []).append(1000 * (time.perf_counter() - started))
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return response.text

    async def count(self, page: str) -> int:
        """Request a page. Returns the number of its statements."""
        reads: list[str] = []
        reader = self.runtime.reader
        assert reader is not None

        def note(sql: str) -> AbstractContextManager[None]:
            reads.append(sql)
            return nullcontext()

        reader.trace = note
        with statements(self.runtime.engine) as sent:
            await self.ask(page)
        reader.trace = None
        return len(sent) + len([sql for sql in reads if not is_beside(sql)])

    async def sign_in(self, email: str, password: str) -> None:
        shown = (await self.http.get("/admin/sign-in")).text
        token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
        assert token
        form = {"token": token[1], "email": email, "password": password}
        answer = await self.http.post("/admin/sign-in", data=form)
        assert answer.status_code == 303, answer.text
        # Hanako is in both communities. She has posts, and was reported.
        link = re.search(r"/admin/users/([0-9a-f-]{36})", await self.ask("/users?q=はなこ"))
        assert link
        self.user = link[1]


async def open_community(settings: Settings, url: str, account: tuple[str, str]) -> Community:
    app = create_app(settings)
    app.state.runtime = runtime = Runtime.build(settings, url)
    async with runtime.unit_of_work() as ctx:
        # The worker does this each hour, and every five minutes.
        await store_finished_days(ctx)
    for _ in range(RUNS_TO_COUNT):
        async with runtime.unit_of_work() as ctx:
            await count_numbers(ctx)
    transport = httpx.ASGITransport(app)
    community = Community(
        runtime, httpx.AsyncClient(transport=transport, base_url=settings.base_url)
    )
    await community.sign_in(*account)
    return community


async def make_databases(settings: Settings, url: str) -> tuple[str, str, tuple[str, str]]:
    """The URLs of the small and the big database, and the admin's address and password."""
    runtime = Runtime.build(settings, url)
    accounts = await seed_if_empty(runtime)
    await runtime.close()
    email, password = next((email, word) for role, email, word in accounts if role == "admin")
    server = make_url(url).set(drivername="postgresql", database="postgres")
    await execute(server.render_as_string(False), "CREATE DATABASE volume TEMPLATE linky")
    big = make_url(url).set(database="volume").render_as_string(hide_password=False)
    await execute(big.replace("+asyncpg", ""), _FILL)
    return url, big, (email, password)


async def execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in script.strip().strip(";").split(";\n"):
            await connection.execute(statement, timeout=600)
    finally:
        await connection.close()


async def compare(demo: Community, big: Community) -> list[str]:
    """Request every page from both, and print the costs. Returns the pages that miss a goal."""
    for page in PAGES:
        await demo.ask(page), await big.ask(page)
    counts = {page: await big.count(page) for page in PAGES}
    demo.times, big.times = {}, {}
    for number in range(ROUNDS):
        for page in PAGES:
            for community in (demo, big) if number % 2 else (big, demo):
                await community.ask(page)
    print(f"{'page':32}{'demo':>16}{'volume':>16}{'ratio':>8}{'statements':>12}")
    missed = []
    for page in PAGES:
        small, large = demo.times[page], big.times[page]
        ratio = statistics.median(large) / statistics.median(small)
        shown = f"/admin{page}"
        print(f"{shown:32}{ms(small):>16}{ms(large):>16}{ratio:>8.2f}{counts[page]:>12}")
        if ratio > MAX_RATIO or counts[page] > MAX_STATEMENTS:
            missed.append(shown)
    return missed


async def compare_deep(big: Community) -> list[str]:
    """Compare the hundredth page of each list with its first."""
    print(f"{'a hundred pages on':32}{'first':>16}{'hundredth':>16}{'ratio':>8}")
    missed = []
    for page in DEEP:
        deep = page
        for _ in range(100):
            cursor = re.search(r'name="cursor" value="([^"]+)"', await big.ask(deep))
            if cursor is None:
                break
            deep = f"{page}?cursor={cursor[1]}"
        for _ in range(ROUNDS // 2):
            await big.ask(page), await big.ask(deep)
        first, last = (big.times[each][-ROUNDS // 2 :] for each in (page, deep))
        ratio = statistics.median(last) / statistics.median(first)
        print(f"{'/admin' + page:32}{ms(first):>16}{ms(last):>16}{ratio:>8.2f}")
        if ratio > MAX_RATIO:
            missed.append(f"/admin{page}, a hundred pages on")
    return missed


def ms(times: list[float]) -> str:
    """The median, and half the distance between the quartiles."""
    low, middle, high = statistics.quantiles(times, n=4)
    return f"{middle:.1f} ± {(high - low) / 2:.1f} ms"


async def measure(folder: Path, url: str) -> list[str]:
    settings = BenchSettings(
        data_dir=folder, jwt_keys=("bench:" + "b" * 40,), rate_limits="off", log_level="error"
    )
    started = time.monotonic()
    *urls, account = await make_databases(settings, url)
    print(f"made in {time.monotonic() - started:.0f} s", file=sys.stderr)
    demo, big = [await open_community(settings, url, account) for url in urls]
    missed = await compare(demo, big) + await compare_deep(big)
    for community in (demo, big):
        await community.http.aclose()
        await community.runtime.close()
    return missed


def main() -> None:
    configure_logging("error", as_json=False)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = embedded.acquire(Path(folder))
        try:
            migrations.upgrade(url)
            missed = asyncio.run(measure(Path(folder), url))
        finally:
            embedded.release()
    print(f"goals: within {MAX_RATIO} times, {MAX_STATEMENTS} statements", file=sys.stderr)
    if missed:
        raise SystemExit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
