"""Jobs about posts, comments and announcements: notifications of them, and their pushes."""

from collections.abc import Mapping
from typing import Any

from app.integrations.push.base import PushOutcome
from tests.support.api import expect
from tests.support.late import (
    LEFT,
    SUSPENDED,
    Act,
    LateJob,
    Stage,
    by_sql,
    called,
    leaves,
    run,
    take,
)
from tests.support.leaving import leave
from tests.support.moderating import ban
from tests.support.notifications import register_device

SEND_PUSH = "notification.send_push"
BANNED = "ばくだん"
PUSH, COUNTED_PUSH = frozenset({"push"}), frozenset({"push", "sent_pushes"})


async def other_leaves(stage: Stage) -> None:
    await leave(stage.other)


async def post_is_hidden(stage: Stage) -> None:
    await stage.world.hide_post({"id": stage.facts["post"]})


async def comment_is_hidden(stage: Stage) -> None:
    await stage.world.hide_comment({"id": stage.facts["comment"]})


async def other_has_the_phone(stage: Stage) -> None:
    await register_device(stage.other, "phone")


async def other_has_its_address(stage: Stage) -> None:
    """The app was installed again on the same phone, for another user."""
    await register_device(stage.other, "another", "value of phone")


def settings(**fields: bool) -> Act:
    return called("user", "PATCH", "/notifications/settings", 200, **fields)


BLOCKS_OTHER = called("user", "PUT", "/users/{other}/block")
MUTES_POST = called("user", "PUT", "/posts/{post}/mute")
PUSHES_ARE_OFF = settings(push_enabled=False)


# Pushes of notifications


async def other_comments(stage: Stage) -> None:
    """On a post of the user, who has a phone."""
    await register_device(stage.user, "phone")
    post = await stage.world.post(stage.user)
    comment = await stage.world.comment(stage.other, post)
    stage.facts |= {"post": post["id"], "comment": comment["id"]}


async def one_phone_was_out_of_reach(stage: Stage) -> None:
    """It gets a job of its own, which runs after a pause."""
    await register_device(stage.user, "tablet")
    await other_comments(stage)
    stage.push.outcomes = {"value of phone": PushOutcome.LATER}
    await run(stage, SEND_PUSH, await take(stage, SEND_PUSH))
    stage.push.outcomes = {}


async def account_changes(stage: Stage) -> None:
    await register_device(stage.user, "phone")
    body = {"current_password": stage.user.password, "new_password": "umi-no-nami-2093"}
    expect(await stage.user.post("/auth/password/change", json=body), 204)
    stage.user.password = body["new_password"]


async def signs_out(stage: Stage) -> None:
    body = {"refresh_token": stage.user.refresh_token}
    expect(await stage.user.post("/auth/logout", json=body), 204)


READ = called("user", "POST", "/notifications/read", all=True)
OF_A_PHONE: Mapping[str, Act] = {
    "signed out": signs_out,
    "the phone is gone": called("user", "DELETE", "/notifications/devices/phone"),
    "another user has the phone": other_has_the_phone,
    "another user has its address": other_has_its_address,
}
OF_A_COMMENT: Mapping[str, Act] = {
    "read": READ,
    "pushes are off": PUSHES_ARE_OFF,
    "its type is off": settings(comment=False),
    "the comment is deleted": called("other", "DELETE", "/comments/{comment}"),
    "the comment is hidden": comment_is_hidden,
    "the post is deleted": called("user", "DELETE", "/posts/{post}"),
    "the post is hidden": post_is_hidden,
    "the post is muted": MUTES_POST,
    "its author left": other_leaves,
    "its author is blocked": BLOCKS_OTHER,
    "the notification is gone": by_sql("DELETE FROM notifications"),
    "left": LEFT,
    "suspended": SUSPENDED,
}

PUSHES = [
    LateJob(SEND_PUSH, other_comments, PUSH, {**OF_A_COMMENT, **OF_A_PHONE}, about="a comment"),
    LateJob(
        SEND_PUSH,
        one_phone_was_out_of_reach,
        PUSH,
        {
            "read": READ,
            "its type is off": settings(comment=False),
            "the comment is deleted": called("other", "DELETE", "/comments/{comment}"),
            "the comment is hidden": comment_is_hidden,
            "its author is blocked": BLOCKS_OTHER,
            **OF_A_PHONE,
        },
        about="a comment, again to one phone",
    ),
    LateJob(
        SEND_PUSH,
        account_changes,
        PUSH,
        {**OF_A_PHONE, "read": READ, "left": LEFT, "suspended": SUSPENDED},
        # A thief who switches pushes off would go unnoticed.
        {"pushes are off": (PUSHES_ARE_OFF, COUNTED_PUSH)},
        about="the account's security",
    ),
]


# Announcements


async def announced(stage: Stage) -> None:
    await register_device(stage.user, "phone")
    form = {"title_ja": "お知らせ", "body_ja": "明日はお休みです", "push": True}
    made = expect(await stage.admin.post("/admin/announcements", json=form), 201)
    stage.facts["announcement"] = made["id"]


