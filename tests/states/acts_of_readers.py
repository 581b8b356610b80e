"""The acts of all readers: views, favourites, mutes, blocks, reports, sign-in and leaving."""

import asyncio

from tests.states.acts import POST_GONE, Turn, act
from tests.states.scene import Person, Scene
from tests.support.api import expect
from tests.support.world import PASSWORD, token

LOUNGE_GONE = {"404 lounge_not_found"}


@act("anyone", 3)
async def add_favorite(turn: Turn) -> None:
    await turn.call("PUT", f"/lounges/{turn.lounge()}/favorite", {"204"} | LOUNGE_GONE)


@act("anyone", 2)
async def remove_favorite(turn: Turn) -> None:
    await turn.call("DELETE", f"/lounges/{turn.lounge()}/favorite", {"204"} | LOUNGE_GONE)


@act("anyone", 2)
async def view_a_lounge(turn: Turn) -> None:
    await turn.call("GET", f"/lounges/{turn.lounge()}", {"200"})


@act("anyone", 0.4)
async def view_all_lounges(turn: Turn) -> None:
    """More concurrent views than the list of recent views keeps."""
    lounges = turn.scene.lounges[-55:]
    await asyncio.gather(*(turn.person.api.get(f"/lounges/{lounge_id}") for lounge_id in lounges))
    turn.scene.answers.append(f"{turn.person.name} GET {len(lounges)} lounges at once")


@act("anyone", 0.4)
async def clear_recent_views(turn: Turn) -> None:
    await turn.call("DELETE", "/lounges/recent", {"204"})


@act("anyone", 3)
async def mute(turn: Turn) -> None:
    if post := turn.post():
        turn.scene.ever_muted.add((turn.person.id, post.id))
        await turn.call("PUT", f"/posts/{post.id}/mute", {"204"} | POST_GONE)


@act("anyone", 3)
async def unmute(turn: Turn) -> None:
    if post := turn.post():
        await turn.call("DELETE", f"/posts/{post.id}/mute", {"204"} | POST_GONE)


@act("anyone", 1)
async def block(turn: Turn) -> None:
    if other := turn.somebody_else():
        turn.scene.ever_blocked.add((turn.person.id, other.id))
        await turn.call("PUT", f"/users/{other.id}/block", {"204", "404 user_not_found"})


@act("anyone", 2)
async def unblock(turn: Turn) -> None:
    if other := turn.somebody_else():
        await turn.call("DELETE", f"/users/{other.id}/block", {"204"})


@act("anyone", 2)
async def mark_all_read(turn: Turn) -> None:
    await turn.call("POST", "/notifications/read", {"204"}, json={"all": True})


@act("anyone", 2)
async def mark_some_read(turn: Turn) -> None:
    page = await turn.call("GET", "/notifications?limit=5", {"200"})
    if page and page["items"]:
        ids = [notification["id"] for notification in page["items"]]
        await turn.call("POST", "/notifications/read", {"204"}, json={"ids": ids})


@act("anyone", 2)
async def report(turn: Turn) -> None:
    post, comment, other = turn.post(), turn.comment(), turn.somebody_else()
    targets = {"lounge": turn.lounge()}
    targets |= {"post": post.id} if post else {}
    targets |= {"comment": comment.id} if comment else {}
    targets |= {"user": other.id} if other else {}
    kind = turn.chance.choice(list(targets))
    form = {"target_type": kind, "target_id": targets[kind], "reason": "spam", "detail": "通報"}
    await turn.call("POST", "/reports", {"200", "201", "404 target_not_found"}, json=form)


@act("anyone", 1)
async def register_a_device(turn: Turn) -> None:
    device = {"kind": "fid", "value": f"fid-{turn.person.id}", "platform": "ios"}
    await turn.call("PUT", f"/notifications/devices/{turn.person.id}", {"204"}, json=device)


@act("anyone", 0.5)
async def change_settings(turn: Turn) -> None:
    form = {"reply": turn.chance.random() < 0.5}
    await turn.call("PATCH", "/notifications/settings", {"200"}, json=form)


@act("anyone", 1)
async def refresh(turn: Turn) -> None:
    api = turn.person.api
    form = {"refresh_token": api.refresh_token}
    # The same person's concurrent sign-out or leaving may come first.
    allowed = {"200", "401 invalid_refresh_token"}
    pair = await turn.call("POST", "/auth/refresh", allowed, json=form, auth=False)
    if pair and api.refresh_token == form["refresh_token"]:
        api.take(pair)


@act("member", 1)
async def sign_in_again(turn: Turn) -> None:
    """Sign in on another device; the first device stays signed in."""
    api = turn.person.api
    form = {"email": api.email, "password": api.password}
    allowed = {"200"} | ({"401 invalid_credentials"} if turn.person.tokens_may_die else set())
    if answer := await turn.call("POST", "/auth/login", allowed, json=form, auth=False):
        api.take(answer)
        turn.person.is_signed_out = False


@act("member", 0.7)
async def sign_out(turn: Turn) -> None:
    """Sign out and in again. The ended session may have registered a device."""
    api = turn.person.api
    turn.person.tokens_may_die = turn.person.is_signed_out = True
    form = {"refresh_token": api.refresh_token}
    await turn.call("POST", "/auth/logout", {"204"}, json=form, auth=False)
    credentials = {"email": api.email, "password": api.password}
    allowed = {"200", "401 invalid_credentials"}
    if answer := await turn.call("POST", "/auth/login", allowed, json=credentials, auth=False):
        api.take(answer)
        turn.person.is_signed_out = False


@act("guest", 1)
async def upgrade(turn: Turn) -> None:
    api = turn.person.api
    turn.person.tokens_may_die = True
    email = f"t-{token()}@example.com"
    form = {"email": email, "password": PASSWORD, "nickname": turn.person.name}
    allowed = {"200", "409 not_a_guest"}
    if answer := await turn.call("POST", "/auth/guest/upgrade", allowed, json=form):
        api.take(answer)
        api.email, api.password, turn.person.role = email, PASSWORD, "member"


@act("anyone", 0.7)
async def leave(turn: Turn) -> None:
    """Leave; a new person arrives at once. The account is erased now or after the round."""
    person = turn.person
    if not person.has_left:
        await delete_account(turn.scene, person)
        await arrive(turn.scene, person.role)
        await turn.scene.worker.run_some(turn.chance.choice([0, 3]))


async def delete_account(scene: Scene, person: Person) -> None:
    person.tokens_may_die = True
    form = {"password": person.api.password} if person.api.password else {}
    # A concurrent upgrade may have just set the password.
    allowed = {"202"} | ({"403 wrong_password"} if person.was_guest else set())
    if await scene.call(person, "DELETE", "/users/me", allowed, json=form):
        person.has_left = True
        scene.erased.append(person.id)


async def arrive(scene: Scene, role: str) -> Person:
    """A new member or guest."""
    scene.arrived += 1
    world, name = scene.world, f"{'M' if role == 'member' else 'G'}{scene.arrived}"
    made = await (world.member(name) if role == "member" else world.guest())
    person = Person(name, "member" if role == "member" else "guest", made)
    person.was_guest = person.role == "guest"
    scene.name(person.id, name)
    scene.people.append(person)
    scene.answers.append(f"{name} arrives")
    return person


async def sign_back_in(person: Person) -> None:
    """Get new tokens for a person whose old tokens may have expired."""
    api = person.api
    form = {"email": api.email, "password": api.password}
    api.take(expect(await api.post("/auth/login", json=form, auth=False), 200))
    person.is_signed_out = False
