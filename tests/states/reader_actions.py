"""The actions of all readers: views, marks, blocks, reports, sign-in and leaving."""

import asyncio
from datetime import timedelta
from uuid import UUID

from app.auth.enums import MailPurpose
from app.auth.rows import MailedTo
from app.auth.service.mailed_links import MailedLinkService
from app.core.user_marks import Setter
from app.post.models import POST_MARKS, PostMark, PostMute
from tests.states.actions import POST_GONE, ActorRole, Step, action
from tests.states.state import Person, State
from tests.support.api import expect
from tests.support.sql import sql
from tests.support.world import PASSWORD, token

HOUR = timedelta(hours=1)
MANY = 2_000
_MANY_UNREAD = """
    WITH reader AS (
        SELECT id FROM users WHERE id = CAST(:user_id AS uuid) AND left_at IS NULL
        FOR KEY SHARE
    ), told AS (
        INSERT INTO live_inbox (topic, kind, subject)
        SELECT id, kind, id FROM reader, unnest('{5, 10}'::smallint[]) AS kind
    )
    INSERT INTO notifications (user_id, type, params)
    SELECT id, 'report_resolved', '{}' FROM reader, generate_series(1, :number)
"""
LOUNGE_GONE = {"404 lounge_not_found"}


@action("anyone", 3)
async def add_favorite(step: Step) -> None:
    await step.call("PUT", f"/lounges/{step.lounge()}/favorite", {"204"} | LOUNGE_GONE)


@action("anyone", 2)
async def remove_favorite(step: Step) -> None:
    await step.call("DELETE", f"/lounges/{step.lounge()}/favorite", {"204"} | LOUNGE_GONE)


@action("anyone", 2)
async def view_a_lounge(step: Step) -> None:
    await step.call("GET", f"/lounges/{step.lounge()}", {"200"})


@action("anyone", 0.4)
async def view_all_lounges(step: Step) -> None:
    """More concurrent views than the list of recent views keeps."""
    lounges = step.state.lounges[-55:]
    await asyncio.gather(*(step.person.api.get(f"/lounges/{lounge_id}") for lounge_id in lounges))
    step.state.answers.append(f"{step.person.name} GET {len(lounges)} lounges at once")


@action("anyone", 0.4)
async def clear_recent_views(step: Step) -> None:
    await step.call("DELETE", "/lounges/recent", {"204"})


def _add_mark(table: type[PostMark]) -> None:
    """The two actions of a mark. A mute is ended often: what is muted is out of each list."""

    async def mark(step: Step) -> None:
        if post := step.post():
            if table is PostMute:
                step.state.ever_muted.add((step.person.id, post.id))
            await step.call("PUT", table.path().format(post_id=post.id), {"204"} | POST_GONE)

    async def unmark(step: Step) -> None:
        if post := step.post():
            await step.call("DELETE", table.path().format(post_id=post.id), {"204"} | POST_GONE)

    mark.__name__, unmark.__name__ = table.mark.act, f"un{table.mark.act}"
    role: ActorRole = "anyone" if table.mark.setter == Setter.USER else "member"
    action(role, 3)(mark)
    action(role, 3 if table is PostMute else 2)(unmark)


for _table in POST_MARKS:
    _add_mark(_table)


@action("anyone", 3)
async def set_notification_level(step: Step) -> None:
    form = {"level": "all" if step.chance.random() < 0.8 else "none"}
    path = f"/lounges/{step.lounge()}/notifications"
    # A closed lounge takes no new subscriptions.
    await step.call("PUT", path, {"204", "409 lounge_closed"} | LOUNGE_GONE, json=form)


@action("anyone", 1)
async def block(step: Step) -> None:
    if other := step.other_person():
        step.state.ever_blocked.add((step.person.id, other.id))
        await step.call("PUT", f"/users/{other.id}/block", {"204", "404 user_not_found"})


@action("anyone", 2)
async def unblock(step: Step) -> None:
    if other := step.other_person():
        await step.call("DELETE", f"/users/{other.id}/block", {"204"})


@action("anyone", 2)
async def mark_all_read(step: Step) -> None:
    await step.call("POST", "/notifications/read", {"204"}, json={"all": True})


@action("anyone", 2)
async def mark_some_read(step: Step) -> None:
    page = await step.call("GET", "/notifications?limit=5", {"200"})
    if page and page["items"]:
        ids = [notification["id"] for notification in page["items"]]
        await step.call("POST", "/notifications/read", {"204"}, json={"ids": ids})


@action("anyone", 2)
async def report(step: Step) -> None:
    post, comment, other = step.post(), step.comment(), step.other_person()
    targets = {"lounge": step.lounge()}
    targets |= {"post": post.id} if post else {}
    targets |= {"comment": comment.id} if comment else {}
    targets |= {"user": other.id} if other else {}
    kind = step.chance.choice(list(targets))
    form = {"target_type": kind, "target_id": targets[kind], "reason": "spam", "detail": "通報"}
    allowed = {"200", "201", "404 target_not_found", "422 cannot_report_self"}
    await step.call("POST", "/reports", allowed, json=form)


