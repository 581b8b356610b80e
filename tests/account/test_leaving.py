"""Leaving: hidden immediately, and soon after erased from every table and the store."""

import tracemalloc
from uuid import UUID

import pytest

from app.account.service.export import ExportService
from app.account.service.leaving import MAIL_GOODBYE, LeavingService
from app.api import JOBS
from app.comment.service.leaving import CommentLeavingService
from app.integrations.mail.base import Mail, MailError
from app.post.service.leaving import PostLeavingService
from app.user.enums import Role
from app.user.policy import Viewer
from tests.support.api import expect
from tests.support.counts import wrong_counts
from tests.support.fakes import FakeMailer
from tests.support.jobs import run_jobs
from tests.support.leaving import leave, link_of, page
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World


async def test_a_leavers_content_disappears_immediately(world: World) -> None:
    leaver, reader = await world.member("去る人"), await world.member()
    lounge = await world.lounge()
    post, others = await world.post(leaver, lounge), await world.post(reader, lounge)
    expect(await leaver.put(f"/posts/{others['id']}/like"), 204)
    expect(await leaver.put(f"/lounges/{lounge['id']}/favorite"), 204)
    lonely = await world.comment(leaver, others, "一人")
    answered = await world.comment(leaver, others, "返事つき")
    reply = await world.comment(reader, others, "返信", parent=answered)
    before = expect(await reader.get(f"/posts/{others['id']}"), 200)
    assert (before["comment_count"], before["like_count"]) == (3, 1)
    answer = await leave(leaver)
    assert answer["completes_by"].endswith("Z")
    expect(await reader.get(f"/users/{leaver.id}"), 404, "user_not_found")
    expect(await reader.get(f"/posts/{post['id']}"), 404, "post_not_found")
    assert await reader.ids(f"/lounges/{lounge['id']}/posts") == [others["id"]]
    after = expect(await reader.get(f"/posts/{others['id']}"), 200)
    assert (after["comment_count"], after["like_count"]) == (1, 0)
    (place,) = await reader.items(f"/posts/{others['id']}/comments")
    assert place["id"] == answered["id"] != lonely["id"]
    assert (place["deleted"], place["body"], place["author"]["id"]) == (True, "", None)
    replies = await reader.ids(f"/posts/{others['id']}/comments", parent_id=answered["id"])
    assert replies == [reply["id"]]
    seen = expect(await reader.get(f"/lounges/{lounge['id']}"), 200)
    assert (seen["favorite_count"], seen["post_count"]) == (0, 1)
    assert await reader.items("/notifications") == []


async def test_a_leavers_tokens_stop_working(world: World) -> None:
    leaver = await world.member()
    await leave(leaver)
    expect(await leaver.patch("/users/me", json={"bio": "?"}), 401, "session_revoked")
    expect(await leaver.get("/users/me"), 401, "session_revoked")
    spent = {"refresh_token": leaver.refresh_token}
    expect(await leaver.post("/auth/refresh", json=spent), 401, "invalid_refresh_token")
    login = {"email": leaver.email, "password": leaver.password}
    answer = await world.anonymous().post("/auth/login", json=login)
    expect(answer, 401, "invalid_credentials")


async def test_the_last_admin_cannot_leave(world: World) -> None:
    admin = await world.admin()
    refused = await admin.call("DELETE", "/users/me", json={"password": PASSWORD})
    expect(refused, 409, "last_admin")
    await world.admin()
    await leave(admin)


class RefusingMailer(FakeMailer):
    async def send(self, mail: Mail) -> None:
        raise MailError("the server is down")


async def test_the_address_is_dropped_if_the_confirmation_cannot_be_mailed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    leaver = await world.member()
    await run_jobs(world, JOBS)
    await leave(leaver)
    await run_jobs(world, [job for job in JOBS if job.name != MAIL_GOODBYE])
    world.runtime.mailer = RefusingMailer()
    with pytest.raises(MailError):
        await run_jobs(world, JOBS)
    world.clock.advance(hours=1)
    with pytest.raises(MailError):
        await run_jobs(world, JOBS)
    world.clock.advance(hours=2)
    await run_jobs(world, JOBS)
    assert "goodbye_not_mailed" in caplog.text
    assert await sql(world, "SELECT * FROM pgqueuer") == []


async def test_the_erasing_job_may_run_twice(world: World) -> None:
    leaver = await world.member()
    await leave(leaver)
    for _ in range(2):
        async with world.runtime.writing() as ctx:
            await LeavingService(ctx).erase(UUID(leaver.id))
    await run_jobs(world, JOBS)
    assert [mail.to for mail in world.mailer.sent].count(leaver.email) == 1


async def test_the_export_contains_the_users_content_and_no_secret(world: World) -> None:
    member, other = await world.register("書き手"), await world.member()
    post = await world.post(member, title="私の題")
    await world.comment(member, post, "私の言葉")
    await world.comment(other, post, "他人の言葉")
    response = await member.get("/users/me/export")
    exported = expect(response, 200)
    assert exported["user"]["email"] == member.email
    assert [post["title"] for post in exported["posts"]] == ["私の題"]
    assert [comment["body"] for comment in exported["comments"]] == ["私の言葉"]
    assert len(exported["sessions"]) == len(exported["notifications"]) == 1
    assert "password" not in response.text
    assert "token" not in response.text
    assert "attachment" in response.headers["content-disposition"]
    expect(await world.anonymous().get("/users/me/export"), 401)


