"""Checks the audit log: exactly the entries of each act, and none that the rows contradict."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.admin.models import AT_TERMINAL
from tests.states.facts import Facts, Row
from tests.support.api import UNKNOWN_ID

CONTENT = ("post.hidden", "post.restored", "comment.hidden", "comment.restored")
COUNTED = (
    *CONTENT,
    *("user.changed", "user.warned", "report.resolved", "report.reopened", "appeal.decided"),
)
_TERMINAL = str(AT_TERMINAL)
_HIDDEN = {"moderation": "hidden"}


class Log:
    """What the log must have of the acts since the last check, and the last entry of each thing."""

    def __init__(self) -> None:
        self.new: list[Row] = []
        self.last_id = UNKNOWN_ID
        self._last: dict[str, Row] = {}
        self._least: Counter[tuple[str, str]] = Counter()
        self._most: Counter[tuple[str, str]] = Counter()

    def expect(self, action: str, target_id: str, least: int = 1) -> None:
        """An act has made an entry, or may have made one."""
        self._least[action, target_id] += least
        self._most[action, target_id] += 1

    def differences(self, facts: Facts) -> list[str]:
        """A line for each entry that is missing or too much, and for each row against the log."""
        self.new = facts.newest_acts
        for entry in self.new:
            if entry["action"] in (*CONTENT, "user.changed"):
                self._last[entry["target_id"]] = entry
            self.last_id = entry["id"]
        wrong = [*self._miscounted(), *self._contradicted(facts)]
        self._least.clear()
        self._most.clear()
        return wrong

    def _miscounted(self) -> Iterator[str]:
        found = Counter(
            (entry["action"], entry["target_id"])
            for entry in self.new
            if entry["action"] in COUNTED and entry["actor_id"] != _TERMINAL
        )
        for key in found | self._most:
            least, most = self._least[key], self._most[key]
            if not least <= found[key] <= most:
                action, target_id = key
                yield f"the log has {found[key]} of {least} to {most} {action} of {target_id}"

    def _contradicted(self, facts: Facts) -> Iterator[str]:
        """What is hidden for its own sake was hidden by the last entry about it, and nothing else.

        A suspension of a user is as the last entry about them says.
        """
        for row in [*facts.rows("posts"), *facts.rows("comments")]:
            last = self._last.get(row["id"])
            is_left_hidden = last is not None and last["after"] == _HIDDEN
            if _is_judged(facts, row) and _is_hidden_alone(row) != is_left_hidden:
                yield f"{row['id']} is {row['moderation']}, but the last entry about it is {last}"
        for user in facts.rows("users"):
            last = self._last.get(user["id"])
            if last and user["left_at"] is None and _standing(last["after"]) != _of_user(user):
                yield f"{user['id']} is {_of_user(user)}, but the last entry about it is {last}"


def _is_judged(facts: Facts, row: Row) -> bool:
    """A job hides the held comments of deleted posts, without an entry."""
    post = facts.posts.get(str(row.get("post_id", row["id"])))
    return row["deleted_at"] is None and post is not None and post["deleted_at"] is None


def _is_hidden_alone(row: Row) -> bool:
    return row["moderation"] == "hidden" and not row["hidden_with_author"]


def _standing(after: Row) -> tuple[Any, ...]:
    until = after.get("until")
    hides = after.get("hide_content", False)
    return after["status"], until and datetime.fromisoformat(until), hides


def _of_user(user: Row) -> tuple[Any, ...]:
    return user["status"], user["suspended_until"], user["suspension_hides"]
