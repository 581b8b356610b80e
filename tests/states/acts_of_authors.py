"""The acts of members who write: posts, pictures, comments, replies and lounge requests."""

import asyncio
from typing import Any

from tests.states.acts import COMMENT_GONE, POST_GONE, Turn, act
from tests.states.scene import Content
from tests.support.world import picture, token

PUBLISHED = {"201", "409 lounge_closed", "422 image_not_available"}


async def upload(turn: Turn) -> str | None:
    """A new picture's id; None after a refusal."""
    files = {"file": ("photo.jpg", picture(), "image/jpeg")}
    made = await turn.call("POST", "/images", {"201"}, files=files)
    return made["id"] if made else None


def remember_post(turn: Turn, made: dict[str, Any] | None) -> None:
    if made is not None and made["id"] not in turn.scene.names:
        turn.scene.name(made["id"], f"post of {turn.person.name}")
        turn.scene.posts.append(Content(made["id"], turn.person))
        note_held(turn, made)


def note_held(turn: Turn, made: dict[str, Any] | None) -> None:
    if made is not None and made.get("moderation", "held") != "visible":
        turn.scene.ever_moderated.add(made["id"])


@act("member", 3)
async def publish(turn: Turn) -> None:
    form = {"lounge_id": turn.lounge(), "title": turn.words(), "body": turn.words()}
    remember_post(turn, await turn.call("POST", "/posts", PUBLISHED, json=form))


@act("member", 2)
async def publish_with_pictures(turn: Turn) -> None:
    form: dict[str, Any] = {"lounge_id": turn.lounge(), "title": turn.words(), "body": "写真"}
    images = [*turn.person.images[-1:], await upload(turn)]
    form["image_ids"] = list(dict.fromkeys(image_id for image_id in images if image_id))
    remember_post(turn, await turn.call("POST", "/posts", PUBLISHED, json=form))


@act("member", 1)
async def publish_twice_with_one_key(turn: Turn) -> None:
    form = {"lounge_id": turn.lounge(), "title": turn.words(), "body": turn.words()}
    key, allowed = token(), {*PUBLISHED, "409 idempotency_in_progress"}
    twice = [turn.call("POST", "/posts", allowed, json=form, key=key) for _ in range(2)]
    made = [post for post in await asyncio.gather(*twice) if post is not None]
    if len({post["id"] for post in made}) > 1:
        turn.scene.problems.append(f"one Idempotency-Key made two posts: {made}")
    for post in made:
        remember_post(turn, post)


@act("member", 1)
async def upload_for_later(turn: Turn) -> None:
    if image_id := await upload(turn):
        turn.person.images.append(image_id)


@act("member", 3)
async def edit_post(turn: Turn) -> None:
    if (post := turn.own_post()) is None:
        return
    forms: list[dict[str, Any]] = [
        {"title": turn.words()},
        {"title": turn.words(), "body": turn.words()},
        {"image_ids": []},
        {"image_ids": turn.person.images[-1:]},
    ]
    form = turn.chance.choice(forms)
    turn.scene.ever_moderated |= {post.id} if "禁句" in str(form) else set()
    allowed = {"200", "422 image_not_available"} | POST_GONE
    await turn.call("PATCH", f"/posts/{post.id}", allowed, json=form)


@act("member", 2)
async def delete_post(turn: Turn) -> None:
    if post := turn.own_post():
        await turn.call("DELETE", f"/posts/{post.id}", {"204"} | POST_GONE)


@act("member", 0.5)
async def delete_another_users_post(turn: Turn) -> None:
    if (post := turn.post()) and post.author is not turn.person:
        allowed = {"403 not_author"} | POST_GONE
        await turn.call("DELETE", f"/posts/{post.id}", allowed)


@act("member", 4)
async def comment(turn: Turn) -> None:
    if post := turn.post():
        await write(turn, post.id, None)


@act("member", 5)
async def reply(turn: Turn) -> None:
    tops = [item for item in turn.scene.comments[-8:] if item.parent_id is None]
    if tops:
        top = turn.chance.choice(tops)
        await write(turn, top.post_id, top.id)


async def write(turn: Turn, post_id: str, parent_id: str | None) -> None:
    form = {"body": turn.words()} | ({"parent_id": parent_id} if parent_id else {})
    allowed = {"201", "409 lounge_closed"} | POST_GONE
    allowed |= {"422 invalid_parent"} if parent_id else set()
    made = await turn.call("POST", f"/posts/{post_id}/comments", allowed, json=form)
    if made is not None:
        kind = "reply" if parent_id else "comment"
        turn.scene.name(made["id"], f"{kind} of {turn.person.name}")
        turn.scene.comments.append(Content(made["id"], turn.person, post_id, parent_id))
        turn.scene.ever_moderated |= {made["id"]} if "禁句" in form["body"] else set()


@act("member", 2)
async def edit_comment(turn: Turn) -> None:
    if own := turn.own_comment():
        form = {"body": turn.words()}
        turn.scene.ever_moderated |= {own.id} if "禁句" in form["body"] else set()
        await turn.call("PATCH", f"/comments/{own.id}", {"200"} | COMMENT_GONE, json=form)


@act("member", 3)
async def delete_comment(turn: Turn) -> None:
    if own := turn.own_comment():
        await turn.call("DELETE", f"/comments/{own.id}", {"204"} | COMMENT_GONE)


@act("member", 4)
async def like(turn: Turn) -> None:
    if post := turn.post():
        await turn.call("PUT", f"/posts/{post.id}/like", {"204"} | POST_GONE)


@act("member", 2)
async def unlike(turn: Turn) -> None:
    if post := turn.post():
        await turn.call("DELETE", f"/posts/{post.id}/like", {"204"} | POST_GONE)


@act("member", 1)
async def request_a_lounge(turn: Turn) -> None:
    # Few names, so that two people ask for the same name.
    name = f"希望 {turn.chance.randrange(30)}"
    form = {"name": name, "description": "説明", "reason": "理由"}
    allowed = {"201", "409 lounge_name_taken", "409 too_many_pending"}
    if made := await turn.call("POST", "/lounge-requests", allowed, json=form):
        turn.scene.name(made["id"], f"request of {turn.person.name}")
        turn.scene.requests.append(made["id"])


@act("member", 0.5)
async def withdraw_a_request(turn: Turn) -> None:
    if turn.scene.requests:
        path = f"/lounge-requests/{turn.chance.choice(turn.scene.requests[-5:])}"
        allowed = {"204", "404 lounge_request_not_found", "409 already_decided"}
        await turn.call("DELETE", path, allowed)


@act("member", 0.5)
async def change_avatar(turn: Turn) -> None:
    files = {"file": ("photo.jpg", picture(), "image/jpeg")}
    await turn.call("PUT", "/users/me/avatar", {"200"}, files=files)


@act("member", 0.5)
async def change_profile(turn: Turn) -> None:
    form = {"nickname": f"名前{turn.chance.randrange(1000)}", "bio": turn.words()}
    await turn.call("PATCH", "/users/me", {"200"}, json=form)
