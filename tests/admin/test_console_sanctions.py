"""The console's forms for suspensions, warnings, appeals and announcements."""

import re
from datetime import timedelta

from tests.support.api import expect
from tests.support.console import leads_to, shown, signed_in
from tests.support.world import World


async def test_a_user_is_warned_and_suspended_for_three_days_with_everything_hidden(
    world: World,
) -> None:
    admin, user = await world.admin(), await world.member("見本の人")
    browser = await signed_in(world, admin)
    page = f"/users/{user.id}"
    leads_to(await browser.post(f"{page}/warn", reason="<b>注意"), f"/admin{page}?done=warn")
    assert "&lt;b&gt;注意" in (await browser.get(page)).text
    (note,) = await user.items("/notifications")
    assert (note["type"], note["body"]) == ("warning", "<b>注意")
    refused = shown(await browser.post(f"{page}/suspend", reason="", days="3"), 422)
    assert '<option value="3" selected>' in refused
    form = {"reason": "違反", "days": "3", "hide_content": "on"}
    seen = await browser.seen(page, f"{page}/suspend")
    done = await browser.post(f"{page}/suspend", seen=seen, **form)
    leads_to(done, f"/admin{page}?done=suspend-hiding")
    state = expect(await admin.get(f"/admin/users/{user.id}"), 200)
    assert (state["status"], state["hide_content"]) == ("suspended", True)
    assert state["until"][:16] == (world.clock() + timedelta(days=3)).isoformat()[:16]
    assert "利用停止の期限" in shown(await browser.get(page))
    leads_to(await browser.post(f"{page}/restore", reason="解除"), f"/admin{page}?done=restore")
    form = {"reason": "違反", "days": "good"}
    leads_to(await browser.post(f"{page}/suspend", **form), f"/admin{page}?done=suspend")
    assert "利用停止の期限：無期限" in shown(await browser.get(page))
    assert expect(await admin.get(f"/admin/users/{user.id}"), 200)["until"] is None


async def test_an_appeal_is_decided_once(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    expect(await admin.post(f"/admin/users/{user.id}/warn", json={"reason": "注意"}), 201)
    (note,) = await user.items("/notifications")
    form = {"notification_id": note["id"], "text": "誤解です<i>"}
    made = expect(await user.post("/appeals", json=form), 201)
    browser = await signed_in(world, admin)
    assert "誤解です&lt;i&gt;" in (await browser.get("/appeals")).text
    path = f"/appeals/{made['id']}/decide"
    decided = await browser.post(path, decision="overturn", note="失礼しました")
    leads_to(decided, "/admin/appeals?done=appeal-granted")
    said = f"{user.user['nickname']}さんの異議申し立てを認めました。本人に伝えます。"
    assert said in shown(await browser.get(decided.headers["location"].removeprefix("/admin")))
    assert "失礼しました" in shown(await browser.get("/appeals?status=overturned"))
    page = shown(await browser.post(path, decision="uphold"), 409)
    assert f"{admin.user['nickname']}さん" in page


async def test_the_preview_of_an_announcement_names_what_it_shows(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    form = {"title_ja": "お休み", "body_ja": "明日", "push": "on"}
    page = shown(await browser.post("/announcements/preview", **form))
    for label, card in (("プッシュ通知", "push"), ("アプリの通知一覧", "notice-card")):
        assert re.search(rf">{label}</p>\s*<div class=\"{card}\">", page)
    await browser.post("/settings/locale", locale="en")
    page = shown(await browser.post("/announcements/preview", **form))
    assert "Not sent yet. Check the preview." in page
    assert "Announcement sent." in shown(await browser.get("/announcements?done=announced"))


async def test_an_announcement_is_written_and_deleted(world: World) -> None:
    admin, user = await world.admin(), await world.member()
    browser = await signed_in(world, admin)
    form = {"title_ja": "お休み<u>", "body_ja": "明日", "title_en": "", "body_en": ""}
    refused = await browser.post("/announcements", **{**form, "body_ja": ""})
    assert "お休み&lt;u&gt;" in refused.text
    assert refused.status_code == 422
    leads_to(await browser.post("/announcements", **form), "/admin/announcements?done=announced")
    (note,) = await user.items("/notifications")
    assert note["title"] == "お休み<u>"
    assert "お休み&lt;u&gt;" in (await browser.get("/announcements")).text
    gone = await browser.post(f"/announcements/{note['id']}/delete")
    leads_to(gone, "/admin/announcements?done=announcement_deleted")
    assert await user.items("/notifications") == []
    page = (await browser.get("/announcements")).text
    assert "取り下げたお知らせ" in page
    assert "お休み&lt;u&gt;" in page
    assert "まだありません" not in page
    assert "を取り下げました" in shown(await browser.get("/audit"))
    assert (await browser.post(f"/announcements/{note['id']}/delete")).status_code == 404
