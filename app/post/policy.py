"""What may be done to a post or comment, and what a change of its moderation means.

Posts and comments share these rules. What each does with them differs: a post counts for its
lounge and its author, and takes its images along; a comment counts for its post and its parent,
and takes its replies along.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.post.enums import AuthorContent, Moderation
from app.post.exceptions import NotAuthor
from app.user.policy import Viewer


def ensure_author(viewer: Viewer, author_id: UUID | None) -> None:
    """Raises NotAuthor."""
    if author_id != viewer.user_id:
        raise NotAuthor


def screened(*, must_be_held: bool) -> Moderation:
    """The moderation of new words after screening."""
    return Moderation.HELD if must_be_held else Moderation.VISIBLE


def only_reader(author_id: UUID | None, moderation: str) -> UUID | None:
    """The only user who may learn that a count of a post or comment changed; None: everyone."""
    return None if moderation == Moderation.VISIBLE else author_id


@dataclass(frozen=True, slots=True)
class ModerationChange:
    """From one moderation to another, or to a deletion.

    `with_author`: it is hidden from now on only because its author's whole content is. `deletes`:
    its text is erased. Then `after` says whether readers may find a placeholder.
    """

    before: Moderation
    after: Moderation
    with_author: bool = False
    deletes: bool = False

    @property
    def moves(self) -> bool:
        """Whether it is something else for readers or moderators, not only for another reason."""
        return self.before != self.after or self.deletes

    @property
    def is_allowed(self) -> bool:
        """Whether a moderator lets it be shown: now, or with its author's whole content."""
        return (self.after == Moderation.VISIBLE or self.with_author) and not self.deletes

    @property
    def in_counts(self) -> int:
        """1 if this adds to the counts, -1 if it takes off them, otherwise 0.

        Only what is visible counts.
        """
        is_counted = self.after == Moderation.VISIBLE and not self.deletes
        return is_counted - (self.before == Moderation.VISIBLE)

    @property
    def reviews_pictures(self) -> bool:
        """Whether they need a review no more. Those of what is visible have had it."""
        return self.is_allowed and self.before != Moderation.VISIBLE

    @property
    def hides_pictures(self) -> bool | None:
        """Whether images leave their public addresses (True) or come back. Held ones stay."""
        if self.deletes or self.before == self.after:
            return None
        if self.after == Moderation.HIDDEN:
            return True
        return False if self.before == Moderation.HIDDEN else None

    def only_reader(self, author_id: UUID | None, *, has_placeholder: bool = False) -> UUID | None:
        """The only user who may learn of the change: the author, if no one else saw the content.

        `has_placeholder`: the deleted comment leaves a placeholder that readers find.
        """
        is_seen = self.after == Moderation.VISIBLE and (has_placeholder or not self.deletes)
        return None if is_seen or self.before == Moderation.VISIBLE else author_id

    def releases(self, held_at: datetime | None, created_at: datetime) -> bool:
        """Whether a moderator shows for the first time what screening held from its beginning.

        Then no user was notified of it. What was visible until an edit of it was held is not new.
        It may have been hidden in between. `writes.moderated` says what the times tell.
        """
        was_held_unseen = self.before == Moderation.HELD and held_at in (None, created_at)
        was_hidden_unseen = self.before == Moderation.HIDDEN and held_at == created_at
        is_unseen = was_held_unseen or was_hidden_unseen
        return is_unseen and self.after == Moderation.VISIBLE and not self.deletes


class PostOrComment(Protocol):
    """A post or a comment."""

    @property
    def author_id(self) -> UUID | None: ...
    @property
    def moderation(self) -> str: ...
    @property
    def hidden_with_author(self) -> bool: ...


type ByState[Content] = Sequence[
    tuple[ModerationChange, Sequence[tuple[Content, ModerationChange]]]
]


def by_state[Content: PostOrComment](
    changes: Iterable[tuple[Content, ModerationChange]],
) -> ByState[Content]:
    """Changes by what they lead to, each with one that stands for its group.

    Without those to what a thing is already.
    """
    groups: dict[object, list[tuple[Content, ModerationChange]]] = {}
    for content, change in changes:
        if change.moves or content.hidden_with_author != change.with_author:
            state = "" if change.deletes else change.after
            groups.setdefault((state, change.with_author), []).append((content, change))
    return [(group[0][1], group) for group in groups.values()]


def deletion(content: PostOrComment) -> ModerationChange:
    """What a moderator has hidden stays hidden: the placeholder of a comment, too.

    Not what was hidden only with its author's whole content, nor what was held: others' replies
    would go with it for good.
    """
    before = Moderation(content.moderation)
    is_hidden = before == Moderation.HIDDEN and not content.hidden_with_author
    after = Moderation.HIDDEN if is_hidden else Moderation.VISIBLE
    return ModerationChange(before, after, deletes=True)


def change_with_author(content: PostOrComment, whole: AuthorContent) -> ModerationChange | None:
    """How an author's whole content takes a thing along. None if it does not."""
    before = Moderation(content.moderation)
    if whole == AuthorContent.DELETED:
        return deletion(content)
    if whole == AuthorContent.HIDDEN and before == Moderation.VISIBLE:
        return ModerationChange(before, Moderation.HIDDEN, with_author=True)
    if whole == AuthorContent.SHOWN and before == Moderation.HIDDEN and content.hidden_with_author:
        return ModerationChange(before, Moderation.VISIBLE)
    return None
