"""Daily numbers: what counts as an active person, a push and a decision."""

from datetime import UTC, timedelta
from typing import Any

from app.admin.service.console.numbers import KEPT_FOR
from tests.admin.numbers import JAPAN, counted_until, day_of, store
from tests.support.api import Api, expect
from tests.support.jobs import NOTIFICATION_JOBS as PUSH_JOBS
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, ban, case_of, report
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

DECISIONS = ("lounge_request", "report", "held", "appeal")


async def stats(admin: Api) -> dict[str, Any]:
    return dict(expect(await admin.get("/admin/stats"), 200))


async def today(admin: Api) -> dict[str, Any]:
    return dict((await stats(admin))["days"][-1])


async def decisions(admin: Api) -> dict[str, tuple[int, float | None, float | None]]:
    return {
        row["kind"]: (row["decided"], row["mean_seconds"], row["longest_seconds"])
        for row in (await stats(admin))["decisions"]
    }


async def refresh(api: Api) -> None:
    answer = await api.post("/auth/refresh", json={"refresh_token": api.refresh_token})
    api.take(expect(answer, 200))


async def test_a_person_is_active_once_a_day_by_signing_in_or_refreshing(world: World) -> None:
    world.clock.now = world.clock.now.astimezone(JAPAN).replace(hour=12).astimezone(UTC)
    admin, member = await world.admin(), await world.register()
    before = (await today(admin))["active"]
    guest = await world.guest()
    assert (await today(admin))["active"] == before + 1
    await world.sign_in(member)
    for _ in range(2):
        answer = await guest.post("/auth/refresh", json={"refresh_token": guest.refresh_token})
        guest.take(expect(answer, 200))
        expect(await guest.get("/lounges"), 200)
    assert (await today(admin))["active"] == before + 1
    rows = await count(world, "active_days")
    world.clock.advance(hours=13)  # It is 1 o'clock of the next day in Japan.
    answer = await member.post("/auth/refresh", json={"refresh_token": member.refresh_token})
    member.take(expect(answer, 200))
    await world.sign_in(admin)
    now = await today(admin)
    # The admin is not a new person: added past the API, with the account of the day before.
    assert (now["active"], now["returned_1"]) == (2, 2)
    # A read costs no write.
    for _ in range(3):
        expect(await member.get("/posts"), 200)
    assert await count(world, "active_days") == rows + 2
    # A wrong token is not a visit.
    expect(await member.post("/auth/refresh", json={"refresh_token": "x" * 43}), 401)
    assert await count(world, "active_days") == rows + 2


async def test_a_guest_signs_up_on_the_day_on_which_they_become_a_member(world: World) -> None:
    """Their first day may be stored by then, and a stored day never changes."""
    world.clock.now = world.clock.now.astimezone(JAPAN).replace(hour=12).astimezone(UTC)
    admin, guest, other = await world.admin(), await world.guest(), await world.guest()
    await counted_until(world, world.clock() - timedelta(days=1))
    before = (await stats(admin))["days"][-1]["sign_ups"]
    world.clock.advance(days=1)
    await world.sign_in(admin)
    await refresh(guest)
    await store(world)
    form = {"email": "late@example.com", "password": PASSWORD, "nickname": "あとから"}
    guest.take(expect(await guest.post("/auth/guest/upgrade", json=form), 200))
    days = (await stats(admin))["days"]
    assert [day["sign_ups"] for day in days[-2:]] == [before, 1]
    # They are no new person of the day before who came back.
    assert days[-1]["returned_1"] <= before
    world.clock.advance(days=1)
    for api in (admin, guest, other):
        await refresh(api)
    found = await stats(admin)
    assert (found["days"][-2]["sign_ups"], found["days"][-1]["returned_1"]) == (1, 1)
    (after_a_day,) = [each for each in found["returns"] if each["after_days"] == 1]
    assert after_a_day["came_back"] <= after_a_day["new_people"]


