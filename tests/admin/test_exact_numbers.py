"""Daily numbers are exact: a plain count of all rows gives the same."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.admin.service.console import numbers as numbers_service
from tests.admin.numbers import JAPAN, counted_until, day_of, store
from tests.support.sql import sql
from tests.support.world import World

KINDS = ("active", "returned_1", "returned_7", "returned_30", "pushes_sent", "pushes_opened")
_FACTS = {
    "pushes_sent": "SELECT sent_at AS at, NULL AS asked FROM sent_pushes",
    "pushes_opened": "SELECT opened_at AS at, NULL AS asked FROM notifications"
    " WHERE opened_at IS NOT NULL UNION ALL SELECT opened_at, NULL FROM announcement_marks"
    " WHERE opened_at IS NOT NULL",
    "appeal": "SELECT decided_at AS at, created_at AS asked FROM appeals"
    " WHERE decided_at IS NOT NULL",
    "lounge_request": "SELECT decided_at AS at, created_at AS asked FROM lounge_requests"
    " WHERE status IN ('approved', 'rejected')",
    "report": "SELECT resolved_at AS at, created_at AS asked FROM report_cases"
    " WHERE resolved_at IS NOT NULL",
    "held": "SELECT held_decided_at AS at, coalesce(held_at, created_at) AS asked FROM posts"
    " WHERE held_decided_at IS NOT NULL"
    " UNION ALL SELECT held_decided_at, coalesce(held_at, created_at) FROM comments"
    " WHERE held_decided_at IS NOT NULL",
}


class Facts:
    """Makes rows of every kind at random moments, most of them around Japan's midnights."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)

    def moment(self, since: datetime, until: datetime) -> datetime:
        moment = since + self.random.random() * (until - since)
        midnight = moment.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
        edges = [midnight, midnight - timedelta(microseconds=1), midnight + timedelta(seconds=1)]
        moment = self.random.choice([moment, moment, *edges]).astimezone(UTC)
        return min(max(moment, since), until - timedelta(microseconds=1))

    async def add(self, since: datetime, until: datetime, people: list[str]) -> None:
        for _ in range(self.random.randrange(12)):
            at = self.moment(since, until)
            asked = at - timedelta(seconds=self.random.choice([-30, 0, 1, 60, 5000, 90_000]))
            await getattr(self, self.random.choice(["seen", "pushed", "asked", "case", "held"]))(
                at, asked, self.random.choice(people)
            )

    async def seen(self, at: datetime, _: datetime, who: str) -> None:
        await sql(
            self.world,
            "INSERT INTO active_days VALUES (CAST(:who AS uuid), :day, :at) ON CONFLICT DO NOTHING",
            who=who, day=day_of(at), at=at,
        )  # fmt: skip

    async def pushed(self, at: datetime, *_: object) -> None:
        await sql(self.world, "INSERT INTO sent_pushes VALUES (uuidv7(), :at)", at=at)

    async def asked(self, at: datetime, asked: datetime, who: str) -> None:
        status = self.random.choice(["approved", "rejected", "withdrawn"])
        await sql(
            self.world,
            "INSERT INTO lounge_requests (requester_id, name, name_key, description, reason,"
            " status, created_at, decided_at) VALUES (CAST(:who AS uuid), 'n', 'n', 'd', '',"
            " :status, :asked, :at)",
            who=who, status=status, asked=asked, at=at,
        )  # fmt: skip

    async def case(self, at: datetime, asked: datetime, _: str) -> None:
        await sql(
            self.world,
            "INSERT INTO report_cases (target_type, target_id, status, gravity, reasons,"
            " report_count, snapshot, created_at, due_at, resolved_at) VALUES ('post', uuidv7(),"
            " 'resolved', 1, '{spam}', 1, '{}', :asked, :asked, :at)",
            asked=asked, at=at,
        )  # fmt: skip

    async def held(self, at: datetime, asked: datetime, who: str) -> None:
        edited = self.random.choice([None, asked])
        await sql(
            self.world,
            "INSERT INTO posts (lounge_id, author_id, title, body, created_at, held_at,"
            " held_decided_at) SELECT id, CAST(:who AS uuid), 't', 'b', :asked, :edited, :at"
            " FROM lounges LIMIT 1",
            who=who, asked=asked, edited=edited, at=at,
        )  # fmt: skip


