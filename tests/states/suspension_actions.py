"""Warnings, appeals, short suspensions, and what the worker does by the clock."""

from datetime import UTC, datetime, timedelta

from app.user.service.suspension_check import SuspensionCheck
from tests.states.actions import COMMENT_GONE, Step, action
from tests.states.admin_actions import USER_GONE, change_user
from tests.states.console_actions import someone
from tests.support.sql import sql
from tests.support.world import token

MOMENT = timedelta(seconds=0.5)
END_SUSPENSIONS = "admin.end_suspensions"
_SUSPENSION = "SELECT suspension_id AS id FROM users WHERE id = CAST(:user_id AS uuid)"


@action("admin", 4)
async def suspend_for_a_moment(step: Step) -> None:
    """It is over in the middle of the round. The worker notes it then, or another act does."""
    if person := someone(step):
        person.may_be_suspended = True
        until = datetime.now(UTC) + MOMENT
        step.state.suspended_until = max(until, step.state.suspended_until)
        form = {"until": until.isoformat(), "hide_content": step.chance.random() < 0.8}
        # On a slow machine the moment may have passed.
        late = "422 validation_failed"
        await change_user(step, person, late, status="suspended", reason="試験", **form)


@action("admin", 4)
async def end_suspensions(step: Step) -> None:
    await step.state.worker.run_periodic(END_SUSPENSIONS)
    step.done()


@action("admin", 1)
async def hide_held_of_deleted_posts(step: Step) -> None:
    await step.state.worker.run_periodic("comment.hide_held_of_deleted_posts")
    step.done()


@action("admin", 3)
async def warn(step: Step) -> None:
    if person := someone(step):
        path = f"/admin/users/{person.id}/warn"
        if await step.call("POST", path, {"201"} | USER_GONE, json={"reason": f"試験 {token()}"}):
            step.admin_changes("user.warned", person.id)


@action("anyone", 4)
async def appeal(step: Step) -> None:
    """Against what was hidden, or against a warning."""
    page = await step.call("GET", "/notifications?limit=50", {"200"})
    told = [
        item
        for item in (page or {"items": []})["items"]
        if item["type"] in ("moderation", "warning")
    ]
    if told:
        form = {"notification_id": step.chance.choice(told)["id"], "text": "試験"}
        allowed = {"201", "404 notification_not_found", "409 already_appealed"}
        await step.call("POST", "/appeals", allowed, json=form)


@action("admin", 4)
async def suspended_appeals(step: Step) -> None:
    """On the page whose address a suspended user is told."""
    state = step.state
    suspended = [person for person in state.present() if person.may_be_suspended]
    if not suspended:
        return
    person = step.chance.choice(suspended)
    (row,) = await sql(state.world, _SUSPENSION, user_id=person.id) or [{"id": None}]
    async with state.world.runtime.reading() as ctx:
        page = ctx.service(SuspensionCheck).page_of(row["id"])
    if page is not None:
        address, _, token = page.partition("?token=")
        response = await state.world.http.post(address, data={"token": token, "text": "試験"})
        state.answers.append(f"{person.name} appeals -> {response.status_code}")
        if response.status_code == 200:
            step.done()


@action("admin", 7)
async def decide_an_appeal(step: Step) -> None:
    page = await step.call("GET", "/admin/appeals?status=open&limit=10", {"200"})
    if not page or not page["items"]:
        return
    case, decision = step.chance.choice(page["items"]), step.chance.choice(["uphold", "overturn"])
    allowed = {"200", "404 appeal_not_found", "409 already_decided"} | COMMENT_GONE | USER_GONE
    path, form = f"/admin/appeals/{case['id']}/decide", {"decision": decision, "note": "試験"}
    if decision == "overturn":
        step.state.expect_suspension(case["user"]["id"])
    if await step.call("POST", path, allowed, json=form) is None:
        return
    step.admin_changes("appeal.decided", case["id"])
    if decision == "overturn" and case["against"] == "suspension":
        step.admin_changes("user.changed", case["user"]["id"], least=0)
    if decision == "overturn" and case["against"] == "moderation":
        kind = "comment" if case["comment_id"] else "post"
        step.admin_changes(f"{kind}.restored", case[f"{kind}_id"], least=0)