@action("anyone", 1)
async def register_a_device(step: Step) -> None:
    device = {"kind": "fid", "value": f"fid-{step.person.id}", "platform": "ios"}
    await step.call("PUT", f"/notifications/devices/{step.person.id}", {"204"}, json=device)


@action("anyone", 0.5)
async def change_settings(step: Step) -> None:
    form = {"reply": step.chance.random() < 0.5}
    await step.call("PATCH", "/notifications/settings", {"200"}, json=form)


@action("anyone", 1)
async def refresh(step: Step) -> None:
    api = step.person.api
    form = {"refresh_token": api.refresh_token}
    # The same person's concurrent sign-out or leaving may come first.
    allowed = {"200", "401 invalid_refresh_token"}
    pair = await step.call("POST", "/auth/refresh", allowed, json=form, auth=False)
    if pair and api.refresh_token == form["refresh_token"]:
        api.take(pair)


@action("member", 1)
async def sign_in_again(step: Step) -> None:
    """Sign in on another device; the first device stays signed in."""
    api = step.person.api
    form = {"email": api.email, "password": api.password}
    if answer := await step.call("POST", "/auth/login", {"200"}, json=form, auth=False):
        api.take(answer)
        step.person.is_signed_out = False


@action("member", 0.7)
async def sign_out(step: Step) -> None:
    """Sign out and in again. The ended session may have registered a device."""
    api = step.person.api
    step.person.tokens_may_die = step.person.is_signed_out = True
    form = {"refresh_token": api.refresh_token}
    await step.call("POST", "/auth/logout", {"204"}, json=form, auth=False)
    credentials = {"email": api.email, "password": api.password}
    if answer := await step.call("POST", "/auth/login", {"200"}, json=credentials, auth=False):
        api.take(answer)
        step.person.is_signed_out = False


@action("guest", 1)
async def upgrade(step: Step) -> None:
    api = step.person.api
    step.person.tokens_may_die = True
    email = f"t-{token()}@example.com"
    form = {"email": email, "password": PASSWORD, "nickname": step.person.name}
    allowed = {"200", "409 not_a_guest"}
    if answer := await step.call("POST", "/auth/guest/upgrade", allowed, json=form):
        api.take(answer)
        api.email, api.password, step.person.role = email, PASSWORD, "member"


@action("anyone", 0.7)
async def leave(step: Step) -> None:
    """Leave; a new person arrives at once. The account is erased now or after the round."""
    person = step.person
    if not person.has_left:
        await delete_account(step.state, person)
        step.state.reached |= {step.action} if person.has_left else set()
        await arrive(step.state, person.role)
        await step.state.worker.run_some(step.chance.choice([0, 3]))


@action("member", 0.4)
async def leave_by_mailed_link(step: Step) -> None:
    """The mail is not sent: this makes its link alone."""
    person, world = step.person, step.state.world
    if person.has_left:
        return
    async with world.runtime.writing() as ctx:
        token = await ctx.service(MailedLinkService).make_token(
            MailedTo(UUID(person.id), person.api.email), MailPurpose.LEAVE, lifetime=HOUR
        )
    person.tokens_may_die = True
    form = {"token": token}
    response = await world.http.post("http://test/account/delete/confirm", data=form)
    step.state.answers.append(f"{person.name} leaves by a link -> {response.status_code}")
    if response.status_code == 200 and not person.has_left:
        step.done()
        person.has_left = True
        step.state.erased.append(person.id)
        await arrive(step.state, person.role)


async def delete_account(state: State, person: Person) -> None:
    person.tokens_may_die = True
    form = {"password": person.api.password} if person.api.password else {}
    # A concurrent upgrade may have just set the password.
    allowed = {"202"} | ({"403 wrong_password"} if person.was_guest else set())
    if await state.call(person, "DELETE", "/users/me", allowed, json=form):
        person.has_left = True
        state.erased.append(person.id)


@action("anyone", 0.4)
async def get_thousands_of_notifications(step: Step) -> None:
    """As from the lounges that one follows. Once for each person: every check reads them all."""
    if step.person.has_many_unread:
        return
    step.person.has_many_unread = True
    await sql(step.state.world, _MANY_UNREAD, user_id=step.person.id, number=MANY)
    step.state.answers.append(f"{step.person.name} gets {MANY} notifications")


async def arrive(state: State, role: str) -> Person:
    """A new member or guest."""
    state.arrived += 1
    world, name = state.world, f"{'M' if role == 'member' else 'G'}{state.arrived}"
    made = await (world.member(name) if role == "member" else world.guest())
    person = Person(name, "member" if role == "member" else "guest", made)
    person.was_guest = person.role == "guest"
    state.name(person.id, name)
    state.people.append(person)
    state.answers.append(f"{name} arrives")
    return person


async def sign_back_in(person: Person) -> None:
    """Get new tokens for a person whose old tokens may have expired."""
    api = person.api
    form = {"email": api.email, "password": api.password}
    api.take(expect(await api.post("/auth/login", json=form, auth=False), 200))
    person.is_signed_out = False
