"""What may be done to a post or comment, and what a change of its moderation means.

Posts and comments share these rules. What each does with them differs: a post counts for its
lounge and its author, and takes its pictures along; a comment counts for its post and its parent,
and takes its replies along.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.post.enums import Moderation
from app.post.exceptions import NotAuthor
from app.post.rows import Visibility
from app.user.policy import Viewer


def ensure_author(viewer: Viewer, author_id: UUID | None) -> None:
    """Raises NotAuthor."""
    if author_id != viewer.user_id:
        raise NotAuthor


def screened(*, must_be_held: bool) -> Moderation:
    """The moderation of new words after screening."""
    return Moderation.HELD if must_be_held else Moderation.VISIBLE


def only_reader(visibility: Visibility) -> UUID | None:
    """Who alone may learn that a count of a post or comment changed."""
    return None if visibility.moderation == Moderation.VISIBLE else visibility.writer_id


@dataclass(frozen=True, slots=True)
class ModerationChange:
    """From one moderation to another.

    `with_author`: it is hidden from now on only because its author's whole content is.
    """

    before: Moderation
    after: Moderation
    with_author: bool = False

    @property
    def is_allowed(self) -> bool:
        """Whether a moderator lets it be shown: now, or with its author's whole content."""
        return self.after == Moderation.VISIBLE or self.with_author

    @property
    def in_counts(self) -> int:
        """1 if this adds to the counts, -1 if it takes off them, otherwise 0.

        Only what is visible counts.
        """
        return (self.after == Moderation.VISIBLE) - (self.before == Moderation.VISIBLE)

    @property
    def moves_pictures(self) -> bool:
        """Whether pictures leave their public addresses or come back. Held ones stay."""
        return Moderation.HIDDEN in (self.before, self.after)

    def only_reader(self, author_id: UUID | None) -> UUID | None:
        """Who alone may learn of the change: the author, if no one else saw it before or after."""
        return None if Moderation.VISIBLE in (self.before, self.after) else author_id

    def releases(self, held_at: datetime | None, created_at: datetime) -> bool:
        """Whether a moderator shows for the first time what screening held from its beginning.

        Then no user was notified of it. What was visible until an edit of it was held is not new.
        It may have been hidden in between. `writes.moderated` says what the times tell.
        """
        was_held_unseen = self.before == Moderation.HELD and held_at in (None, created_at)
        was_hidden_unseen = self.before == Moderation.HIDDEN and held_at == created_at
        is_unseen = was_held_unseen or was_hidden_unseen
        return is_unseen and self.after == Moderation.VISIBLE
