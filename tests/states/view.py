"""What one reader may see, computed from the rows by the rules of the contract.

Posts and comments that are deleted, hidden, held, muted by the reader, or written by a user whom
the reader blocks are in no list, no count and no notification. Readers always see their own posts
and comments, unless a moderator hides them.
"""

from tests.states import recount
from tests.states.facts import Facts, Row

ABOUT_A_COMMENT = ("comment", "reply", "watched")
"""Notifications that are hidden together with their comment or post."""


class View:
    """One reader's view of the rows."""

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
        """Whether the post is shown, in lists and by itself."""
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
        """Whether the comment is shown in the thread of a shown post or below a shown comment."""
        if comment["moderation"] == "hidden" or comment["author_id"] in self.blocked:
            return False
        if comment["deleted_at"] is not None:
            # It stays as an empty placeholder while it has replies.
            return recount.replies(self.facts, comment) > 0
        return comment["moderation"] == "visible" or self.is_own(comment)

    def reaches_own_comment(self, comment: Row) -> bool:
        """Whether the reader's own comment is listed and can be changed.

        Neither a mute of the post nor a block of its author changes this.
        """
        post = self.facts.posts[comment["post_id"]]
        is_post_shown = recount.is_public(post) or (self.is_own(post) and self.shows_post(post))
        return is_post_shown and self._is_there(comment)

    def deletes_own_comment(self, comment: Row) -> bool:
        """Whether the reader can delete their own comment. The state of its post doesn't matter."""
        return self._is_there(comment)

    def _is_there(self, comment: Row) -> bool:
        return comment["deleted_at"] is None and comment["moderation"] != "hidden"

    def shows_notification(self, notification: Row) -> bool:
        if notification["type"] not in (*ABOUT_A_COMMENT, "lounge_post"):
            # Decisions of moderators and about requests stay.
            return True
        post = self.facts.posts.get(notification["post_id"])
        if notification["type"] == "lounge_post":
            return post is not None and self.shows_post(post)
        comment = self.facts.comments.get(notification["comment_id"])
        return (
            post is not None
            and comment is not None
            and self.shows_post(post)
            # A reader who mutes their own post still sees it, but not its notifications.
            and post["id"] not in self.muted
            and recount.is_public(comment)
            and comment["author_id"] not in self.blocked
            and self._shows_parent(comment)
        )

    def _shows_parent(self, comment: Row) -> bool:
        """No list leads to a reply below a comment that the reader does not see."""
        parent = self.facts.comments.get(comment["parent_id"])
        return parent is None or self.shows_comment(parent)

    def is_unsure(self, notification: Row) -> bool:
        """The contract does not say whether a held post's author is notified of its comments."""
        post = self.facts.posts.get(notification["post_id"])
        return post is not None and self.is_own(post) and post["moderation"] == "held"
