"""What one reader may see, by the rules of the contract, from the bare rows.

What is deleted, hidden, held, muted by the reader, or written by somebody whom the reader blocks
is in no list, no count and no notification. One's own words are never hidden from oneself, except
by a moderator who hides them.
"""

from tests.states import recount
from tests.states.facts import Facts, Row

ABOUT_A_COMMENT = ("comment", "reply", "watched")
"""The notifications that go away with the comment or the post that they are about."""


class Sight:
    """One reader's view of the facts."""

    def __init__(self, facts: Facts, reader_id: str) -> None:
        self.facts = facts
        self.reader_id = reader_id
        self.blocked = {
            row["blocked_id"] for row in facts.rows("user_blocks", blocker_id=reader_id)
        }
        self.muted = {row["post_id"] for row in facts.rows("post_mutes", user_id=reader_id)}

    def is_own(self, row: Row) -> bool:
        return bool(row["author_id"] == self.reader_id)

    def shows_post(self, post: Row) -> bool:
        """In lists and by itself."""
        if post["deleted_at"] is not None or post["moderation"] == "hidden":
            return False
        if self.is_own(post):
            return True
        return (
            post["moderation"] == "visible"
            and post["id"] not in self.muted
            and post["author_id"] not in self.blocked
        )

    def shows_comment(self, comment: Row) -> bool:
        """In the thread of a post that is shown, or below a comment that is shown."""
        if comment["moderation"] == "hidden" or comment["author_id"] in self.blocked:
            return False
        if comment["deleted_at"] is not None:
            # It stays as an empty place-holder for as long as there are replies.
            return recount.replies(self.facts, comment) > 0
        return comment["moderation"] == "visible" or self.is_own(comment)

    def reaches_own_comment(self, comment: Row) -> bool:
        """Among one's own comments, and within reach to be changed and deleted.

        Neither a mute of the post nor a block of its author takes it away.
        """
        if comment["deleted_at"] is not None or comment["moderation"] == "hidden":
            return False
        post = self.facts.posts[comment["post_id"]]
        return recount.is_public(post) or (self.is_own(post) and self.shows_post(post))

    def shows_notification(self, notification: Row) -> bool:
        if notification["type"] not in ABOUT_A_COMMENT:
            # A moderator's word, or the decision about a request, stays.
            return True
        post = self.facts.posts.get(notification["post_id"])
        comment = self.facts.comments.get(notification["comment_id"])
        return (
            post is not None
            and comment is not None
            and self.shows_post(post)
            # A mute of one's own post silences it, though the post itself stays in sight.
            and post["id"] not in self.muted
            and recount.is_public(comment)
            and comment["author_id"] not in self.blocked
        )

    def is_unsure(self, notification: Row) -> bool:
        """The contract does not say whether the author of a held post hears of its comments."""
        post = self.facts.posts.get(notification["post_id"])
        return post is not None and self.is_own(post) and post["moderation"] == "held"
