"""The console's forms for suspensions, warnings, appeals and announcements."""

import re

from tests.support.console import leads_to, shown, signed_in
from tests.support.world import World


async def test_the_preview_of_an_announcement_names_what_it_shows(world: World) -> None:
    browser = await signed_in(world, await world.admin())
    form = {"title_ja": "お休み", "body_ja": "明日", "push": "on"}
    page = shown(await browser.post("/announcements/preview", **form))
    for label, card in (("プッシュ通知", "push"), ("アプリの通知一覧", "notice-card")):
        assert re.search(rf">{label}</p>\s*<div class=\"{card}\">", page)
    await browser.post("/settings/locale", locale="en")
    page = shown(await browser.post("/announcements/preview", **form))
    assert "Not published yet. Check the preview." in page
    assert "Announcement published." in shown(await browser.get("/announcements?done=announced"))


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