async def plainly(world: World, now: datetime) -> tuple[dict[Any, int], dict[str, list[float]]]:
    """By day and kind, and the times of decisions: counted in Python from all rows."""
    first = day_of(now) - timedelta(days=29)
    numbers: dict[Any, int] = defaultdict(int)
    times: dict[str, list[float]] = defaultdict(list)
    for kind, statement in _FACTS.items():
        for row in await sql(world, statement):
            if day_of(row["at"]) >= first:
                numbers[day_of(row["at"]), kind] += 1
                if row["asked"] is not None:
                    took = (row["at"] - row["asked"]).total_seconds()
                    # A server whose clock is behind that of the database decided it.
                    times[kind].append(max(took, 0))
    seen = "SELECT day, seen_at, role, created_at FROM active_days JOIN users ON id = user_id"
    for row in await sql(world, seen):
        if row["day"] >= first:
            numbers[row["day"], "active"] += 1
            after = (row["day"] - day_of(row["created_at"])).days
            if row["role"] != "guest" and after in (1, 7, 30):
                numbers[row["day"], f"returned_{after}"] += 1
    return numbers, times


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_numbers_are_those_of_a_plain_count_at_every_moment(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # The plain count needs all rows.
    monkeypatch.setattr(numbers_service, "KEPT_FOR", timedelta(days=100))
    await world.lounge()
    facts = Facts(world, seed)
    people = [(await world.member()).id for _ in range(6)] + [(await world.guest()).id]
    await sql(world, "DELETE FROM active_days")
    world.clock.now -= timedelta(days=38)
    await counted_until(world, world.clock() - timedelta(minutes=10))
    for who in people:
        joined = facts.moment(world.clock(), world.clock() + timedelta(days=8))
        await sql(
            world, "UPDATE users SET created_at = :at WHERE id = CAST(:who AS uuid)",
            at=joined, who=who,
        )  # fmt: skip
    for _ in range(38):
        since = world.clock()
        world.clock.advance(hours=facts.random.choice([1, 23, 24, 30]))
        await facts.add(since - timedelta(minutes=5), world.clock(), people)
        if facts.random.random() < 0.6:
            await store(world)
            await store(world)
        if facts.random.random() < 0.3:
            await check(world)
    await check(world)


async def check(world: World) -> None:
    """Compare the numbers with a plain count."""
    numbers, times = await plainly(world, world.clock())
    async with world.runtime.reading() as ctx:
        shown = (await numbers_service.read_months(ctx)).stats
    for day in shown.days:
        for kind in KINDS:
            assert getattr(day, kind) == numbers.get((day.day, kind), 0), (day.day, kind)
    for row in shown.decisions:
        took = times.get(row.kind, [])
        assert row.decided == len(took), row.kind
        if took:
            assert row.mean_seconds == pytest.approx(sum(took) / len(took))
            assert row.longest_seconds == pytest.approx(max(took))
    over = [day for day in shown.days[:-1] if day.active]
    for returns in shown.returns:
        back = sum(getattr(day, f"returned_{returns.after_days}") for day in over)
        assert returns.came_back == back
        joined = [day.day - timedelta(days=returns.after_days) for day in over]
        (signed_up,) = await sql(
            world,
            "SELECT count(*) AS n FROM users WHERE role <> 'guest' AND"
            " CAST(timezone('Asia/Tokyo', created_at) AS date) = ANY(:days)",
            days=joined,
        )
        assert returns.new_people == signed_up["n"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_posts_of_days_that_are_not_over_are_those_of_a_plain_count(
    world: World, seed: int
) -> None:
    lounge, author, chance = await world.lounge(), await world.member(), random.Random(seed)
    world.clock.now -= timedelta(days=4)
    await counted_until(world, world.clock() - timedelta(minutes=10))
    written: dict[date, int] = defaultdict(int)
    for _ in range(60):
        since = world.clock()
        world.clock.advance(minutes=chance.choice([5, 50, 90, 600]))
        for _ in range(chance.randrange(4)):
            at = since + chance.random() * (world.clock() - since)
            written[day_of(at)] += 1
            await sql(
                world,
                "INSERT INTO posts (lounge_id, author_id, title, body, created_at)"
                " VALUES (CAST(:lounge AS uuid), CAST(:author AS uuid), 't', 'b', :at)",
                lounge=lounge["id"], author=author.id, at=at,
            )  # fmt: skip
        if chance.random() < 0.7:
            await store(world)
        if chance.random() < 0.1:
            # The worker of 0.2.2 stores the days that are not over under its own names.
            await sql(
                world,
                "INSERT INTO daily_numbers VALUES (:day, 'posts', 9, 0, 0) ON CONFLICT DO NOTHING",
                day=day_of(world.clock()),
            )
            until = world.clock() - timedelta(minutes=10)
            await sql(world, "UPDATE daily_numbers_counted SET until = :until", until=until)
        async with world.runtime.reading() as ctx:
            shown = (await numbers_service.read_months(ctx)).stats
        assert {day.day: day.posts for day in shown.days if day.posts} == written


async def test_the_work_of_a_run_is_bounded_and_goes_on_where_it_ended(world: World) -> None:
    await counted_until(world, world.clock() - timedelta(days=30))
    reached = []
    for _ in range(4):
        await store(world)
        async with world.runtime.reading() as ctx:
            until = text("SELECT until FROM daily_numbers_counted")
            reached.append(await ctx.db.first(until))
    assert reached[0] == world.clock() - timedelta(days=20)
    assert reached[2] == reached[3] == world.clock() - timedelta(minutes=10)
