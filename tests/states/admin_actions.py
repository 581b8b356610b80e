"""The actions of the admin: moderation, decisions, suspensions and lounges."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from app.account.service.leaving import LeavingService
from app.user.exceptions import UserNotFound
from tests.states.actions import BANNED, COMMENT_GONE, POST_GONE, Step, action
from tests.states.reader_actions import arrive
from tests.states.state import Content, Person
from tests.support.world import token

WHY = {"reason": "試験"}
USER_GONE = {"404 user_not_found"}


DONE = {"hide": "hidden", "restore": "restored", "release": "restored"}


async def moderate(step: Step, kind: str, content: Content | None, verb: str) -> None:
    if content is not None:
        await moderate_by_id(step, kind, content.id, verb)


async def moderate_by_id(step: Step, kind: str, content_id: str, verb: str) -> None:
    step.state.ever_moderated.add(content_id)
    allowed = {"204"} | (POST_GONE if kind == "post" else COMMENT_GONE)
    path = f"/admin/{kind}s/{content_id}/{verb}"
    if await step.call("POST", path, allowed, json=WHY) is not None:
        step.admin_changes(f"{kind}.{DONE[verb]}", content_id)


async def change_user(step: Step, person: Person, *refusals: str, **form: Any) -> None:
    allowed = {"200", *refusals} | USER_GONE
    if await step.call("PATCH", f"/admin/users/{person.id}", allowed, json=form) is not None:
        step.admin_changes("user.changed", person.id)


@action("admin", 8)
async def hide_post(step: Step) -> None:
    await moderate(step, "post", step.post(), "hide")


@action("admin", 14)
async def restore_post(step: Step) -> None:
    await moderate(step, "post", step.to_restore(step.state.posts), "restore")


@action("admin", 10)
async def hide_comment(step: Step) -> None:
    await moderate(step, "comment", step.comment(), "hide")


@action("admin", 16)
async def restore_comment(step: Step) -> None:
    await moderate(step, "comment", step.to_restore(step.state.comments), "restore")


@action("admin", 8)
async def release_held_content(step: Step) -> None:
    page = await step.call("GET", "/admin/held-content?limit=10", {"200"})
    for held in (page or {"items": []})["items"][:3]:
        await moderate_by_id(step, held["type"], held["id"], "restore")


@action("admin", 8)
async def resolve_a_report(step: Step) -> None:
    page = await step.call("GET", "/admin/reports?limit=10", {"200"})
    if not page or not page["items"]:
        return
    case = step.chance.choice(page["items"])
    resolution, entries = resolution_of(step, case)
    form: dict[str, Any] = {"action": resolution, "note": ""}
    if resolution == "suspend":
        form["hide_content"] = step.chance.random() < 0.5
    allowed = {"200", "404 report_not_found", "409 already_resolved", "422 action_not_possible"}
    allowed |= {"409 last_admin"} | COMMENT_GONE | USER_GONE
    path = f"/admin/reports/{case['id']}/resolve"
    if await step.call("POST", path, allowed, json=form) is not None:
        for entry in entries:
            step.admin_changes(*entry)


def resolution_of(step: Step, case: dict[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """How to resolve a case, and the entries that the log will have of it."""
    resolution = step.chance.choice(["dismiss", "dismiss", "hide", "suspend"])
    entries = [("report.resolved", case["id"])]
    if resolution == "hide":
        step.state.ever_moderated.add(case["target_id"])
        entries.append((f"{case['target_type']}.hidden", case["target_id"]))
    if resolution == "suspend":
        step.state.expect_suspension(case["author_id"])
        entries.append(("user.changed", case["author_id"]))
    return resolution, entries


@action("admin", 2)
async def suspend(step: Step) -> None:
    if person := step.other_person():
        person.may_be_suspended = True
        hides = step.chance.random() < 0.5
        await change_user(step, person, status="suspended", reason="試験", hide_content=hides)


@action("admin", 4)
async def suspend_with_content(step: Step) -> None:
    """Of the person in focus, who has most of what the others act on."""
    person = step.state.focus if step.chance.random() < 0.7 else step.other_person()
    if person is not None and not person.has_left:
        person.may_be_suspended = True
        await change_user(step, person, status="suspended", reason="試験", hide_content=True)


@action("admin", 2)
async def show_content_of_suspended(step: Step) -> None:
    """They stay suspended, if they are. Otherwise nothing is to be shown."""
    if suspended := [person for person in step.state.present() if person.may_be_suspended]:
        await change_user(step, step.chance.choice(suspended), hide_content=False)


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
    step.state.reached |= {step.action} if has_left else set()
    if has_left and not person.has_left:
        person.has_left = True
        step.state.erased.append(person.id)
        await arrive(step.state, person.role)


@action("admin", 6)
async def lift_suspension(step: Step) -> None:
    if suspended := [person for person in step.state.present() if person.may_be_suspended]:
        await change_user(step, step.chance.choice(suspended), status="active")


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