_BY_AN_OLDER_RELEASE = """
INSERT INTO posts (lounge_id, author_id, title, body)
VALUES ('{lounge}', '{author}', '遅れた題', '本文');
INSERT INTO comments (post_id, author_id, body) VALUES ('{post}', '{author}', '遅れた返事');
INSERT INTO post_likes (post_id, user_id) VALUES ('{post}', '{author}');
INSERT INTO lounge_favorites (lounge_id, user_id) VALUES ('{lounge}', '{author}');
UPDATE posts SET comment_count = 1, like_count = 1 WHERE id = '{post}';
UPDATE lounges SET post_count = 2, favorite_count = 1, last_posted_at = now()
"""


async def test_rows_that_an_older_release_wrote_after_leaving_are_uncounted_and_erased(
    world: World,
) -> None:
    leaver, author = await world.member(), await world.member()
    lounge = await world.lounge()
    post = await world.post(author, lounge)
    await leave(leaver)
    ids = {"lounge": lounge["id"], "author": leaver.id, "post": post["id"]}
    for statement in _BY_AN_OLDER_RELEASE.format(**ids).split(";\n"):
        await sql(world, statement)
    async with world.runtime.writing() as ctx:
        await CommentLeavingService(ctx).erase_all_of(UUID(leaver.id))
        await PostLeavingService(ctx).erase_all_of(UUID(leaver.id))
    assert len(await author.ids(f"/posts/{post['id']}/comments")) == 1
    await run_jobs(world, JOBS)
    assert expect(await author.get(f"/lounges/{lounge['id']}"), 200)["post_count"] == 1
    assert expect(await author.get(f"/posts/{post['id']}"), 200)["comment_count"] == 0
    assert await author.ids(f"/posts/{post['id']}/comments") == []
    assert await wrong_counts(world) == []
    assert await count(world, "users", "id = CAST(:id AS uuid)", id=leaver.id) == 0


async def test_the_token_of_an_erased_user_still_reads_until_it_expires(world: World) -> None:
    leaver = await world.member()
    lounge = await world.lounge()
    await leave(leaver)
    await run_jobs(world, JOBS)
    expect(await leaver.get(f"/lounges/{lounge['id']}"), 200)
    assert await leaver.items("/lounges/recent") == []
    expect(await leaver.get("/users/me"), 401, "session_revoked")
    expect(await leaver.get("/users/me/export"), 401, "session_revoked")


async def test_the_export_is_streamed_and_never_in_memory_as_a_whole(world: World) -> None:
    member = await world.member()
    post = await world.post(member)
    await sql(
        world,
        "INSERT INTO comments (post_id, author_id, body) SELECT CAST(:post AS uuid), "
        "CAST(:author AS uuid), repeat('長', 2000) FROM generate_series(1, 6000)",
        post=post["id"],
        author=member.id,
    )
    tracemalloc.start()
    try:
        size = comments = 0
        async with world.runtime.writing() as ctx:
            viewer = Viewer(UUID(member.id), UUID(int=0), Role.USER, None)
            async for piece in ExportService(ctx).export(viewer):
                size, comments = size + len(piece), comments + piece.count(b'"parent_id"')
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert comments == 6000
    assert size > 36_000_000
    assert most < size / 3


async def test_a_user_without_the_app_leaves_by_a_mailed_link(world: World) -> None:
    leaver = await world.member()
    status, shown = await page(world, "GET", "/account/delete")
    assert (status, "<form" in shown) == (200, True)
    known = await page(world, "POST", "/account/delete", data={"email": leaver.email})
    unknown = await page(world, "POST", "/account/delete", data={"email": "no@example.com"})
    assert known == unknown
    assert known[0] == 202
    await run_jobs(world, JOBS)
    link = link_of(world.mailer, "/account/delete/confirm")
    assert (await page(world, "GET", link))[0] == 200
    expect(await leaver.get("/users/me"), 200)
    token = link.partition("token=")[2]
    done = await page(world, "POST", "/account/delete/confirm", data={"token": token})
    assert done[0] == 200
    expect(await leaver.get("/users/me"), 401, "session_revoked")
    # A used link leads to the form that sends a new link.
    for again in (
        await page(world, "POST", "/account/delete/confirm", data={"token": token}),
        await page(world, "GET", link),
    ):
        assert again[0] == 422
        assert 'role="alert"' in again[1]
        assert 'action="/account/delete"' in again[1]
        # Its button may have been pressed twice.
        assert "アカウントの削除が完了していることがあります" in again[1]


async def test_the_pages_use_the_readers_language_and_explain_refusals(world: World) -> None:
    english = {"Accept-Language": "en"}
    _, shown = await page(world, "GET", "/account/delete", headers=english)
    assert "Delete your account" in shown
    # The page says what is kept, and for how long.
    assert "(up to 180 days)" in shown
    world.configure(records_days=90)
    assert "最長 90 日間" in (await page(world, "GET", "/account/delete"))[1]
    status, shown = await page(world, "POST", "/account/delete", data={"email": "<b>"})
    assert status == 422
    assert "&lt;b&gt;" in shown
    for path in ("delete/confirm", "verify-email", "reset-password"):
        assert (await page(world, "GET", f"/account/{path}?token=x"))[0] == 422
        assert (await page(world, "POST", f"/account/{path}", data={"token": "x"}))[0] == 422
    member = await world.register()
    await run_jobs(world, JOBS)
    link = link_of(world.mailer, "/account/verify-email")
    world.clock.advance(hours=25)
    assert (await page(world, "GET", link))[0] == 422
    assert member.email
