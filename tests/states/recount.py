"""The true value of each count column, counted row by row: simple, slow, without the app's SQL.

A count is the same for every reader: mutes and blocks change what a reader sees, not the counts.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests.states.facts import Facts, Row


def is_public(row: Row) -> bool:
    """Whether everyone may see a post or a comment: it is not deleted, hidden or held."""
    return row["deleted_at"] is None and row["moderation"] == "visible"


def replies(facts: Facts, comment: Row) -> int:
    """The public replies to a comment."""
    return sum(is_public(reply) for reply in facts.rows("comments", parent_id=comment["id"]))


def comments(facts: Facts, post: Row) -> int:
    """The public comments and replies on a post.

    A reply below a hidden or held comment does not count, because no reader can open it. A reply
    below a deleted comment counts: the placeholder leads to it.
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


def warnings(facts: Facts, user: Row) -> int:
    given = facts.rows("user_warnings", user_id=user["id"])
    return sum(warning["withdrawn_at"] is None for warning in given)


COUNTS: dict[tuple[str, str], Callable[[Facts, Row], Any]] = {
    ("posts", "comment_count"): comments,
    ("posts", "like_count"): likes,
    ("comments", "reply_count"): replies,
    ("lounges", "post_count"): posts_in_lounge,
    ("lounges", "last_posted_at"): last_post_in_lounge,
    ("lounges", "favorite_count"): favorites,
    ("users", "post_count"): posts_of_author,
    ("report_cases", "report_count"): reports,
    ("users", "warning_count"): warnings,
}
"""Every column that counts other rows (`test_every_count_column_is_recounted`)."""


def wrong_counts(facts: Facts) -> Iterator[str]:
    """A line for each count that differs from the recount."""
    for (table, column), count in COUNTS.items():
        for row in facts.rows(table):
            if not _is_never_shown(table, row) and row[column] != (true_count := count(facts, row)):
                yield f"{table}.{column} of {row['id']} is {row[column]}, recounted {true_count}"


def _is_never_shown(table: str, row: Row) -> bool:
    """Deleted posts and users who have left are not shown, so their counts do not matter."""
    return (table == "posts" and row["deleted_at"] is not None) or (
        table == "users" and row["left_at"] is not None
    )
