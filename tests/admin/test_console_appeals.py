"""The page of appeals: what was judged, by whom, until when, and what is known of the person."""

from tests.support.api import Api, expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.world import World


async def judging(world: World) -> Api:
    judge = await world.admin()
    expect(await judge.patch("/users/me", json={"nickname": "判定者"}), 200)
    return judge


async def test_an_appeal_shows_what_was_hidden_by_whom_and_the_persons_history(
    world: World,
) -> None:
    judge, admin, author = await judging(world), await world.admin(), await world.member()
    post = await world.post(author, title="題名です", body="判断された本文")
    expect(await judge.post(f"/admin/users/{author.id}/warn", json={"reason": "前の警告"}), 201)
    why = {"reason": "宣伝のため"}
    expect(await judge.post(f"/admin/posts/{post['id']}/hide", json=why), 204)
    (told,) = [n for n in await author.items("/notifications") if n["type"] == "moderation"]
    form = {"notification_id": told["id"], "text": "宣伝ではありません"}
    appeal = expect(await author.post("/appeals", json=form), 201)
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/appeals"))
    for words in ("宣伝ではありません", "判断された本文", "前の警告", "判定者", "宣伝のため"):
        assert words in page, words
    decided = await browser.post(
        f"/appeals/{appeal['id']}/decide", decision="uphold", note="変わりません"
    )
    leads_to(decided, "/admin/appeals?done=appeal-rejected")
    said = f"{author.user['nickname']}さんの異議申し立てを認めませんでした。"
    assert said in shown(await browser.get(decided.headers["location"].removeprefix("/admin")))
    page = shown(await browser.get("/appeals?status=upheld"))
    for words in ("変わりません", "判定者", admin.user["nickname"]):
        assert words in page, words


async def test_an_appeal_against_a_suspension_shows_when_it_ends(world: World) -> None:
    admin, member = await judging(world), await world.member()
    path = f"/admin/users/{member.id}"
    until = {"until": "2035-01-02T03:00:00+09:00"}
    change = {"status": "suspended", "reason": "荒らし", **until}
    expect(await admin.patch(path, json=change), 200)
    # A later act that is no suspension is not what was appealed.
    expect(await admin.post(f"{path}/warn", json={"reason": "別の件"}), 201)
    refused = expect(await member.post("/images"), 403, "account_suspended")
    mark = refused["appeal_url"].partition("token=")[2]
    sent = {"token": mark, "text": "戻してください"}
    answer = await world.http.post("/account/appeal", data=sent)
    assert answer.status_code in (200, 303), answer.text
    page = shown(await (await signed_in(world, admin)).get("/appeals"))
    for words in ("戻してください", "2035", "荒らし", "判定者", "認める…", "認めない…"):
        assert words in page, words
    assert page.count("荒らし") == 1
    # Who suspended them judges themselves.
    own = "もとの対応は、あなたが行いました"
    assert own in page
    other = await signed_in(world, await world.admin())
    assert own not in shown(await other.get("/appeals"))
