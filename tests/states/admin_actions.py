"""The actions of the admin: moderation, decisions, suspensions and lounges."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from app.account.service import LeavingService
from app.user.exceptions import UserNotFound
from tests.states.actions import BANNED, COMMENT_GONE, POST_GONE, Step, action
from tests.states.reader_actions import arrive
from tests.states.state import Content
from tests.support.world import token

WHY = {"reason": "試験"}
USER_GONE = {"404 user_not_found"}


async def moderate(step: Step, kind: str, content: Content | None, verb: str) -> None:
    if content is not None:
        step.state.ever_moderated.add(content.id)
        allowed = {"204"} | (POST_GONE if kind == "posts" else COMMENT_GONE)
        await step.call("POST", f"/admin/{kind}/{content.id}/{verb}", allowed, json=WHY)


@action("admin", 8)
async def hide_post(step: Step) -> None:
    await moderate(step, "posts", step.post(), "hide")


@action("admin", 14)
async def restore_post(step: Step) -> None:
    await moderate(step, "posts", step.post(), "restore")


@action("admin", 10)
async def hide_comment(step: Step) -> None:
    await moderate(step, "comments", step.comment(), "hide")


@action("admin", 16)
async def restore_comment(step: Step) -> None:
    await moderate(step, "comments", step.comment(), "restore")


@action("admin", 8)
async def release_held_content(step: Step) -> None:
    page = await step.call("GET", "/admin/held-content?limit=10", {"200"})
    for held in (page or {"items": []})["items"][:3]:
        step.state.ever_moderated.add(held["id"])
        path = f"/admin/{held['type']}s/{held['id']}/restore"
        await step.call("POST", path, {"204"} | COMMENT_GONE, json=WHY)


@action("admin", 8)
async def resolve_a_report(step: Step) -> None:
    page = await step.call("GET", "/admin/reports?limit=10", {"200"})
    if not page or not page["items"]:
        return
    case = step.chance.choice(page["items"])
    resolution = step.chance.choice(["dismiss", "dismiss", "hide", "suspend"])
    if resolution == "hide":
        step.state.ever_moderated.add(case["target_id"])
    form: dict[str, Any] = {"action": resolution, "note": ""}
    if resolution == "suspend":
        form["hide_content"] = step.chance.random() < 0.5
        for person in step.state.people:
            person.may_be_suspended |= person.id == case["author_id"]
    allowed = {"200", "404 report_not_found", "409 already_resolved", "422 action_not_possible"}
    allowed |= {"409 last_admin"} | COMMENT_GONE | USER_GONE
    path = f"/admin/reports/{case['id']}/resolve"
    await step.call("POST", path, allowed, json=form)


@action("admin", 2)
async def suspend(step: Step) -> None:
    if person := step.other_person():
        person.may_be_suspended = True
        form = {"status": "suspended", "reason": "試験", "hide_content": step.chance.random() < 0.5}
        await step.call("PATCH", f"/admin/users/{person.id}", {"200"} | USER_GONE, json=form)


@action("admin", 4)
async def suspend_with_content(step: Step) -> None:
    """Of the person in focus, who has most of what the others act on."""
    person = step.state.focus if step.chance.random() < 0.7 else step.other_person()
    if person is not None and not person.has_left:
        person.may_be_suspended = True
        form = {"status": "suspended", "reason": "試験", "hide_content": True}
        await step.call("PATCH", f"/admin/users/{person.id}", {"200"} | USER_GONE, json=form)


@action("admin", 2)
async def show_content_of_suspended(step: Step) -> None:
    """They stay suspended, if they are. Otherwise nothing is to be shown."""
    if suspended := [person for person in step.state.present() if person.may_be_suspended]:
        person = step.chance.choice(suspended)
        allowed = {"200"} | USER_GONE
        form = {"hide_content": False}
        await step.call("PATCH", f"/admin/users/{person.id}", allowed, json=form)


@action("admin", 2)
async def suspended_leaves(step: Step) -> None:
    """A suspended user leaves by a mailed link, of which this takes the end alone."""
    suspended = [person for person in step.state.present() if person.may_be_suspended]
    if not suspended:
        return
    person = step.chance.choice(suspended)
    person.tokens_may_die = True
    has_left = False
    # They may be leaving in this moment: the link would be of no use.
    with suppress(UserNotFound):
        async with step.state.world.runtime.writing() as ctx:
            has_left = await ctx.service(LeavingService).leave_again(UUID(person.id))
    if has_left and not person.has_left:
        person.has_left = True
        step.state.erased.append(person.id)
        await arrive(step.state, person.role)


@action("admin", 6)
async def lift_suspension(step: Step) -> None:
    suspended = [person for person in step.state.present() if person.may_be_suspended]
    if suspended:
        person = step.chance.choice(suspended)
        form = {"status": "active"}
        await step.call("PATCH", f"/admin/users/{person.id}", {"200"} | USER_GONE, json=form)


@action("admin", 3)
async def open_a_lounge(step: Step) -> None:
    form = {"name": f"部屋 {token()}", "description": "試験"}
    if made := await step.call("POST", "/admin/lounges", {"201"}, json=form):
        step.state.name(made["id"], "new lounge")
        step.state.lounges.append(made["id"])


@action("admin", 2)
async def close_a_lounge(step: Step) -> None:
    if len(step.state.lounges) > 55:
        lounge_id = step.lounge()
        await step.call("DELETE", f"/admin/lounges/{lounge_id}", {"204"})


@action("admin", 2)
async def rename_a_lounge(step: Step) -> None:
    path = f"/admin/lounges/{step.lounge()}"
    await step.call("PATCH", path, {"200"}, json={"name": f"部屋 {token()}"})


@action("admin", 4)
async def decide_a_request(step: Step) -> None:
    if not step.state.requests:
        return
    request_id = step.chance.choice(step.state.requests[-5:])
    verb = step.chance.choice(["approve", "reject"])
    allowed = {"200", "404 lounge_request_not_found", "409 already_decided"}
    allowed |= {"409 lounge_name_taken"} if verb == "approve" else set()
    path = f"/admin/lounge-requests/{request_id}/{verb}"
    await step.call("POST", path, allowed, **({"json": WHY} if verb == "reject" else {}))


@action("admin", 2)
async def change_banned_words(step: Step) -> None:
    words = [BANNED, f"語{step.chance.randrange(9)}"][: step.chance.choice([1, 2, 2])]
    await step.call("PUT", "/admin/banned-words", {"200"}, json={"words": words})
