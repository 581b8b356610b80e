"""The list of users in the console: members first, with what an admin asks of each."""

import re

import pytest

from app.core.days import ONE_DAY, beginning_of, day_of, day_words
from tests.support.api import expect
from tests.support.console import shown, signed_in
from tests.support.moderating import report
from tests.support.sql import sql
from tests.support.statements import explain, nodes, statements
from tests.support.world import World

ROW = re.compile(r'<tr><th scope="row">.*?</tr>', re.DOTALL)
MANY_GUESTS = """
INSERT INTO users (provider, nickname, role)
SELECT 'guest', 'g', 'guest' FROM generate_series(1, 20000)
"""


def rows(page: str) -> list[str]:
    """The text of each row of the list."""
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in ROW.findall(page)]


async def test_guests_are_listed_only_if_they_are_asked_for(world: World) -> None:
    member, guest = await world.member(nickname="はなこ"), await world.guest()
    browser = await signed_in(world, await world.admin())
    listed = {
        query: shown(await browser.get(f"/users{query}"))
        for query in ("", "?role=all", "?role=guest", "?role=user", "?q=はなこ", f"?q={guest.id}")
    }
    assert {query: member.id in page for query, page in listed.items()} == {
        "": True, "?role=all": True, "?role=guest": False, "?role=user": True, "?q=はなこ": True,
        f"?q={guest.id}": False,
    }  # fmt: skip
    found = {query for query, page in listed.items() if f"/admin/users/{guest.id}" in page}
    assert found == {"?role=all", "?role=guest", f"?q={guest.id}"}


async def test_a_row_says_on_which_day_a_user_was_here_and_what_was_said_against_them(
    world: World,
) -> None:
    member, admin = await world.member(nickname="はなこ"), await world.admin()
    await report(await world.member(), "user", member.id)
    form = {"reason": "言葉づかい"}
    expect(await admin.post(f"/admin/users/{member.id}/warn", json=form), 201)
    browser = await signed_in(world, admin)
    (row,) = rows(shown(await browser.get("/users?q=はなこ")))
    assert "はなこ" in row
    assert member.email in row
    # The columns: posts, warnings, cases.
    assert row.endswith(" 0 1 1")
    # The day was noted at its first session. Of what came later nothing is known but the day.
    days = "DELETE FROM active_days", "INSERT INTO active_days VALUES (:id, :day, :now)"
    moment = beginning_of(day_of(world.clock()))
    for ago, words in ((0, "今日"), (1, "昨日"), (3, day_words(moment - 3 * ONE_DAY).ja)):
        await sql(world, days[0])
        day = day_of(moment - ago * ONE_DAY)
        await sql(world, days[1], id=member.id, day=day, now=world.clock() - ago * ONE_DAY)
        (row,) = rows(shown(await browser.get("/users?q=はなこ")))
        assert f" {words} " in row
        assert "時間前" not in row
    # The note of a day is deleted after a week. A user who was imported never had one.
    await sql(world, days[0])
    assert "1 週間以内はなし" in rows(shown(await browser.get("/users?q=はなこ")))[0]


async def test_many_cases_of_a_user_are_counted_to_nine(world: World) -> None:
    member, reporter = await world.member(nickname="はなこ"), await world.member()
    posts = [await world.post(member) for _ in range(10)]
    browser = await signed_in(world, await world.admin())
    for count, post in enumerate(posts, start=1):
        await report(reporter, "post", post["id"])
        if count > 8:
            (row,) = rows(shown(await browser.get("/users?q=はなこ")))
            assert row.endswith(f" 10 0 {'9' if count == 9 else '9+'}")


@pytest.mark.parametrize("status", ["", "active"])
async def test_the_newest_guests_cost_a_list_of_members_nothing(
    committed_world: World, status: str
) -> None:
    world = committed_world
    browser = await signed_in(world, await world.admin())
    await sql(world, MANY_GUESTS)
    await sql(world, "ANALYZE users")
    with statements(world.runtime) as sent:
        shown(await browser.get(f"/users?status={status}"))
    assert len(sent) <= 8
    lists = [query for query in sent if "users" in query[0]]
    for mode in ("force_custom_plan", "force_generic_plan"):
        for statement, parameters in lists:
            values = [
                f"{{{','.join(map(str, v))}}}" if isinstance(v, list) else v for v in parameters
            ]
            plan = await explain(world, statement, values, mode, as_reader=True)
            scans = [n for n in nodes(plan) if n.get("Relation Name") == "users"]
            walked = [n for n in scans if "(id = " not in n.get("Index Cond", "")]
            assert {n.get("Index Name") for n in walked} <= {"users_role_idx"}, (
                mode,
                statement,
                walked,
            )
