"""What statements take and return about posts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson

from app.core.idempotency import Kept
from app.core.schemas import Moderation, ShownAs, Url
from app.core.sql.rows import FLAT
from app.core.text import fold
from app.core.viewer_fields import ViewerField
from app.image.rows import PostImage
from app.lounge.rows import LoungeRef
from app.post.enums import Moderation as State
from app.post.models import PostLike, PostWatch
from app.user.rows import Author, CallerRow


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What narrows a list of posts."""

    lounge_id: UUID | None = None
    author_id: UUID | None = None
    of_favorites: bool = False
    """Only posts in the viewer's favorite lounges."""

    for_staff: bool = False
    """All that are not deleted, hidden and held ones too."""

    moderation: State | None = None
    """Only posts in this state. With `for_staff`."""

    def __str__(self) -> str:
        """A part of the name that release 0.2 signs cursors with (`PageRequest.formerly`)."""
        feed = ":favorites" if self.of_favorites else ""
        staff = f":staff:{self.moderation or ''}" if self.for_staff else ""
        return f"{self.lounge_id}:{self.author_id}{feed}{staff}"


@dataclass
class Post:
    """What a user wrote in a lounge, as the caller sees it."""

    # Neither frozen nor slotted, as a Lounge.
    id: UUID
    lounge: LoungeRef
    author: Author
    title: str
    body: str
    # The images as JSON, from the database into the response as they are.
    images: Annotated[orjson.Fragment, ShownAs(list[PostImage])]
    comment_count: int
    like_count: int
    liked: Annotated[bool, ViewerField(PostLike.mark)]
    moderation: Moderation
    created_at: datetime
    updated_at: datetime
    url: Url
    watching: Annotated[bool, ViewerField(PostWatch.mark)]


@dataclass
class ManagedPost(Post):
    """A post as admins see it, hidden ones too."""

    moderation: Annotated[str, ShownAs(State)]


@dataclass(frozen=True, slots=True)
class Visibility:
    """What decides who sees a post or comment, beside the reader's own blocks and mutes."""

    writer_id: UUID | None
    """None after a deleted comment's author was erased."""

    moderation: str
    is_gone: bool
    """Deleted, or by someone who is leaving: nobody can see it."""


@dataclass(frozen=True, slots=True)
class PostForMany:
    """A post for many readers: its row as someone sees it who did nothing with it."""

    visibility: Visibility
    row: Post = field(metadata=FLAT)


@dataclass
class MutedPost:
    """A post's id and title."""

    id: UUID
    title: str
    lounge: LoungeRef
    url: Url


@dataclass
class Mute:
    """A post that the caller has muted, and when."""

    post: MutedPost
    muted_at: datetime


@dataclass(frozen=True, slots=True)
class PostGuard:
    """All that is needed to decide on a new post, read in one statement."""

    kept: Kept
    caller: CallerRow | None
    """None if the session has ended or the caller has left."""

    author_version: str
    """It changes with each change of the caller's row."""

    words_version: UUID | None
    """The version of the list of banned words."""

    lounge: LoungeRef | None
    is_closed: bool

    has_subscriber: bool
    """Whether another user is notified of the lounge's posts."""

    free_images: int
    """How many of the images the author may use."""

    images: str
    """These as JSON."""

    needs_review: bool
    """Whether a moderator has to see one of them first."""

    post_id: UUID
    now: datetime


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to write, as its author will see it.

    With `author_version` it is written only if the author's row has not changed since. `notifies`
    says whether a job is to notify the lounge's subscribers.
    """

    row: Post
    image_ids: Sequence[UUID]
    author_version: str | None
    notifies: bool


@dataclass(frozen=True, slots=True)
class PostCopy:
    """What a report keeps of a post. `image_urls` are the addresses of its images, in order."""

    title: str
    body: str
    lounge_name: str
    image_urls: list[str]
    author_id: UUID
    author_nickname: str


NOTIFY_LOUNGE = "post.notify_lounge"


@dataclass(frozen=True, slots=True)
class LoungeFanOut:
    """The payload of NOTIFY_LOUNGE: the subscribers of a post's lounge after an id.

    `of_release` says that the post was released, which can be taken back before the job runs.
    """

    post_id: UUID
    after_id: UUID
    of_release: bool = False


PUSH_NEW_POSTS = "post.push_new_posts"


@dataclass(frozen=True, slots=True)
class PushesDue:
    """The payload of PUSH_NEW_POSTS: the pushes of lounges that are due by then."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class FanOutPost:
    """A locked post of which, or of whose comments, many users are notified."""

    author_id: UUID
    lounge_id: UUID
    lounge_name: str
    is_visible: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class NotifiedPost:
    """What notifications of a post's comments need of it."""

    author_id: UUID
    lounge_id: UUID


@dataclass(frozen=True, slots=True)
class LockedPost:
    """A post that is locked, as it is since then."""

    id: UUID
    author_id: UUID
    lounge_id: UUID
    moderation: str
    hidden_with_author: bool
    held_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UnseenNotifications:
    """A post that is shown, and between which ids others were notified while it was not."""

    post_id: UUID
    author_id: UUID
    after_id: UUID
    last_id: UUID


def search_text(title: str, body: str) -> str:
    """The text of a post as searches compare it."""
    return fold(f"{title}\n{body}")
