"""What each count column must hold, counted row by row: simple, slow, and without the app's SQL.

A count is the same for every reader: mutes and blocks change what somebody sees, not how many
there are.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.states.facts import Facts, Row


def is_public(row: Row) -> bool:
    """Whether a post or a comment is there for everybody: not deleted, hidden or held."""
    return row["deleted_at"] is None and row["moderation"] == "visible"


def replies(facts: Facts, comment: Row) -> int:
    """The public replies to a comment."""
    return sum(is_public(reply) for reply in facts.rows("comments", parent_id=comment["id"]))


def comments(facts: Facts, post: Row) -> int:
    """The public comments and replies on a post.

    A reply below a hidden or held comment does not count, because no reader gets to it. A reply
    below a deleted comment does: the place-holder leads to it.
    """
    return sum(
        is_public(comment) and _parent_is_shown(facts, comment)
        for comment in facts.rows("comments", post_id=post["id"])
    )


def _parent_is_shown(facts: Facts, comment: Row) -> bool:
    parent_id = comment["parent_id"]
    return parent_id is None or facts.comments[parent_id]["moderation"] == "visible"


def likes(facts: Facts, post: Row) -> int:
    return len(facts.rows("post_likes", post_id=post["id"]))


def posts_of_author(facts: Facts, user: Row) -> int:
    return sum(is_public(post) for post in facts.rows("posts", author_id=user["id"]))


def posts_in_lounge(facts: Facts, lounge: Row) -> int:
    return sum(is_public(post) for post in facts.rows("posts", lounge_id=lounge["id"]))


def last_post_in_lounge(facts: Facts, lounge: Row) -> Any:
    public = [post for post in facts.rows("posts", lounge_id=lounge["id"]) if is_public(post)]
    return max((post["created_at"] for post in public), default=None)


def favorites(facts: Facts, lounge: Row) -> int:
    return len(facts.rows("lounge_favorites", lounge_id=lounge["id"]))


def reports(facts: Facts, case: Row) -> int:
    return len(facts.rows("reports", case_id=case["id"]))


COUNTS: dict[tuple[str, str], Callable[[Facts, Row], Any]] = {
    ("posts", "comment_count"): comments,
    ("posts", "like_count"): likes,
    ("comments", "reply_count"): replies,
    ("lounges", "post_count"): posts_in_lounge,
    ("lounges", "last_posted_at"): last_post_in_lounge,
    ("lounges", "favorite_count"): favorites,
    ("users", "post_count"): posts_of_author,
    ("report_cases", "report_count"): reports,
}
"""Every column that repeats what other rows say (`test_no_count_is_forgotten`)."""


def wrong_counts(facts: Facts) -> Iterator[str]:
    """A line for each count that is not what the rows add up to."""
    for (table, column), count in COUNTS.items():
        for row in facts.rows(table):
            if not _is_over(table, row) and row[column] != (right := count(facts, row)):
                yield f"{table}.{column} of {row['id']} is {row[column]}, recounted {right}"


def _is_over(table: str, row: Row) -> bool:
    """A deleted post, and a user who has left, are shown to no reader, nor are their counts."""
    return (table == "posts" and row["deleted_at"] is not None) or (
        table == "users" and row["left_at"] is not None
    )
