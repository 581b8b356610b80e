"""What statements about notifications, settings and devices take and answer."""

from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.links import comment_url, lounge_url, post_url
from app.core.schemas import ShownAs
from app.core.sql.rows import FLAT
from app.core.text import cut
from app.integrations.push.base import PushTarget
from app.notification.enums import About, NotificationType
from app.notification.kinds import KINDS, NotificationKind, about_of
from app.notification.texts import EXCERPT_LENGTH, body_of, title_of
from app.user.rows import Author


@dataclass(frozen=True, slots=True)
class NewNotification:
    """A notification to write, with the ids and the names that its text needs."""

    recipient_id: UUID
    type: NotificationType
    actor_id: UUID | None = None
    post_author_id: UUID | None = None
    post_id: UUID | None = None
    comment_id: UUID | None = None
    parent_id: UUID | None = None
    lounge_id: UUID | None = None
    lounge_request_id: UUID | None = None
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreparedNotification:
    """A notification that a statement of a higher feature writes (`notifications_written`)."""

    id: UUID
    recipient_id: UUID
    type: NotificationType


@dataclass
class NotificationItem:
    """A notification. The ids that are not null name what it is about."""

    id: UUID
    type: Annotated[str, ShownAs(NotificationType)]
    read: bool
    created_at: datetime
    actor: Author | None
    post_id: UUID | None
    comment_id: UUID | None
    parent_id: Annotated[
        UUID | None,
        Field(description="The parent comment of a reply. Null for a top-level comment"),
    ]
    lounge_id: UUID | None
    lounge_request_id: UUID | None
    title: Annotated[str, Field(description="In the reader's `locale`")]
    body: str
    url: Annotated[
        str | None,
        Field(
            description="What to open: the `url` of the post, comment or lounge. Null if there is "
            "nothing"
        ),
    ]


@dataclass
class NotificationRow(NotificationItem):
    """A notification, made of its columns. Its text is in the reader's `locale`.

    Neither frozen nor slotted: freezing costs time for each row of a list, and orjson takes three
    times as long for an object with slots.
    """

    params: InitVar[Mapping[str, str]]
    post_title: InitVar[str | None]
    comment_body: InitVar[str | None]
    opens: InitVar[bool]
    locale: InitVar[str]
    base_url: InitVar[str]
    has_actor: InitVar[bool]
    title: str = field(init=False)
    body: str = field(init=False)
    url: str | None = field(init=False)

    def __post_init__(
        self,
        params: Mapping[str, str],
        post_title: str | None,
        comment_body: str | None,
        opens: bool,
        locale: str,
        base_url: str,
        has_actor: bool,
    ) -> None:
        # An actor who has left has no id either, so their columns don't show it.
        if not has_actor:
            self.actor = None
        actor_name = self.actor.nickname if self.actor else ""
        words = words_of(self.type, params, post_title, comment_body)
        self.title = title_of(self.type, words, actor_name, locale)
        self.body = body_of(self.type, words, locale)
        self.url = self._link(base_url) if opens and self.type in KINDS else None

    def _link(self, base_url: str) -> str | None:
        """Of the comment, post or lounge that it is about, in the list and in the push alike."""
        if self.post_id and self.comment_id:
            return comment_url(base_url, self.post_id, self.comment_id)
        if self.post_id:
            return post_url(base_url, self.post_id)
        return lounge_url(base_url, self.lounge_id) if self.lounge_id else None


@dataclass(frozen=True, slots=True)
class Badge:
    """How many notifications a user has not read. `more`: there are more than these."""

    unread: int
    more: bool


@dataclass(frozen=True, slots=True)
class OwnedBadge:
    """A badge, and whose it is."""

    user_id: UUID
    badge: Badge = field(metadata=FLAT)


@dataclass(frozen=True, slots=True)
class OwnedRow:
    """A notification, and whose it is."""

    user_id: UUID
    row: NotificationRow = field(metadata=FLAT)


@dataclass(frozen=True, slots=True)
class InLanguage:
    """An announcement as an unread notification, in one language."""

    spoken: str
    row: NotificationRow = field(metadata=FLAT)


@dataclass(frozen=True, slots=True)
class AnnouncedTo:
    """That an announcement is for a user, in which language, and whether they have read it."""

    user_id: UUID
    announcement_id: UUID
    locale: str
    read: bool


@dataclass
class NotificationSettings:
    """What is pushed. Types that are turned off still appear in the list."""

    push_enabled: bool
    comment: bool
    reply: bool
    lounge_request: bool
    lounge_post: bool
    watched: bool
    announcement: bool

    def allow(self, kind: NotificationKind) -> bool:
        """Whether a notification of this kind is pushed."""
        return self.push_enabled and (kind.setting is None or getattr(self, kind.setting))


ALL_ON = NotificationSettings(*(True for _ in fields(NotificationSettings)))
"""Everything is on until the user changes it."""


