"""The numbers on the console's first page: their charts, with a scale, in both languages."""

import re
from datetime import date, timedelta

import pytest

from app.admin.rows import DayOfStats
from app.console.charts import chart, first_day, round_top
from app.core.days import day_of
from tests.support.console import leads_to, shown, signed_in
from tests.support.fakes import FakeClock
from tests.support.sql import sql
from tests.support.world import World


def test_the_top_of_a_scale_is_round_and_close_to_the_highest_bar() -> None:
    for most in range(5000):
        top = round_top(most)
        assert max(most, 1) <= top
        assert top == 1 or top % 2 == 0
        assert most < 2 or top <= 2 * most


def test_bars_fit_their_scale_and_a_chart_of_nothing_has_one(clock: FakeClock) -> None:
    today = day_of(clock())
    days = [
        DayOfStats(today - timedelta(days=29 - n), 0, n, 0, 0, n % 7, 0, 0, 0, 10 * n, n)
        for n in range(30)
    ]
    made = chart(days, "pushes_sent", "pushes_opened")
    assert made.ticks == [400, 200, 0]
    assert (made.total, made.part, made.today) == (4350, 435, 290)
    for bar in made.bars:
        assert bar.height == pytest.approx(60 * bar.number / 400)
        assert bar.inner == pytest.approx(bar.height / 10)
    nothing = chart(days, "reports")
    assert (nothing.ticks, nothing.most) == ([1, 0], 0)
    assert all(bar.height == 0 for bar in nothing.bars)


def test_nearly_nothing_has_no_percentage_and_days_without_data_no_mean(clock: FakeClock) -> None:
    today = day_of(clock())

    def days(first: int, posts: int) -> list[DayOfStats]:
        return [
            DayOfStats(today - timedelta(days=first - n), 0, posts, 0, 0, 0, 0, 0, 0, 0, 0)
            for n in range(30)
        ]

    def reports(first: int) -> list[DayOfStats]:
        one = DayOfStats(today - timedelta(days=first), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
        return [one, *days(first, 0)[1:]]

    rare = chart(reports(29), "reports", None, reports(59))
    assert rare.mean_before == pytest.approx(1 / 30)
    assert rare.change is None
    posts = chart(days(29, 3), "posts", None, days(59, 2))
    assert posts.change == "+50%"
    empty = [*days(59, 0), *days(29, 0)]
    assert first_day(empty) == date.max
    known = [*days(59, 0), *days(29, 1)]
    assert first_day(known) == today - timedelta(days=29)
    made = chart(known[30:], "posts", None, known[:30], first_day(known))
    assert (made.mean, made.mean_before) == (1, None)


async def test_the_first_page_shows_the_numbers_in_both_languages(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    today = day_of(world.clock())
    for days, active, returned, sent in ((1, 1600, 1, 1234), (0, 800, 0, 100)):
        for kind, number in (
            ("active", active), ("returned_1", returned), ("pushes_sent", sent),
            ("pushes_opened", 55),
        ):  # fmt: skip
            await sql(
                world, "INSERT INTO daily_numbers VALUES (:day, :kind, :number, 0, 0)",
                day=today - timedelta(days=days), kind=kind, number=number,
            )  # fmt: skip
    await sql(
        world, "INSERT INTO daily_numbers VALUES (:day, 'report', 4, 432000, 200000)", day=today
    )
    await sql(
        world,
        "INSERT INTO daily_numbers VALUES (:day, 'new_users', 4, 0, 0)",
        day=today - timedelta(days=2),
    )
    page = shown(await browser.get(""))
    for words in (
        "<span>アクティブユーザー（1 日平均）</span>", "プッシュ通知</span> <b>1,334</b>",
        "開封 110 件", "継続率",
        "4 人のうち 1 人", "4 件、最長 2 日", "<b>30 時間</b>", "異議申し立て", "2,000</span>",
    ):  # fmt: skip
        assert words in page, words
    # What has no value has no bar, and one of 25 percent has a track to be read on.
    assert page.count('<rect class="track"') == page.count('<div class="lying">') - 5
    assert len(re.findall(r"<svg [^>]*role=\"img\" aria-label=\"[^\"]+:", page)) == 6
    leads_to(await browser.post("/settings/locale", locale="en"), "/admin/settings?done=language")
    page = shown(await browser.get(""))
    for words in (
        "<span>Active users (daily average)</span>", "110 opened",
        "New user retention", "1 of 4", "after 1 day<",
        "after 7 days", "<b>30 h</b>", "4 decisions, longest 2 days", "Appeals", "2,000</span>",
    ):  # fmt: skip
        assert words in page, words
