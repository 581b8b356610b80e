"""Checks what a suspension hides: the whole, exactly while it lasts, and nothing of others'."""

from collections.abc import Iterator

from tests.states.facts import Facts, Row


def wrongly_hidden(facts: Facts) -> Iterator[str]:
    """A line for each post or comment that is not as its author's suspension says."""
    for table in ("posts", "comments"):
        for row in facts.rows(table):
            hides = _hides(facts, row["author_id"])
            is_visible = row["moderation"] == "visible" and row["deleted_at"] is None
            if hides and is_visible:
                yield f"{table} {row['id']} is visible, but all of its author's is hidden"
            if row["hidden_with_author"] and not hides:
                yield f"{table} {row['id']} stays hidden with an author who hides nothing"
            if row["hidden_with_author"] and row["moderation"] != "hidden":
                yield f"{table} {row['id']} is marked as hidden with its author, and is not hidden"


def _hides(facts: Facts, author_id: str | None) -> bool:
    author: Row = facts.users.get(author_id or "", {})
    return author.get("status") == "suspended" and bool(author.get("suspension_hides"))
