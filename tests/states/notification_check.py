"""Checks that every public comment notified the users concerned.

Users who ever blocked one of the authors or muted the post are left out, because their notification
depends on timing. So is content that a moderator ever acted on.
"""

from collections.abc import Iterator

from tests.states import recount
from tests.states.facts import Facts, Row
from tests.states.state import State


def missing_notifications(state: State, facts: Facts) -> Iterator[str]:
    notified = {(row["user_id"], row["comment_id"]) for row in facts.rows("notifications")}
    for comment in facts.rows("comments"):
        post = facts.posts[comment["post_id"]]
        never_moderated = {comment["id"], post["id"]}.isdisjoint(state.ever_moderated)
        if never_moderated and recount.is_public(comment) and recount.is_public(post):
            for reader_id in _concerned(facts, comment, post):
                if _must_be_notified(state, reader_id, comment, post) and (
                    (reader_id, comment["id"]) not in notified
                ):
                    yield f"{reader_id} was never notified of comment {comment['id']}"


def _concerned(facts: Facts, comment: Row, post: Row) -> set[str]:
    """The authors of the post and of the comment that is replied to."""
    concerned = {post["author_id"]}
    if comment["parent_id"] is not None:
        parent = facts.comments[comment["parent_id"]]
        # The parent's author may have deleted it just before the reply.
        if parent["deleted_at"] is None:
            concerned.add(parent["author_id"])
    return concerned - {comment["author_id"]}


def _must_be_notified(state: State, reader_id: str, comment: Row, post: Row) -> bool:
    ever_blocked = {
        (reader_id, comment["author_id"]),
        (reader_id, post["author_id"]),
    } & state.ever_blocked
    return not ever_blocked and (reader_id, post["id"]) not in state.ever_muted
