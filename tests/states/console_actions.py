"""What the admin does in the console, alone or in bulk, and takes back there."""

import asyncio
from typing import Any

from tests.states.actions import Step, action
from tests.states.admin_actions import DONE, resolution_of
from tests.states.console import Act
from tests.states.log_check import CONTENT
from tests.states.state import Person

REFUSED = {"404", "409", "422"}
"""422: nothing can hide a lounge, or suspend its author."""

TAKEN_BACK = 0.4
"""How often an act is taken back at once. Others may be taken back later."""

MOST_CHOSEN = 6


async def submit(
    step: Step,
    path: str,
    fields: dict[str, Any],
    *entries: tuple[str, str],
    least: int = 1,
    suspends: str | None = None,
) -> None:
    """Send a form of the console, and perhaps take back what it has done."""
    step.state.expect_suspension(suspends)
    act = await step.submit(path, REFUSED, {"reason": "試験", **fields})
    if act is None:
        return
    for action_name, target_id in entries:
        step.admin_changes(action_name, target_id, least=least)
    act.entries, act.suspends = list(entries), suspends
    if act.id is None:
        return
    if step.chance.random() < TAKEN_BACK:
        await take_back(step, act)
    else:
        step.state.undoable.append(act)


async def take_back(step: Step, act: Act) -> None:
    """Sent twice, it is undone once."""
    step.state.expect_suspension(act.suspends)
    times = step.chance.choice([1, 1, 2])
    forms = [step.submit(f"/undo/{act.id}", REFUSED, {"page": act.page}) for _ in range(times)]
    if not any(await asyncio.gather(*forms)):
        return
    for action_name, target_id in act.entries:
        kind = action_name.partition(".")[0]
        if action_name in CONTENT:
            # By what it was before: an entry that had changed nothing needs none.
            step.admin_changes(f"{kind}.hidden", target_id, least=0)
            step.admin_changes(f"{kind}.restored", target_id, least=0)
        else:
            undone = "report.reopened" if kind == "report" else action_name
            step.admin_changes(undone, target_id)


@action("admin", 6)
async def undo_in_console(step: Step) -> None:
    if undoable := step.state.undoable[-4:]:
        act = step.chance.choice(undoable)
        step.state.undoable.remove(act)
        await take_back(step, act)


@action("admin", 6)
async def decide_held_in_console(step: Step) -> None:
    page = await step.call("GET", "/admin/held-content?limit=10", {"200"})
    if not page or not page["items"]:
        return
    held, verb = step.chance.choice(page["items"]), step.chance.choice(["release", "hide"])
    step.state.ever_moderated.add(held["id"])
    path = f"/held/{held['type']}/{held['id']}/{verb}"
    await submit(step, path, {}, (f"{held['type']}.{DONE[verb]}", held["id"]))


@action("admin", 5)
async def hide_in_bulk(step: Step) -> None:
    await change_in_bulk(step, someone(step), "hide")


@action("admin", 7)
async def restore_in_bulk(step: Step) -> None:
    if content := step.to_restore([*step.state.posts, *step.state.comments]):
        await change_in_bulk(step, content.author, "restore")


async def change_in_bulk(step: Step, author: Person | None, verb: str) -> None:
    """Some posts, comments and replies of one author, in any order."""
    if author is None:
        return
    kinds = (("post", step.state.posts), ("comment", step.state.comments))
    own = [(kind, item) for kind, items in kinds for item in items if item.author is author]
    chosen = step.chance.sample(own, min(len(own), step.chance.randint(1, MOST_CHOSEN)))
    if chosen:
        step.state.ever_moderated |= {item.id for _, item in chosen}
        entries = [(f"{kind}.{DONE[verb]}", item.id) for kind, item in chosen]
        items = [f"{kind}:{item.id}" for kind, item in chosen]
        path = f"/users/{author.id}/content"
        await submit(step, path, {"verb": verb, "item": items}, *entries, least=0)


def someone(step: Step) -> Person | None:
    """Mostly the person in focus, who has most of what the others act on."""
    focus = step.state.focus
    if focus is not None and not focus.has_left and step.chance.random() < 0.7:
        return focus
    return step.other_person()


@action("admin", 3)
async def suspend_in_console(step: Step) -> None:
    if person := someone(step):
        fields = {"days": step.chance.choice(["1", "good"])}
        fields |= {"hide_content": "on"} if step.chance.random() < 0.7 else {}
        path, entry = f"/users/{person.id}/suspend", ("user.changed", person.id)
        await submit(step, path, fields, entry, suspends=person.id)


@action("admin", 5)
async def lift_in_console(step: Step) -> None:
    if suspended := [person for person in step.state.present() if person.may_be_suspended]:
        person = step.chance.choice(suspended)
        path, entry = f"/users/{person.id}/restore", ("user.changed", person.id)
        await submit(step, path, {}, entry, suspends=person.id)


@action("admin", 6)
async def resolve_in_console(step: Step) -> None:
    page = await step.call("GET", "/admin/reports?limit=10", {"200"})
    if not page or not page["items"]:
        return
    case = step.chance.choice(page["items"])
    resolution, entries = resolution_of(step, case)
    fields = {"action": resolution, "note": "", "days": "good"}
    if step.chance.random() < 0.7:
        fields["hide_content"] = "on"
    suspends = case["author_id"] if resolution == "suspend" else None
    path = f"/reports/{case['id']}/resolve"
    await submit(step, path, fields, *entries, suspends=suspends)
