"""The rules of the contract, each for one use of an id: what a caller gets for a thing.

A rule answers OK or the code of a refusal. It is asked only if the route is open to the caller.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.matrix.things import BY_NOBODY, Caller, Kind, Thing
from tests.support.api import OK

type Answer = Callable[[Caller, Thing], str]


@dataclass(frozen=True)
class Rule:
    """What is answered, and the kinds of things that the id may name."""

    kinds: tuple[Kind, ...]
    answer: Answer


def about(*kinds: Kind) -> Callable[[Answer], Rule]:
    return lambda answer: Rule(kinds, answer)


GONE = {"deleted", "deleted with a reply", "by a leaver", "by an erased user", "unknown"}
"""What can't be brought back, not even by an admin."""


# Posts


@about(Kind.POST)
def read_post(caller: Caller, post: Thing) -> str:
    return OK if post.is_seen_by(caller) else "post_not_found"


@about(Kind.POST)
def change_post(caller: Caller, post: Thing) -> str:
    if not post.is_seen_by(caller):
        return "post_not_found"
    return OK if post.is_of(caller) else "not_author"


PUT_AWAY = ("muted", "by a blocked user")
"""How the states end of what a caller themselves has taken out of their sight."""


@about(Kind.POST)
def unmark_post(caller: Caller, post: Thing) -> str:
    """Marks can be taken from what the caller has muted or blocked since."""
    return OK if post.state in PUT_AWAY or post.is_seen_by(caller) else "post_not_found"


@about(Kind.POST)
def mute_post(caller: Caller, post: Thing) -> str:
    """A muted post can be muted again."""
    return OK if post.state == "muted" or post.is_seen_by(caller) else "post_not_found"


@about(Kind.POST)
def comment_on_post(caller: Caller, post: Thing) -> str:
    if not post.is_seen_by(caller):
        return "post_not_found"
    return "lounge_closed" if post.state == "in a closed lounge" else OK


def moderated(caller: Caller, thing: Thing, *, decides: bool) -> str:
    """A moderator acts on nothing that an admin wrote, and decides nothing about their own.

    The stage has one active admin, who may decide about theirs.
    """
    assert thing.owner is not None
    if caller.role != "moderator":
        return OK
    if thing.owner.role == "admin":
        return "admin_only"
    return "own_content" if decides and thing.is_of(caller) else OK


@about(Kind.POST)
def hide_post(caller: Caller, post: Thing) -> str:
    return "post_not_found" if post.state in GONE else moderated(caller, post, decides=False)


@about(Kind.POST)
def restore_post(caller: Caller, post: Thing) -> str:
    return "post_not_found" if post.state in GONE else moderated(caller, post, decides=True)


@about(Kind.POST)
def manage_post(_: Caller, post: Thing) -> str:
    return "post_not_found" if post.state in GONE else OK


# Comments


@about(Kind.COMMENT)
def manage_comment(_: Caller, comment: Thing) -> str:
    return "comment_not_found" if comment_is_gone(comment) else OK


@about(Kind.COMMENT)
def read_comment(caller: Caller, comment: Thing) -> str:
    """A deleted comment that has a reply is a placeholder for all."""
    assert comment.on is not None
    is_placeholder = comment.state == "deleted with a reply" and comment.on.is_seen_by(caller)
    return OK if is_placeholder or comment.is_seen_by(caller) else "comment_not_found"


@about(Kind.COMMENT)
def change_comment(caller: Caller, comment: Thing) -> str:
    if not comment.is_seen_by(caller):
        return "comment_not_found"
    return OK if comment.is_of(caller) else "not_author"


@about(Kind.COMMENT)
def delete_comment(caller: Caller, comment: Thing) -> str:
    """Authors can delete what they wrote below a post in any state, while it is there at all."""
    is_below_post = comment.state.startswith("on a post ") and "erased" not in comment.state
    if comment.is_of(caller) and is_below_post:
        return OK
    return change_comment.answer(caller, comment)


@about(Kind.COMMENT)
def list_replies(caller: Caller, comment: Thing) -> str:
    """The replies to a deleted comment are listed below its placeholder. A reply has none."""
    assert comment.on is not None
    if not comment.on.is_seen_by(caller):
        return "post_not_found"
    is_there = comment.is_seen_by(caller) or comment.state == "deleted with a reply"
    return OK if is_there else "comment_not_found"


@about(Kind.COMMENT)
def reply(caller: Caller, comment: Thing) -> str:
    assert comment.on is not None
    if not comment.on.is_seen_by(caller):
        return "post_not_found"
    if comment.on.state == "in a closed lounge":
        return "lounge_closed"
    takes_replies = comment.state != "held" and not comment.state.startswith("below")
    return OK if takes_replies and comment.is_seen_by(caller) else "invalid_parent"


def comment_is_gone(comment: Thing) -> bool:
    assert comment.on is not None
    return bool({comment.state, comment.on.state} & GONE)


@about(Kind.COMMENT)
def hide_comment(caller: Caller, comment: Thing) -> str:
    if comment_is_gone(comment):
        return "comment_not_found"
    return moderated(caller, comment, decides=False)