async def announced_to_each(stage: Stage) -> None:
    await announced(stage)
    await run(stage, "notification.announce", await take(stage, "notification.announce"))


WITHDRAWN = called("admin", "DELETE", "/admin/announcements/{announcement}")

ANNOUNCEMENTS = [
    LateJob(
        "notification.announce",
        announced,
        frozenset({f"job {SEND_PUSH}"}),
        {"withdrawn": WITHDRAWN, "nobody with a phone is left": leaves},
    ),
    LateJob(
        SEND_PUSH,
        announced_to_each,
        PUSH,
        {
            **OF_A_PHONE,
            "withdrawn": WITHDRAWN,
            "read": READ,
            "pushes are off": PUSHES_ARE_OFF,
            "its type is off": settings(announcement=False),
            "left": LEFT,
            "suspended": SUSPENDED,
        },
        about="an announcement",
    ),
]


# New posts in a lounge, and new comments on a post


async def subscribes(stage: Stage) -> dict[str, Any]:
    await register_device(stage.user, "phone")
    lounge = await stage.world.lounge()
    stage.facts["lounge"] = lounge["id"]
    await called("user", "PUT", "/lounges/{lounge}/notifications", level="all")(stage)
    return lounge


async def other_posts(stage: Stage) -> None:
    post = await stage.world.post(stage.other, await subscribes(stage))
    stage.facts["post"] = post["id"]


async def held_post_is_released(stage: Stage) -> None:
    await ban(stage.admin, BANNED)
    post = await stage.world.post(stage.other, await subscribes(stage), title=BANNED)
    stage.facts["post"] = post["id"]
    await called("admin", "POST", "/admin/posts/{post}/restore", reason="問題なし")(stage)


async def watches(stage: Stage) -> dict[str, Any]:
    """The user watches a post of the admin, who has no part in it otherwise."""
    await register_device(stage.user, "phone")
    post = await stage.world.post(stage.admin)
    stage.facts["post"] = post["id"]
    await called("user", "PUT", "/posts/{post}/watch")(stage)
    return post


async def other_comments_on_what_is_watched(stage: Stage) -> None:
    comment = await stage.world.comment(stage.other, await watches(stage))
    stage.facts["comment"] = comment["id"]


async def held_comment_is_released(stage: Stage) -> None:
    await ban(stage.admin, BANNED)
    comment = await stage.world.comment(stage.other, await watches(stage), BANNED)
    stage.facts["comment"] = comment["id"]
    await called("admin", "POST", "/admin/comments/{comment}/restore", reason="問題なし")(stage)


def held_again(table: str) -> Act:
    """As undoing the release leaves it."""
    return by_sql(f"UPDATE {table} SET moderation = 'held'")


NOTIFIED = frozenset({"notifications", f"job {SEND_PUSH}"})
UNPUSHED = frozenset({"notifications"})
"""It is written and not pushed: it is hidden until the content is shown again."""

OF_A_NEW_POST: Mapping[str, Act] = {
    "the post is deleted": called("other", "DELETE", "/posts/{post}"),
    "its author left": other_leaves,
    "its author is blocked": BLOCKS_OTHER,
    "unsubscribed": called("user", "PUT", "/lounges/{lounge}/notifications", level="none"),
    "left": LEFT,
}
OF_A_WATCHED_COMMENT: Mapping[str, Act] = {
    "the comment is deleted": called("other", "DELETE", "/comments/{comment}"),
    "the post is deleted": called("admin", "DELETE", "/posts/{post}"),
    "its author left": other_leaves,
    "its author is blocked": BLOCKS_OTHER,
    "the post is muted": MUTES_POST,
    "not watched": called("user", "DELETE", "/posts/{post}/watch"),
    "left": LEFT,
}

FAN_OUTS = [
    LateJob(
        "post.notify_lounge",
        other_posts,
        NOTIFIED,
        OF_A_NEW_POST,
        {"the post is hidden": (post_is_hidden, UNPUSHED)},
        about="a new post",
    ),
    LateJob(
        "post.notify_lounge",
        held_post_is_released,
        NOTIFIED,
        {**OF_A_NEW_POST, "held again": held_again("posts")},
        {"the post is hidden": (post_is_hidden, UNPUSHED)},
        about="a released post",
    ),
    LateJob(
        "comment.notify_watchers",
        other_comments_on_what_is_watched,
        NOTIFIED,
        OF_A_WATCHED_COMMENT,
        {
            "the comment is hidden": (comment_is_hidden, UNPUSHED),
            "the post is hidden": (post_is_hidden, UNPUSHED),
        },
        about="a new comment",
    ),
    LateJob(
        "comment.notify_watchers",
        held_comment_is_released,
        NOTIFIED,
        {**OF_A_WATCHED_COMMENT, "held again": held_again("comments")},
        {"the comment is hidden": (comment_is_hidden, UNPUSHED)},
        about="a released comment",
    ),
]

ROWS = [*PUSHES, *ANNOUNCEMENTS, *FAN_OUTS]
