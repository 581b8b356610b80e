"""What the console shows an admin: pictures, words, order, deadlines, and the log in words."""

import re
from typing import Any

from tests.support.api import expect
from tests.support.console import Browser, leads_to, shown, signed_in
from tests.support.moderating import ask, ban, case_of, last_act, report
from tests.support.photos import noisy
from tests.support.sql import sql
from tests.support.world import World

BY_SCRIPT = {"HX-Request": "true"}


async def test_held_content_shows_its_lounge_its_pictures_and_the_words_that_it_meets(
    world: World,
) -> None:
    author, admin = await world.member(), await world.admin()
    await ban(admin, "ばくだん", "どく", exceptions=["ばくだんおにぎり"])
    image = await world.image(author)
    lounge = await world.lounge("料理の部屋")
    post = await world.post(
        author, lounge, title="ばくだんおにぎり", body="ﾊﾞｸﾀﾞﾝ", image_ids=[image["id"]]
    )
    await world.comment(author, await world.post(author, title="元の題"), "どくきのこ")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/held"))
    cards = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert "禁止語: ばくだん" in cards[0]
    assert "どく" not in cards[0]
    assert "料理の部屋" in cards[0]
    assert "禁止語: どく" in cards[1]
    assert "「元の題」へ" in cards[1]
    (thumb,) = re.findall(r'<img src="/admin(/pictures/images/[^"]+/thumbnail\.webp)"', cards[0])
    for address in (thumb, thumb.replace("/thumbnail.", "/full.")):
        assert (await browser.get(address)).headers["content-type"] == "image/webp"
    await ban(admin, "ほか")
    assert "今の一覧には該当なし" in shown(await browser.get("/held"))
    assert post["moderation"] == "held"


async def test_reports_are_ordered_by_gravity_and_deadline_with_small_and_blurred_pictures(
    world: World,
) -> None:
    author, reporter, admin = await world.member("花子"), await world.member(), await world.admin()
    for reason, hours in (("spam", 19), ("violence", 2), ("minor_safety", 1), ("other", 0)):
        image = await world.image(author)
        post = await world.post(author, title=f"題{reason}", image_ids=[image["id"]])
        made = await report(reporter, "post", post["id"], reason)
        earlier = f"due_at = due_at - interval '{hours} hours'"
        cases = f"(SELECT case_id FROM reports WHERE id = '{made['id']}')"
        await sql(world, f"UPDATE report_cases SET {earlier} WHERE id = {cases} RETURNING id")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/reports"))
    order = re.findall(r'<h2 id="h-[^>]+><a [^>]+>題(\w+)</a></h2>', page)
    # Spam is due in five hours, and comes before violence, which has twenty-two.
    assert order == ["minor_safety", "spam", "violence", "other"]
    assert "重大度と期限の近さの順" in page
    cards = dict(zip(order, re.findall(r"<article.*?</article>", page, re.DOTALL), strict=True))
    for reason, card in cards.items():
        assert ('class="thumb blurred"' in card) == (reason in ("minor_safety", "violence"))
        assert re.search(r'<img src="/admin/pictures/images/[^"]+/thumbnail\.webp"', card)
        assert "花子さんを利用停止にする" in card
    # The API keeps its own order: the gravest, and of those the oldest.
    items = await admin.items("/admin/reports")
    assert [item["reasons"][0] for item in items] == ["minor_safety", "violence", "spam", "other"]
    for _ in range(10):
        await report(reporter, "user", (await world.member()).id, "other")
    cursor = re.search(r'name="cursor" value="([^"]+)"', shown(await browser.get("/reports")))
    assert cursor
    rest = shown(await browser.get("/reports", params={"cursor": cursor[1]}))
    assert rest.count("<article") == 4


async def test_the_log_is_filtered_and_speaks_in_words(world: World) -> None:
    member, admin, rival = await world.member("花子"), await world.admin(), await world.admin()
    browser = await signed_in(world, admin)
    case: dict[str, Any] = {"status": "suspended", "reason": "荒らし"}
    expect(await admin.patch(f"/admin/users/{member.id}", json=case), 200)
    expect(await rival.patch(f"/admin/users/{member.id}", json={"status": "active"}), 200)
    post = await world.post(member, title="題")
    await report(rival, "post", post["id"])
    path = f"/admin/reports/{(await case_of(admin, post['id']))['id']}/resolve"
    expect(await admin.post(path, json={"action": "hide", "note": "暴言"}), 200)
    lounge = await world.lounge("銭湯")
    expect(await admin.patch(f"/admin/lounges/{lounge['id']}", json={"name": "温泉"}), 200)
    await ban(admin, "どく")
    japanese = [
        *("「花子」さんを利用停止にしました", "「花子」さんの利用停止を解除しました"),
        *("投稿「題」を非表示にしました", "通報された「題」を非表示にしました"),
        *("名前：「銭湯」から「温泉」に", "禁止語を追加：どく"),
    ]
    page = shown(await browser.get("/audit"))
    assert [words for words in japanese if words not in page] == []
    assert "→" not in page

    async def found(query: str) -> int:
        return shown(await browser.get(f"/audit?{query}")).count("<li><b>")

    assert await found(f"actor={rival.id}") == 1
    assert await found("action=user.changed") == 2
    assert await found(f"actor={admin.id}&action=user.changed") == 1
    assert await found(f"type=user&target={member.id}") == 2
    assert await found("type=lounge") == 1
    today = (await sql(world, "SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date::text AS day"))[0]
    assert await found(f"since={today['day']}&until={today['day']}") == 6
    assert await found("until=2020-01-01") == await found("since=2999-01-01") == 0
    for nonsense in ("actor=x", "action=x", "type=x", "target=x", "since=x", "until=0001-01-01"):
        assert await found(nonsense) == 6
    await browser.post("/settings/locale", locale="en")
    page = shown(await browser.get("/audit"))
    for words in ("Suspended “花子”", "Hid “題” after a report", "from “銭湯” to “温泉”"):
        assert words in page


