"""What must have happened to posts and comments, so that a run has tried all of it.

`WORD_ACTIONS` are the actions by which words go and come back. `CHANGES` are what the audit log and
the rows tell of it: the same action has other consequences for what was held, or hidden already.
"""

from collections.abc import Iterable, Iterator

from app.admin.enums import UNDONE
from app.admin.models import AT_TERMINAL
from tests.states import recount
from tests.states.facts import Facts, Row
from tests.states.log_check import CONTENT

WORD_ACTIONS = frozenset(
    (
        *("publish", "publish_with_pictures", "edit_post", "exchange_pictures", "delete_post"),
        *("comment", "reply", "edit_comment", "delete_comment"),
        "delete_comment_below_deleted_post",
        *("hide_post", "restore_post", "hide_comment", "restore_comment"),
        *("release_held_content", "decide_held_in_console", "hide_in_bulk", "restore_in_bulk"),
        *("resolve_a_report", "resolve_in_console", "undo_in_console"),
        *("suspend", "suspend_with_content", "suspend_for_a_moment", "suspend_in_console"),
        *("show_content_of_suspended", "lift_suspension", "lift_in_console", "end_suspensions"),
        *("appeal", "suspended_appeals", "decide_an_appeal"),
        *("leave", "leave_by_mailed_link", "suspended_leaves"),
        "hide_held_of_deleted_posts",
    )
)

_OF_EACH = (
    *("visible to hidden", "held to hidden", "hidden with author to hidden"),
    *("hidden to visible", "held to visible"),
    *("hidden to hidden with author", "held to hidden with author"),
    *("undone: hidden to visible", "undone: visible to hidden"),
    *("undone: hidden to held", "undone: visible to held"),
    *("hidden with its author", "shown with its author"),
)
CHANGES = frozenset(
    (
        *(f"{kind}: {change}" for kind in ("post", "comment") for change in _OF_EACH),
        *("user: suspended", "user: suspended with content", "user: content shown"),
        *("user: lifted", "user: ended by time"),
        *("undone: user: suspended with content", "undone: user: lifted"),
        "report: reopened",
        *(f"appeal: overturned {against}" for against in ("moderation", "warning", "suspension")),
        *("reply below a hidden comment", "reply below a held comment"),
        *("reply below a placeholder", "comment below a deleted post"),
        *("picture of a hidden post", "picture that waits for a review"),
    )
)


class Reach:
    """What has been reached of `CHANGES`."""

    def __init__(self) -> None:
        self._with_author: set[str] = set()

    def changes(self, entries: Iterable[Row], facts: Facts) -> Iterator[str]:
        """What the log's new entries and the rows tell."""
        yield from map(_of_entry, entries)
        yield from _situations(facts)
        for kind in ("post", "comment"):
            for row in facts.rows(f"{kind}s"):
                if row["hidden_with_author"]:
                    self._with_author.add(row["id"])
                    yield f"{kind}: hidden with its author"
                elif row["id"] in self._with_author and recount.is_public(row):
                    self._with_author.discard(row["id"])
                    yield f"{kind}: shown with its author"


def _of_entry(entry: Row) -> str:
    action, before, after = entry["action"], entry["before"], entry["after"]
    undone = "undone: " if entry["reason"] == UNDONE else ""
    kind = action.partition(".")[0]
    if action in CONTENT:
        return f"{kind}: {undone}{_moderation(before)} to {_moderation(after)}"
    if action == "user.changed":
        is_timer = entry["actor_id"] == str(AT_TERMINAL)
        # Taken back, a suspension ends: it is named after what is taken back.
        was, now = (after, before) if undone else (before, after)
        return f"{undone}user: {'ended by time' if is_timer else _standing(was, now)}"
    if action == "appeal.decided":
        return f"appeal: {after['status']} {after['against']}"
    return str(action).replace(".", ": ")


def _moderation(state: Row) -> str:
    return f"{state['moderation']}{' with author' if state.get('with_author') else ''}"


def _standing(before: Row, after: Row) -> str:
    is_suspended, hides = after["status"] == "suspended", bool(after.get("hide_content"))
    if before["status"] == after["status"] == "suspended" and before.get("hide_content"):
        return "suspended" if hides else "content shown"
    if is_suspended:
        return "suspended with content" if hides else "suspended"
    return "lifted"


def _situations(facts: Facts) -> Iterator[str]:
    for comment in filter(recount.is_public, facts.rows("comments")):
        parent, post = facts.comments.get(comment["parent_id"]), facts.posts[comment["post_id"]]
        if post["deleted_at"] is not None:
            yield "comment below a deleted post"
        elif parent is not None and parent["deleted_at"] is not None:
            yield "reply below a placeholder"
        elif parent is not None and parent["moderation"] != "visible":
            yield f"reply below a {parent['moderation']} comment"
    for place in facts.rows("post_images"):
        if facts.posts[place["post_id"]]["moderation"] == "hidden":
            yield "picture of a hidden post"
    if facts.rows("images", needs_review=True):
        yield "picture that waits for a review"