async def test_what_a_leaver_left_goes_and_only_numbers_stay(world: World) -> None:
    # Eleven minutes later it must be the same day in Japan.
    world.clock.now = world.clock.now.astimezone(JAPAN).replace(hour=12).astimezone(UTC)
    admin, member = await world.admin(), await world.register()
    exported = expect(await member.get("/users/me/export"), 200)
    assert [row["day"] for row in exported["active_days"]] == [day_of(world.clock()).isoformat()]
    await sql(world, "INSERT INTO sent_pushes VALUES (uuidv7(), :now)", now=world.clock())
    await counted_until(world, world.clock() - timedelta(days=1))
    world.clock.advance(minutes=11)
    await store(world)
    before = await today(admin)
    assert before["pushes_sent"] == 1
    await sql(world, "DELETE FROM active_days WHERE user_id = CAST(:id AS uuid)", id=member.id)
    assert await today(admin) == before
    world.clock.advance(days=KEPT_FOR.days + 1)
    await store(world)
    assert await count(world, "active_days") == await count(world, "sent_pushes") == 0


async def test_a_notification_is_one_push_on_any_number_of_devices(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    for number in range(2):
        device = {"kind": "fcm_token", "value": f"{author.id}-{number}", "platform": "ios"}
        expect(await author.put(f"/notifications/devices/{author.id}-{number}", json=device), 204)
    post = await world.post(author)
    await world.comment(await world.member(), post)
    assert (await today(admin))["pushes_sent"] == 0
    await run_jobs(world, PUSH_JOBS)
    assert len(world.push.sent[0][1]) == 2
    assert (await today(admin))["pushes_sent"] == 1


async def test_decisions_take_as_long_as_they_take_and_one_taken_back_is_none(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    await ban(admin, "禁止")
    none = dict.fromkeys(DECISIONS, (0, None, None))
    assert await decisions(admin) == none
    start = world.clock()
    requests = [await ask(author) for _ in range(3)]
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    held = await world.post(author, body="禁止です")
    comment = await world.comment(author, post, body="禁止です")
    plain = await world.post(author)
    # The database's clock goes on, the test's stands still.
    for table in ("lounge_requests", "posts", "comments"):
        await sql(world, f"UPDATE {table} SET created_at = :start", start=start)
    world.clock.advance(hours=1)
    await world.sign_in(author)
    expect(await author.patch(f"/posts/{plain['id']}", json={"body": "禁止です"}), 200)
    world.clock.advance(hours=1)
    await world.sign_in(admin)
    await world.sign_in(author)
    path = f"/admin/lounge-requests/{requests[0]['id']}"
    expect(await admin.post(f"{path}/reject", json={"reason": "不可"}), 200)
    expect(await author.delete(f"/lounge-requests/{requests[1]['id']}"), 204)
    case = await case_of(admin, post["id"])
    resolve = f"/admin/reports/{case['id']}/resolve"
    expect(await admin.post(resolve, json={"action": "dismiss", "note": ""}), 200)
    why = {"reason": "確認"}
    expect(await admin.post(f"/admin/posts/{held['id']}/restore", json=why), 204)
    expect(await admin.post(f"/admin/posts/{plain['id']}/hide", json=why), 204)
    world.clock.advance(hours=1)
    await world.sign_in(admin)
    expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=why), 204)
    # Neither showing what is hidden nor hiding it again decides on what was held.
    expect(await admin.post(f"/admin/comments/{comment['id']}/restore", json=why), 204)
    hour = 3600
    wanted = none | {
        "lounge_request": (1, 2 * hour, 2 * hour),
        "report": (1, 2 * hour, 2 * hour),
        "held": (3, 2 * hour, 3 * hour),
    }
    assert await decisions(admin) == wanted
    for _ in range(2):
        world.clock.advance(minutes=11)
        await store(world)
        assert await decisions(admin) == wanted


async def test_held_again_within_a_minute_the_decision_never_was(world: World) -> None:
    admin, author = await world.admin(), await world.member()
    await ban(admin, "禁止")
    post = await world.post(author)
    expect(await author.patch(f"/posts/{post['id']}", json={"body": "禁止です"}), 200)
    (row,) = await sql(world, "SELECT held_at FROM posts")
    world.clock.advance(minutes=5)
    for seconds, kept in ((20, True), (90, False)):
        await world.restore_post(post)
        assert (await decisions(admin))["held"][0] == 1
        world.clock.advance(seconds=seconds)
        expect(await author.patch(f"/posts/{post['id']}", json={"body": "禁止です"}), 200)
        assert (await decisions(admin))["held"][0] == 0
        (again,) = await sql(world, "SELECT held_at FROM posts")
        assert (again == row) is kept
