"""The actions of members who write: posts, pictures, comments, replies and lounge requests."""

import asyncio
from typing import Any

from tests.states.actions import COMMENT_GONE, POST_GONE, Step, action
from tests.states.picture_check import TALL, WIDE
from tests.states.state import Content
from tests.support.world import picture, token

PUBLISHED = {"201", "409 lounge_closed", "422 image_not_available"}


async def upload(step: Step) -> str | None:
    """A new picture's id; None after a refusal. The operator's check holds some of them."""
    data = picture(*(TALL if step.chance.random() < 0.3 else WIDE))
    files = {"file": ("photo.jpg", data, "image/jpeg")}
    made = await step.call("POST", "/images", {"201"}, files=files)
    return made["id"] if made else None


def remember_post(step: Step, made: dict[str, Any] | None) -> None:
    if made is not None and made["id"] not in step.state.names:
        step.state.name(made["id"], f"post of {step.person.name}")
        step.state.posts.append(Content(made["id"], step.person))
        note_held(step, made)


def note_held(step: Step, made: dict[str, Any] | None) -> None:
    if made is not None and made.get("moderation", "held") != "visible":
        step.state.ever_moderated.add(made["id"])


@action("member", 3)
async def publish(step: Step) -> None:
    form = {"lounge_id": step.lounge(), "title": step.words(), "body": step.words()}
    remember_post(step, await step.call("POST", "/posts", PUBLISHED, json=form))


@action("member", 2)
async def publish_with_pictures(step: Step) -> None:
    form: dict[str, Any] = {"lounge_id": step.lounge(), "title": step.words(), "body": "写真"}
    images = [*step.person.images[-1:], await upload(step)]
    form["image_ids"] = list(dict.fromkeys(image_id for image_id in images if image_id))
    remember_post(step, await step.call("POST", "/posts", PUBLISHED, json=form))


@action("member", 1)
async def publish_twice_with_one_key(step: Step) -> None:
    form = {"lounge_id": step.lounge(), "title": step.words(), "body": step.words()}
    key, allowed = token(), {*PUBLISHED, "409 idempotency_in_progress"}
    twice = [step.call("POST", "/posts", allowed, json=form, key=key) for _ in range(2)]
    made = [post for post in await asyncio.gather(*twice) if post is not None]
    if len({post["id"] for post in made}) > 1:
        step.state.problems.append(f"one Idempotency-Key made two posts: {made}")
    for post in made:
        remember_post(step, post)


@action("member", 1)
async def upload_for_later(step: Step) -> None:
    if image_id := await upload(step):
        step.person.images.append(image_id)


@action("member", 3)
async def edit_post(step: Step) -> None:
    if (post := step.own_post()) is None:
        return
    forms: list[dict[str, Any]] = [
        {"title": step.words()},
        {"title": step.words(), "body": step.words()},
        {"image_ids": []},
        {"image_ids": step.person.images[-1:]},
    ]
    form = step.chance.choice(forms)
    step.state.ever_moderated |= {post.id} if "禁句" in str(form) else set()
    allowed = {"200", "422 image_not_available"} | POST_GONE
    note_held(step, await step.call("PATCH", f"/posts/{post.id}", allowed, json=form))


@action("member", 1)
async def exchange_pictures(step: Step) -> None:
    if post := step.own_post():
        image_id = await upload(step)
        form = {"image_ids": [image_id] if image_id else []}
        allowed = {"200", "422 image_not_available"} | POST_GONE
        note_held(step, await step.call("PUT", f"/posts/{post.id}/images", allowed, json=form))


@action("member", 2)
async def delete_post(step: Step) -> None:
    if post := step.own_post():
        await step.call("DELETE", f"/posts/{post.id}", {"204"} | POST_GONE)


@action("member", 0.5)
async def delete_another_users_post(step: Step) -> None:
    if (post := step.post()) and post.author is not step.person:
        allowed = {"403 not_author"} | POST_GONE
        await step.call("DELETE", f"/posts/{post.id}", allowed)


@action("member", 4)
async def comment(step: Step) -> None:
    if post := step.post():
        await write(step, post.id, None)


@action("member", 5)
async def reply(step: Step) -> None:
    tops = [item for item in step.state.comments[-8:] if item.parent_id is None]
    if tops:
        top = step.chance.choice(tops)
        await write(step, top.post_id, top.id)


async def write(step: Step, post_id: str, parent_id: str | None) -> list[Content]:
    """The new comment, unless it was refused."""
    form = {"body": step.words()} | ({"parent_id": parent_id} if parent_id else {})
    allowed = {"201", "409 lounge_closed"} | POST_GONE
    allowed |= {"422 invalid_parent"} if parent_id else set()
    made = await step.call("POST", f"/posts/{post_id}/comments", allowed, json=form)
    if made is None:
        return []
    kind = "reply" if parent_id else "comment"
    step.state.name(made["id"], f"{kind} of {step.person.name}")
    step.state.comments.append(Content(made["id"], step.person, post_id, parent_id))
    step.state.ever_moderated |= {made["id"]} if "禁句" in form["body"] else set()
    return step.state.comments[-1:]


@action("member", 2)
async def edit_comment(step: Step) -> None:
    if own := step.own_comment():
        form = {"body": step.words()}
        step.state.ever_moderated |= {own.id} if "禁句" in form["body"] else set()
        await step.call("PATCH", f"/comments/{own.id}", {"200"} | COMMENT_GONE, json=form)


@action("member", 3)
async def delete_comment(step: Step) -> None:
    if own := step.own_comment():
        await step.call("DELETE", f"/comments/{own.id}", {"204"} | COMMENT_GONE)


@action("member", 1)
async def delete_comment_below_deleted_post(step: Step) -> None:
    """Only its author sees it, in the export."""
    own = [comment for comment in step.state.orphans if comment.author is step.person]
    if not own and (post := step.own_post()):
        own = await write(step, post.id, None)
        await step.call("DELETE", f"/posts/{post.id}", {"204"} | POST_GONE)
    if own:
        path = f"/comments/{step.chance.choice(own).id}"
        await step.call("DELETE", path, {"204"} | COMMENT_GONE)


@action("member", 1)
async def request_a_lounge(step: Step) -> None:
    # Few names, so that two people ask for the same name.
    name = f"希望 {step.chance.randrange(30)}"
    form = {"name": name, "description": "説明", "reason": "理由"}
    allowed = {"201", "409 lounge_name_taken", "409 too_many_pending"}
    if made := await step.call("POST", "/lounge-requests", allowed, json=form):
        step.state.name(made["id"], f"request of {step.person.name}")
        step.state.requests.append(made["id"])


@action("member", 0.5)
async def withdraw_a_request(step: Step) -> None:
    if step.state.requests:
        path = f"/lounge-requests/{step.chance.choice(step.state.requests[-5:])}"
        allowed = {"204", "404 lounge_request_not_found", "409 already_decided"}
        await step.call("DELETE", path, allowed)


@action("member", 0.5)
async def change_avatar(step: Step) -> None:
    files = {"file": ("photo.jpg", picture(), "image/jpeg")}
    await step.call("PUT", "/users/me/avatar", {"200"}, files=files)


@action("member", 0.5)
async def change_profile(step: Step) -> None:
    """Some names have a word that is banned, or will be: then staff get a case about its user."""
    name = f"{step.chance.choice(['名前', '語'])}{step.chance.randrange(100)}"
    form = {"nickname": name, "bio": step.words()}
    await step.call("PATCH", "/users/me", {"200", "422 text_not_allowed"}, json=form)
