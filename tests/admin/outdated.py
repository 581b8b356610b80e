"""Forms of the console, and what others change after an admin was shown them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.support.api import Api, expect
from tests.support.console import leads_to, signed_in
from tests.support.moderating import ask, ban, case_of, report
from tests.support.sql import sql
from tests.support.world import World

LONG = "あ" * 1001


@dataclass
class Case:
    """A form with a text that is refused, and what changes while the admin types."""

    page: str
    action: str
    refused: dict[str, str]
    valid: dict[str, str]
    change: Callable[[], Awaitable[object]]
    now: str
    """What the page must show after the change."""


async def words_case(world: World, rival: Api) -> Case:
    await ban(rival, "ばくだん")
    valid = {"words": "ばくだん\nわたしの語", "exceptions": ""}
    refused = valid | {"words": LONG}

    async def add() -> None:
        await ban(rival, "ばくだん", "新語")

    return Case("/words", "/words", refused, valid, add, "新語")


async def lounge_case(world: World, rival: Api) -> Case:
    path = f"/lounges/{(await world.lounge())['id']}"
    valid = {"name": "私の名", "description": "私の"}

    async def describe() -> None:
        expect(await rival.patch(f"/admin{path}", json={"description": "別の話"}), 200)

    return Case("/lounges", f"{path}/change", valid | {"name": ""}, valid, describe, ">別の話</p>")


async def reason_case(world: World, rival: Api) -> Case:
    other = await signed_in(world, rival)
    (first, *_) = await sql(world, "SELECT id FROM canned_reasons ORDER BY id")
    action = f"/reasons/{first['id']}/change"
    valid = {"ja": "わたしの理由", "en": "My reason"}

    async def reword() -> None:
        done = await other.post(action, ja="早い人の理由", en="The other reason")
        leads_to(done, "/admin/reasons?done=saved")

    return Case("/reasons", action, valid | {"en": ""}, valid, reword, "早い人の理由</h3>")


async def user_case(world: World, rival: Api) -> Case:
    path = f"/users/{(await world.member(is_verified=True)).id}"

    async def promote() -> None:
        expect(await rival.patch(f"/admin{path}", json={"role": "admin"}), 200)

    valid = {"reason": "規約違反", "days": "good"}
    wrong = {**valid, "reason": LONG}
    return Case(path, f"{path}/suspend", wrong, valid, promote, ">管理者</span>")


async def suspended_case(world: World, rival: Api) -> Case:
    """A suspended user is suspended for another, graver reason."""
    path = f"/users/{(await world.member()).id}"
    form = {"status": "suspended", "reason": "軽い理由"}
    expect(await rival.patch(f"/admin{path}", json=form), 200)

    async def suspend_again() -> None:
        graver = form | {"reason": "重い理由"}
        expect(await rival.patch(f"/admin{path}", json=graver), 200)

    valid = {"reason": "もう十分"}
    return Case(path, f"{path}/restore", {"reason": LONG}, valid, suspend_again, "重い理由")


async def longer_case(world: World, rival: Api) -> Case:
    """The same, until another time and with all content hidden: the reason stays."""
    path = f"/users/{(await world.member()).id}"
    form = {"status": "suspended", "reason": "理由"}
    expect(await rival.patch(f"/admin{path}", json=form), 200)

    async def hide_all() -> None:
        more = form | {"until": "2035-01-01T00:00:00Z", "hide_content": True}
        expect(await rival.patch(f"/admin{path}", json=more), 200)

    valid = {"reason": "もう十分"}
    return Case(path, f"{path}/restore", {"reason": LONG}, valid, hide_all, "2035年1月1日")


async def request_case(world: World, rival: Api) -> Case:
    request = await ask(await world.member())

    async def rewrite() -> None:
        await sql(world, "UPDATE lounge_requests SET description = '別の話' RETURNING id")

    action = f"/requests/{request['id']}/reject"
    valid = {"reason": "似た部屋があります"}
    return Case("/requests", action, {"reason": ""}, valid, rewrite, "別の話")


async def report_case(world: World, rival: Api) -> Case:
    post = await world.post(await world.member())
    await report(await world.member(), "post", post["id"])
    case = await case_of(rival, post["id"])

    async def report_again() -> None:
        await report(await world.member(), "post", post["id"], "violence")

    valid = {"action": "dismiss", "note": "わたしのメモ"}
    action = f"/reports/{case['id']}/resolve"
    return Case("/reports", action, valid | {"note": LONG}, valid, report_again, "通報 2 件")


async def held_case(world: World, rival: Api) -> Case:
    await ban(rival, "ばくだん")
    author = await world.member()
    post = await world.post(author, title="ばくだん")

    async def rewrite() -> None:
        expect(await author.patch(f"/posts/{post['id']}", json={"body": "別の本文"}), 200)

    action = f"/held/post/{post['id']}/hide"
    return Case("/held", action, {"reason": ""}, {"reason": "暴言"}, rewrite, "別の本文")


async def held_picture_case(world: World, rival: Api) -> Case:
    """The author exchanges the picture of a held post while the admin looks at the harmless one."""
    await ban(rival, "ばくだん")
    author = await world.member()
    before, after = await world.image(author), await world.image(author)
    post = await world.post(author, title="ばくだん", image_ids=[before["id"]])

    async def exchange() -> None:
        form = {"image_ids": [after["id"]]}
        expect(await author.put(f"/posts/{post['id']}/images", json=form), 200)

    key = after["thumbnail_url"].partition("/images/")[2]
    action = f"/held/post/{post['id']}/hide"
    return Case("/held", action, {"reason": ""}, {"reason": "暴言"}, exchange, key)


async def version_case(world: World, rival: Api) -> Case:
    """The author edits a reported post, and it is reported again for the same reason."""
    author = await world.member()
    post = await world.post(author)
    await report(await world.member(), "post", post["id"])
    case = await case_of(rival, post["id"])

    async def report_again() -> None:
        expect(await author.patch(f"/posts/{post['id']}", json={"title": "別の題"}), 200)
        await report(await world.member(), "post", post["id"])

    valid = {"action": "dismiss", "note": "わたしのメモ"}
    action = f"/reports/{case['id']}/resolve"
    return Case("/reports", action, valid | {"note": LONG}, valid, report_again, "別の題")


async def held_comment_case(world: World, rival: Api) -> Case:
    await ban(rival, "ばくだん")
    author = await world.member()
    comment = await world.comment(author, await world.post(author), "ばくだん")

    async def rewrite() -> None:
        change = {"body": "ばくだん予告"}
        expect(await author.patch(f"/comments/{comment['id']}", json=change), 200)

    action = f"/held/comment/{comment['id']}/hide"
    return Case("/held", action, {"reason": ""}, {"reason": "暴言"}, rewrite, "ばくだん予告")


async def closed_lounge_case(world: World, rival: Api) -> Case:
    """A form without a text, of which nothing is left after the change."""
    path = f"/lounges/{(await world.lounge())['id']}"

    async def close() -> None:
        expect(await rival.delete(f"/admin{path}"), 204)

    return Case("/lounges", f"{path}/close", {}, {}, close, "")


CASES = (
    *(words_case, lounge_case, reason_case, user_case, suspended_case, longer_case),
    *(request_case, report_case, version_case, held_case, held_picture_case, held_comment_case),
)
type MakeCase = Callable[[World, Api], Awaitable[Case]]
