"""The admin routes that read: users, held content and daily counts."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.admin.service.console.numbers import DAYS
from tests.admin.numbers import counted_until, store
from tests.support.api import UNKNOWN_ID, Api, expect
from tests.support.console import shown, signed_in
from tests.support.moderating import hold_comment, report
from tests.support.world import World

# Users


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("山", True),
        ("田ｶﾒﾗ", True),
        ("ヤマダ", False),
        ("カメラ マン", True),
        ("STRASSE", True),
        ("Yamada.T", True),
        ("yamada.t@example.com", True),
        ("%", False),
        ("yamada_t", False),
    ],
)
async def test_the_user_search_matches_parts_of_nickname_and_email(
    world: World, query: str, matches: bool
) -> None:
    admin, other = await world.admin(), await world.member("別人")
    wanted = await world.member("山田カメラマン straße", email="Yamada.T@example.com")
    expected = [wanted.id] if matches else []
    assert await admin.ids("/admin/users", q=query) == expected
    assert await admin.ids("/admin/users", q="別") == [other.id]


async def test_the_user_search_follows_a_changed_nickname(world: World) -> None:
    admin, member = await world.admin(), await world.member("古い名前")
    expect(await member.patch("/users/me", json={"nickname": "新しい名前"}), 200)
    assert await admin.ids("/admin/users", q="古い") == []
    assert await admin.ids("/admin/users", q="新しい") == [member.id]


async def test_users_can_be_filtered_by_role_and_status(world: World) -> None:
    admin, member, guest = await world.admin(), await world.member(), await world.guest()
    change = {"status": "suspended", "reason": "宣伝"}
    expect(await admin.patch(f"/admin/users/{member.id}", json=change), 200)
    assert await admin.ids("/admin/users", role="admin") == [admin.id]
    assert await admin.ids("/admin/users", role="guest") == [guest.id]
    assert await admin.ids("/admin/users", status="suspended") == [member.id]
    assert await admin.ids("/admin/users", status="active", role="user") == []
    for wrong in ({"role": "owner"}, {"status": "gone"}, {"q": "あ" * 101}):
        expect(await admin.get("/admin/users", params=wrong), 422, "validation_failed")


async def test_an_admin_sees_a_users_email_counts_and_suspension_reason(world: World) -> None:
    admin, member = await world.admin(), await world.member("花子")
    await world.post(member)
    shown = expect(await admin.get(f"/admin/users/{member.id}"), 200)
    assert (shown["email"], shown["nickname"], shown["status"]) == (member.email, "花子", "active")
    assert (shown["post_count"], shown["suspension_reason"]) == (1, "")
    assert [shown] == await admin.items("/admin/users", role="user")
    for missing in (UNKNOWN_ID, "1"):
        expect(await admin.get(f"/admin/users/{missing}"), 404)


async def test_a_suspended_users_refusals_name_the_reason(world: World) -> None:
    """In every refusal: tests/suspension/test_suspension_notices.py. Here, which words."""
    admin, member = await world.admin(), await world.member()
    path, login = f"/admin/users/{member.id}", {"email": member.email, "password": member.password}
    reason = "{宣伝} の繰り返し"
    for sent, stored, words in (
        ({"reason": reason}, reason, {"ja": reason, "en": reason}),
        ({}, "", {"ja": "記載なし", "en": "None given"}),
    ):
        changed = expect(await admin.patch(path, json={"status": "suspended", **sent}), 200)
        assert changed["suspension_reason"] == stored
        for language, expected in words.items():
            headers = {"Accept-Language": language}
            answer = await member.post("/auth/login", json=login, auth=False, headers=headers)
            assert expected in expect(answer, 403, "account_suspended")["detail"]
        expect(await admin.patch(path, json={"status": "active"}), 200)


# Held content


async def test_held_content_is_listed_oldest_first_until_it_is_decided(world: World) -> None:
    admin, author = await world.admin(), await world.member("筆者")
    expect(await admin.put("/admin/banned-words", json={"words": ["ばくだん"]}), 200)
    post = await world.post(author, title="題", body="ばくだん")
    visible = await world.post(author)
    comment = await world.comment(author, visible, "ばくだん！")
    held = await admin.items("/admin/held-content")
    assert [(item["type"], item["id"]) for item in held] == [
        ("post", post["id"]),
        ("comment", comment["id"]),
    ]
    assert (held[0]["title"], held[1]["title"], held[1]["body"]) == ("題", None, "ばくだん！")
    assert held[0]["author"]["nickname"] == "筆者"
    first = expect(await admin.get("/admin/held-content?limit=1"), 200)
    params = {"cursor": first["next_cursor"]}
    second = expect(await admin.get("/admin/held-content", params=params), 200)
    assert first["items"] + second["items"] == held
    reason = {"reason": "問題なし"}
    expect(await admin.post(f"/admin/posts/{post['id']}/restore", json=reason), 204)
    expect(await admin.post(f"/admin/comments/{comment['id']}/hide", json=reason), 204)
    assert await admin.items("/admin/held-content") == []


async def test_a_held_comment_goes_with_its_post(world: World) -> None:
    host, writer, admin = await world.member(), await world.member(), await world.admin()
    posts = [await world.post(host) for _ in range(2)]
    gone, stays = [await world.comment(writer, post, "冷やかし") for post in posts]
    for comment in (gone, stays):
        await hold_comment(world, comment)
    expect(await host.delete(f"/posts/{posts[0]['id']}"), 204)
    assert [item["id"] for item in await admin.items("/admin/held-content")] == [stays["id"]]
    browser = await signed_in(world, admin)
    assert '">保留</a><span class="badge">1<' in shown(await browser.get("/held"))
    for kind in ("", "comment"):
        page = shown(await browser.get(f"/users/{writer.id}/content?kind={kind}"))
        assert f"comment:{stays['id']}" in page
        assert f"comment:{gone['id']}" not in page
    expect(await host.delete(f"/posts/{posts[1]['id']}"), 204)
    assert '">保留</a><span' not in shown(await browser.get("/held"))


# Daily counts


async def daily_counts(admin: Api) -> list[dict[str, object]]:
    stats: list[dict[str, object]] = expect(await admin.get("/admin/stats"), 200)["days"]
    assert len(stats) == DAYS
    return stats


async def test_todays_counts_are_current(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    await world.guest()
    post = await world.post(member)
    await world.comment(member, post)
    await report(await world.guest(), "post", post["id"])
    today = (await daily_counts(admin))[-1]
    counts = {name: today[name] for name in ("sign_ups", "posts", "comments", "reports")}
    assert counts == {"sign_ups": 2, "posts": 1, "comments": 1, "reports": 1}


async def test_a_stored_count_stays(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    await counted_until(world, world.clock() - timedelta(hours=1))
    post = await world.post(member)
    today = (await daily_counts(admin))[-1]
    world.clock.advance(days=1)
    await store(world)
    await store(world)
    await world.sign_in(admin)
    counts = await daily_counts(admin)
    assert counts[-2] == today
    assert counts[-1]["posts"] == 0
    # Whatever happens to the rows later.
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text("UPDATE posts SET created_at = now() - interval '9 days'"))
    assert (await daily_counts(admin))[-2]["posts"] == 1
    assert post["id"]
    world.clock.advance(days=DAYS)
    await store(world)
    await world.sign_in(admin)
    assert all(day["posts"] == 0 for day in await daily_counts(admin))


async def test_a_day_begins_at_midnight_in_japan(world: World) -> None:
    admin, member = await world.admin(), await world.member()
    await world.post(member)
    # 15:00 in UTC is midnight in Japan.
    midnight = world.clock().replace(hour=15, minute=0, second=0, microsecond=0)
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text("UPDATE posts SET created_at = :at"), at=midnight)
    world.clock.now = midnight + timedelta(minutes=1)
    await world.sign_in(admin)
    assert [day["posts"] for day in (await daily_counts(admin))[-2:]] == [0, 1]
    async with world.runtime.writing() as ctx:
        before = midnight - timedelta(seconds=1)
        await ctx.db.execute(text("UPDATE posts SET created_at = :at"), at=before)
    assert [day["posts"] for day in (await daily_counts(admin))[-2:]] == [1, 0]