@about(Kind.COMMENT)
def restore_comment(caller: Caller, comment: Thing) -> str:
    if comment_is_gone(comment):
        return "comment_not_found"
    return moderated(caller, comment, decides=True)


# Users


@about(Kind.USER)
def read_user(caller: Caller, user: Thing) -> str:
    return OK if user.is_seen_by(caller) else "user_not_found"


@about(Kind.USER)
def block_user(caller: Caller, user: Thing) -> str:
    if user.is_of(caller):
        return "cannot_block_self"
    return OK if user.is_seen_by(caller) else "user_not_found"


@about(Kind.USER)
def unblock_user(_: Caller, __: Thing) -> str:
    """A user who was not blocked, or has left, is accepted."""
    return OK


@about(Kind.USER)
def manage_user(_: Caller, user: Thing) -> str:
    return OK if user.seen_by != BY_NOBODY else "user_not_found"


@about(Kind.POST, Kind.COMMENT, Kind.USER, Kind.LOUNGE)
def warn_about(admin: Caller, thing: Thing) -> str:
    """The admin warns the reader. A lounge is everyone's."""
    if thing.kind == Kind.LOUNGE:
        is_theirs = thing.state != "unknown"
    elif thing.kind == Kind.USER:
        is_theirs = thing.id == admin.ids["user_id"]
    else:
        author = thing.owner
        is_theirs = author is not None and author.api.id == admin.ids["user_id"]
    is_gone = {thing.state, thing.on.state if thing.on else ""} & GONE
    return OK if is_theirs and not is_gone else "warned_about_not_found"


# Lounges


@about(Kind.LOUNGE)
def read_lounge(_: Caller, lounge: Thing) -> str:
    """A closed lounge can be read."""
    return "lounge_not_found" if lounge.state == "unknown" else OK


@about(Kind.LOUNGE)
def add_to_lounge(_: Caller, lounge: Thing) -> str:
    """A post, or a subscription."""
    return {"unknown": "lounge_not_found", "closed": "lounge_closed"}.get(lounge.state, OK)


# Others


@about(Kind.REQUEST)
def read_request(caller: Caller, request: Thing) -> str:
    return OK if request.is_seen_by(caller) else "lounge_request_not_found"


@about(Kind.REQUEST)
def withdraw_request(caller: Caller, request: Thing) -> str:
    if not request.is_seen_by(caller):
        return "lounge_request_not_found"
    return OK if request.state == "pending" else "already_decided"


@about(Kind.REQUEST)
def decide_request(_: Caller, request: Thing) -> str:
    if request.state == "unknown":
        return "lounge_request_not_found"
    return OK if request.state == "pending" else "already_decided"


@about(Kind.IMAGE)
def read_image(caller: Caller, image: Thing) -> str:
    """For its owner, admins and moderators."""
    is_there = image.state != "unknown"
    return (
        OK
        if is_there and (image.is_of(caller) or caller.role in ("moderator", "admin"))
        else "not_found"
    )


@about(Kind.IMAGE)
def take_image(caller: Caller, image: Thing) -> str:
    """Each image is in one post only."""
    is_free = image.is_of(caller) and image.state == "uploaded"
    return OK if is_free else "image_not_available"


@about(Kind.SESSION)
def end_session(caller: Caller, session: Thing) -> str:
    is_open = session.is_of(caller) and session.state == "open"
    return OK if is_open else "session_not_found"


@about(Kind.CASE)
def read_case(_: Caller, case: Thing) -> str:
    return "report_not_found" if case.state == "unknown" else OK


@about(Kind.CASE)
def resolve_case(_: Caller, case: Thing) -> str:
    return {"unknown": "report_not_found", "resolved": "already_resolved"}.get(case.state, OK)


@about(Kind.NOTIFICATION)
def open_notification(caller: Caller, notification: Thing) -> str:
    return OK if notification.is_seen_by(caller) else "notification_not_found"


@about(Kind.NOTIFICATION)
def appeal(caller: Caller, notification: Thing) -> str:
    """It is about a comment, which is not an act of a moderator."""
    return "not_appealable" if notification.is_seen_by(caller) else "notification_not_found"


@about(Kind.NOTIFICATION)
def no_appeal(_: Caller, __: Thing) -> str:
    return "appeal_not_found"


@about(Kind.NOTIFICATION)
def no_announcement(_: Caller, __: Thing) -> str:
    return "announcement_not_found"


@about(Kind.POST, Kind.COMMENT, Kind.USER, Kind.LOUNGE)
def report(caller: Caller, thing: Thing) -> str:
    """Who has muted or blocked may still report why."""
    if not (thing.is_seen_by(caller) or thing.state.endswith(PUT_AWAY)):
        return "target_not_found"
    return "cannot_report_self" if thing.is_of(caller) else OK


def nothing_refused(*kinds: Kind) -> Rule:
    """The id only narrows a list, or names something of the caller's, if anything.

    The search for needles checks that nothing of other users comes out.
    """
    return Rule(kinds, lambda _, __: OK)