async def test_a_sentence_is_tried_against_the_stored_words(world: World) -> None:
    admin = await world.admin()
    await ban(admin, "ばくだん", exceptions=["ばくだんおにぎり"])
    browser = await signed_in(world, admin)
    met = shown(await browser.post("/words/try", sentence="これは ﾊﾞｸﾀﾞﾝ です"))
    assert "該当する語：ばくだん" in met
    assert "どの禁止語にも該当しません" in shown(
        await browser.post("/words/try", sentence="ばくだんおにぎり")
    )
    assert (await last_act(admin))["action"] == "banned_words.changed"


async def test_a_large_cover_is_set_and_removed_by_form(world: World) -> None:
    admin, lounge = await world.admin(), await world.lounge("銭湯")
    browser, path = await signed_in(world, admin), f"/lounges/{lounge['id']}"
    seen = await browser.seen("/lounges", f"{path}/cover")
    # More than a body of JSON may have.
    done = await browser.send_cover(path, noisy(2000, 1500), seen)
    leads_to(done, "/admin/lounges?done=cover")
    assert (await last_act(admin))["after"] == {"cover": True}
    leads_to(await browser.post(f"{path}/uncover"), "/admin/lounges?done=uncover")
    assert (await last_act(admin))["after"] == {"cover": False}


async def test_canned_reasons_are_offered_in_the_language_of_their_reader(world: World) -> None:
    member, admin = await world.member(), await world.admin()
    expect(await member.patch("/users/me", json={"locale": "en"}), 200)
    await ask(member, "盆栽")
    browser = await signed_in(world, admin)
    page = shown(await browser.get("/requests"))
    chip = re.search(r'data-fill="([^"]+)">([^<]+)</button>', page)
    assert chip
    assert chip[1].startswith("There is a lounge")
    assert chip[2].startswith("同じ話題")
    form = {"ja": "あたらしい理由", "en": "A new reason"}
    leads_to(await browser.post("/reasons/request", **form), "/admin/reasons?done=saved")
    assert "A new reason" in shown(await browser.get("/requests"))
    shown(await browser.post("/reasons/request", ja="あ", en=""), 422)
    shown(await browser.post("/reasons/nothing", **form), 404)
    for _ in range(8):
        leads_to(await browser.post("/reasons/request", **form), "/admin/reasons?done=saved")
    assert "12 件まで" in shown(await browser.post("/reasons/request", **form), 409)
    reasons = await sql(world, "SELECT id FROM canned_reasons ORDER BY id")
    path = f"/reasons/{reasons[0]['id']}"
    seen = await browser.seen("/reasons", f"{path}/change")
    leads_to(await browser.post(f"{path}/change", **form, seen=seen), "/admin/reasons?done=saved")
    shown(await browser.post(f"{path}/change", **form, seen=seen), 409)
    assert "を削除します。" in shown(await browser.get("/reasons"))
    gone = await browser.post(f"{path}/remove")
    leads_to(gone, "/admin/reasons?done=removed")
    # The page says what went, though it is gone.
    there = gone.headers["location"].removeprefix("/admin")
    assert f"定型文「{form['ja']}」を削除しました。" in shown(await browser.get(there))
    shown(await browser.post(f"{path}/remove"), 404)


async def test_every_answer_tells_the_script_what_it_is(world: World) -> None:
    admin = await world.admin()
    browser = await signed_in(world, admin)
    token, url = await browser.token(), "/admin/lounges"
    assert (await browser.get("")).headers["linky-console"] == "page"
    form = {"token": token, "name": "", "description": "書いた説明"}
    refused = await browser.http.post(url, data=form, headers=BY_SCRIPT)
    assert (refused.status_code, refused.headers["linky-console"]) == (422, "page")
    forged = await browser.http.post(url, data={"token": "0"}, headers=BY_SCRIPT)
    assert (forged.status_code, forged.headers["linky-console"]) == (403, "refusal")
    stranger = Browser(world)
    lost = await stranger.http.post(url, data=form, headers=BY_SCRIPT)
    assert (lost.status_code, lost.headers["linky-console"]) == (401, "signed-out")
    page = shown(await stranger.http.post(url, data=form), 401)
    assert "書いた説明" in page
    assert token not in page
