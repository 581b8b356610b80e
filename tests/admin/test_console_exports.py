"""The log and the numbers as CSV: what a spreadsheet gets, who may have it, and the note of it."""

import csv
import io
from datetime import timedelta

import httpx
import pytest

from app.admin.service import audit
from app.console.csv_file import csv_text
from tests.support.api import expect
from tests.support.console import shown, signed_in
from tests.support.world import World

BOM = "\ufeff"


def rows_of(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["cache-control"] == "no-store"
    text = answer.content.decode()
    assert text.startswith(BOM)
    lines = text.removeprefix(BOM)
    assert lines.partition("\n")[0].endswith("\r")
    assert lines.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(lines, newline="")))


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(first: str) -> None:
    ((cell, number, plain),) = csv.reader(io.StringIO(csv_text([(f"{first}1+1", 7, 'a,"b')]), ""))
    assert (cell, number, plain) == (f"'{first}1+1", "7", 'a,"b')


async def test_the_log_is_saved_whole_and_the_log_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "EXPORT_PAGE_ROWS", 2)
    admin, member = await world.admin(), await world.member()
    expect(await member.patch("/users/me", json={"nickname": "=1+1 山田"}), 200)
    path = f"/admin/users/{member.id}/warn"
    for number in range(5):
        expect(await admin.post(path, json={"reason": f"-{number}, 「規約」\n違反"}), 201)
    browser = await signed_in(world, admin)
    rows = rows_of(await browser.post("/audit/export"))
    warned = [row for row in rows if row["操作"] == "user.warned"]
    assert [row["理由"] for row in warned] == [f"'-{n}, 「規約」\n違反" for n in range(4, -1, -1)]
    assert {row["対象"] for row in warned} == {"'=1+1 山田"}
    assert rows[0]["操作"] == "records.exported"
    page = shown(await browser.get("/audit"))
    assert "記録を書き出しました" in page
    assert "操作の記録（" in page


async def test_the_log_of_some_days_has_no_others(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    expect(await admin.post(f"/admin/users/{member.id}/warn", json={"reason": "規約違反"}), 201)
    browser = await signed_in(world, admin)
    day = (world.clock() + timedelta(hours=9) - timedelta(days=1)).date()
    sent = {"since": str(day - timedelta(days=3)), "until": str(day)}
    assert rows_of(await browser.post("/audit/export", **sent)) == []
    for wrong in (
        {"since": "2026-05-02", "until": "2026-05-01"},
        {"since": "2020-01-01", "until": "2026-05-01"},
    ):
        assert "366" in shown(await browser.post("/audit/export", **wrong), 422)


async def test_the_numbers_are_saved_by_day(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    await world.post(member)
    browser = await signed_in(world, admin)
    rows = rows_of(await browser.post("/numbers/export"))
    assert len(rows) == 60
    # The days before the first number are not days of nothing.
    assert (rows[-1]["投稿"], rows[-1]["コメント"], rows[0]["投稿"]) == ("1", "0", "—")
    assert "数値（" in shown(await browser.get("/audit"))
    await browser.post("/settings/locale", locale="en")
    assert rows_of(await browser.post("/numbers/export"))[-1]["Posts"] == "1"


async def test_a_moderator_saves_nothing(world: World) -> None:
    browser = await signed_in(world, await world.moderator())
    for path in ("/audit/export", "/numbers/export"):
        token = await browser.token("/audit")
        sent = await browser.http.post(f"/admin{path}", data={"token": token})
        shown(sent, 403)
    assert "CSV" not in shown(await browser.get("/audit"))


async def test_the_numbers_say_what_they_were_before_and_stand_in_a_table(world: World) -> None:
    admin = await world.admin()
    page = shown(await (await signed_in(world, admin)).get(""))
    assert "前の 30 日の記録なし" in page
    assert '<th scope="row">前の 30 日の計</th><td>—</td><td>—</td>' in page
    # Today is in no average, and one day is no data of the days before.
    assert "昨日までの 1 日平均 —" in page
