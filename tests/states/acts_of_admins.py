"""The acts of the admin: moderation, decisions, suspensions and lounges."""

from tests.states.acts import BANNED, COMMENT_GONE, POST_GONE, Turn, act
from tests.states.scene import Content
from tests.support.world import token

WHY = {"reason": "試験"}
USER_GONE = {"404 user_not_found"}


async def moderate(turn: Turn, kind: str, content: Content | None, verb: str) -> None:
    if content is not None:
        turn.scene.ever_moderated.add(content.id)
        allowed = {"204"} | (POST_GONE if kind == "posts" else COMMENT_GONE)
        await turn.call("POST", f"/admin/{kind}/{content.id}/{verb}", allowed, json=WHY)


@act("admin", 8)
async def hide_post(turn: Turn) -> None:
    await moderate(turn, "posts", turn.post(), "hide")


@act("admin", 14)
async def restore_post(turn: Turn) -> None:
    await moderate(turn, "posts", turn.post(), "restore")


@act("admin", 10)
async def hide_comment(turn: Turn) -> None:
    await moderate(turn, "comments", turn.comment(), "hide")


@act("admin", 16)
async def restore_comment(turn: Turn) -> None:
    await moderate(turn, "comments", turn.comment(), "restore")


@act("admin", 8)
async def release_held_content(turn: Turn) -> None:
    page = await turn.call("GET", "/admin/held-content?limit=10", {"200"})
    for held in (page or {"items": []})["items"][:3]:
        turn.scene.ever_moderated.add(held["id"])
        path = f"/admin/{held['type']}s/{held['id']}/restore"
        await turn.call("POST", path, {"204"} | COMMENT_GONE, json=WHY)


@act("admin", 8)
async def resolve_a_report(turn: Turn) -> None:
    page = await turn.call("GET", "/admin/reports?limit=10", {"200"})
    if not page or not page["items"]:
        return
    case = turn.chance.choice(page["items"])
    action = turn.chance.choice(["dismiss", "dismiss", "hide", "suspend"])
    if action == "hide":
        turn.scene.ever_moderated.add(case["target_id"])
    if action == "suspend":
        for person in turn.scene.people:
            person.may_be_suspended |= person.id == case["author_id"]
    allowed = {"200", "404 report_not_found", "409 already_resolved", "422 action_not_possible"}
    allowed |= {"409 last_admin"} | COMMENT_GONE | USER_GONE
    path = f"/admin/reports/{case['id']}/resolve"
    await turn.call("POST", path, allowed, json={"action": action, "note": ""})


@act("admin", 2)
async def suspend(turn: Turn) -> None:
    if person := turn.somebody_else():
        person.may_be_suspended = True
        form = {"status": "suspended", "reason": "試験"}
        await turn.call("PATCH", f"/admin/users/{person.id}", {"200"} | USER_GONE, json=form)


@act("admin", 6)
async def lift_suspension(turn: Turn) -> None:
    suspended = [person for person in turn.scene.present() if person.may_be_suspended]
    if suspended:
        person = turn.chance.choice(suspended)
        form = {"status": "active"}
        await turn.call("PATCH", f"/admin/users/{person.id}", {"200"} | USER_GONE, json=form)


@act("admin", 3)
async def open_a_lounge(turn: Turn) -> None:
    form = {"name": f"部屋 {token()}", "description": "試験"}
    if made := await turn.call("POST", "/admin/lounges", {"201"}, json=form):
        turn.scene.name(made["id"], "new lounge")
        turn.scene.lounges.append(made["id"])


@act("admin", 2)
async def close_a_lounge(turn: Turn) -> None:
    if len(turn.scene.lounges) > 55:
        lounge_id = turn.lounge()
        await turn.call("DELETE", f"/admin/lounges/{lounge_id}", {"204"})


@act("admin", 2)
async def rename_a_lounge(turn: Turn) -> None:
    path = f"/admin/lounges/{turn.lounge()}"
    await turn.call("PATCH", path, {"200"}, json={"name": f"部屋 {token()}"})


@act("admin", 4)
async def decide_a_request(turn: Turn) -> None:
    if not turn.scene.requests:
        return
    request_id = turn.chance.choice(turn.scene.requests[-5:])
    verb = turn.chance.choice(["approve", "reject"])
    allowed = {"200", "404 lounge_request_not_found", "409 already_decided"}
    allowed |= {"409 lounge_name_taken"} if verb == "approve" else set()
    path = f"/admin/lounge-requests/{request_id}/{verb}"
    await turn.call("POST", path, allowed, **({"json": WHY} if verb == "reject" else {}))


@act("admin", 2)
async def change_banned_words(turn: Turn) -> None:
    words = [BANNED, f"語{turn.chance.randrange(9)}"][: turn.chance.choice([1, 2, 2])]
    await turn.call("PUT", "/admin/banned-words", {"200"}, json={"words": words})