@dataclass(frozen=True, slots=True)
class PushRow:
    """A notification to push to one device, with the recipient's settings and unread count."""

    shown: NotificationRow = field(metadata=FLAT)
    settings: NotificationSettings = field(metadata=FLAT)
    unread: int
    target: PushTarget = field(metadata=FLAT)
    spoken: str
    """The recipient's `locale`."""

    lounge_name: str | None
    """Where a new post came into, of the notification of one."""


def words_of(
    kind: str, params: Mapping[str, str], post_title: str | None, comment_body: str | None
) -> Mapping[str, str]:
    """The words that a text needs: those of `params`, and the present ones of post and comment."""
    about = about_of(kind)
    if about is About.COMMENT:
        body = cut(comment_body or "", EXCERPT_LENGTH)
        return {**params, "post": post_title or "", "body": body}
    if about is About.POST:
        return {**params, "body": post_title or ""}
    return params


SEND_PUSH = "notification.send_push"
ANNOUNCE = "notification.announce"
COUNT_AUDIENCE = "notification.count_audience"
FORGET_ANNOUNCEMENT = "notification.forget_announcement"
SETTLE_READ = "notification.settle_read"
PUBLISH_CHANGED = "notification.tell"
RENEW = "notification.renew"


@dataclass(frozen=True, slots=True)
class SendPush:
    """The payload of SEND_PUSH: a push to all of the recipient's devices, or to one.

    With `since_id` it says how many posts came into the notification's lounge after that one. With
    `reader_id` the notification is an announcement, and this is for one of its readers.
    """

    notification_id: UUID
    device_id: UUID | None = None
    since_id: UUID | None = None
    reader_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Announce:
    """The payload of ANNOUNCE: push to the next readers behind one."""

    announcement_id: UUID
    after_reader: UUID


@dataclass(frozen=True, slots=True)
class CountAudience:
    """The payload of COUNT_AUDIENCE: an announcement that is out."""

    announcement_id: UUID


@dataclass(frozen=True, slots=True)
class ChangedContent:
    """The payload of PUBLISH_CHANGED: changed posts or comments, in the order of their ids.

    The first batch starts after an id.
    """

    about: About
    ids: Sequence[UUID]
    after_id: UUID


@dataclass(frozen=True, slots=True)
class Renew:
    """The payload of RENEW: the notifications of a post that were written while it was hidden.

    They are those after `after_id`, up to `last_id`. `except_id` is a user who could see them.
    """

    post_id: UUID
    after_id: UUID
    last_id: UUID
    except_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RenewedBatch:
    """How many notifications a batch of RENEW has renewed, and the last of their former ids."""

    number: int
    last_id: UUID | None


@dataclass(frozen=True, slots=True)
class OwnNotification:
    """What one of a user's notifications published, seen by them or not."""

    id: UUID
    type: str
    post_id: UUID | None = None
    comment_id: UUID | None = None
    parent_id: UUID | None = None
    lounge_id: UUID | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ForgetAnnouncement:
    """The payload of FORGET_ANNOUNCEMENT: the marks of a deleted announcement."""

    announcement_id: UUID


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """An announcement to write, and the admin who writes it."""

    title_ja: str
    body_ja: str
    title_en: str | None
    body_en: str | None
    push: bool
    created_by: UUID
    publish_at: datetime | None = None
    """When it is to come out; None for at once."""


@dataclass(frozen=True, slots=True)
class DueAnnouncement:
    """An announcement whose time has come."""

    id: UUID
    new: NewAnnouncement = field(metadata=FLAT)


@dataclass
class Announcement:
    """A notification for all users who exist when it is published."""

    id: UUID
    title_ja: str
    body_ja: str
    title_en: str | None
    body_en: str | None
    push: bool
    created_at: datetime
    publish_at: Annotated[
        datetime | None, Field(description="When it is published; null if that was immediately")
    ]
    published: Annotated[bool, Field(description="Whether it is published", examples=[True])]
    audience: Annotated[
        int,
        Field(
            description="How many users it went to; until it is published, how many users "
            "there are now, counted every five minutes",
            examples=[128],
        ),
    ]


@dataclass(frozen=True, slots=True)
class OldNotification:
    """An old notification, and its position among these."""

    id: UUID
    type: str
    created_at: datetime


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Before all notifications."""


@dataclass(frozen=True, slots=True)
class NotifiedBatch:
    """A batch of users, whether they were notified or not: how many, and the last of them."""

    users: int
    last_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewPosts:
    """The newest of a user's notifications of posts in a lounge, and how many there are."""

    newest_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class MarkedAll:
    """What has come of marking all notifications as read."""

    caller: bool
    """Whether there is such a caller. If not, nothing was written."""

    marked: bool
    """Whether anything was unread."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """An installation of the app to push to, and the session that it is signed in by."""

    user_id: UUID
    session_id: UUID
    install_id: str
    kind: str
    value: str
    platform: str
