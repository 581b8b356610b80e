"""Whether everybody was told who had to be: a comment that is there for all has its notification.

Who ever blocked somebody, or muted the post, is left out: then it depends on the moment. So is
what a moderator ever looked at.
"""

from collections.abc import Iterator

from tests.states import recount
from tests.states.facts import Facts, Row
from tests.states.scene import Scene


def missing_notifications(scene: Scene, facts: Facts) -> Iterator[str]:
    told = {(row["user_id"], row["comment_id"]) for row in facts.rows("notifications")}
    for comment in facts.rows("comments"):
        post = facts.posts[comment["post_id"]]
        plain = {comment["id"], post["id"]}.isdisjoint(scene.ever_moderated)
        if plain and recount.is_public(comment) and recount.is_public(post):
            for reader_id in _concerned(facts, comment, post):
                if _listens(scene, reader_id, comment, post) and (
                    (reader_id, comment["id"]) not in told
                ):
                    yield f"{reader_id} was never told of comment {comment['id']}"


def _concerned(facts: Facts, comment: Row, post: Row) -> set[str]:
    """The post's author, and the author of the comment that is replied to."""
    concerned = {post["author_id"]}
    if comment["parent_id"] is not None:
        parent = facts.comments[comment["parent_id"]]
        # Who deleted their comment may have done so just before the reply.
        if parent["deleted_at"] is None:
            concerned.add(parent["author_id"])
    return concerned - {comment["author_id"]}


def _listens(scene: Scene, reader_id: str, comment: Row, post: Row) -> bool:
    ever_blocked = {
        (reader_id, comment["author_id"]),
        (reader_id, post["author_id"]),
    } & scene.ever_blocked
    return not ever_blocked and (reader_id, post["id"]) not in scene.ever_muted
