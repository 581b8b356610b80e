"""What travels. Written by `make client`: edit openapi.json, not this file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from linky_client.errors import JsonObject
from linky_client.generated import enums
from linky_client.reading import (
    all_of,
    as_bool,
    as_date,
    as_double,
    as_int,
    as_object,
    as_text,
    as_time,
    list_of,
    map_of,
    maybe,
    optional,
    required,
    without_nulls,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A notification for all users who exist when it is published."""

    audience: int
    """How many users it went to; until it is published, how many users there are now, counted
    every five minutes
    """
    body_en: str | None
    """The text in English; null if there is none."""
    body_ja: str
    """The text in Japanese."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    publish_at: datetime | None
    """When it is published; null if that was immediately."""
    published: bool
    """Whether it is published."""
    push: bool
    """Whether it is also pushed."""
    title_en: str | None
    """The heading in English; null if there is none."""
    title_ja: str
    """The heading in Japanese."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            audience=required(json, "audience", as_int),
            body_en=required(json, "body_en", maybe(as_text)),
            body_ja=required(json, "body_ja", as_text),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            publish_at=required(json, "publish_at", maybe(as_time)),
            published=required(json, "published", as_bool),
            push=required(json, "push", as_bool),
            title_en=required(json, "title_en", maybe(as_text)),
            title_ja=required(json, "title_ja", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "audience": self.audience,
                "body_en": self.body_en,
                "body_ja": self.body_ja,
                "created_at": self.created_at,
                "id": self.id,
                "publish_at": self.publish_at,
                "published": self.published,
                "push": self.push,
                "title_en": self.title_en,
                "title_ja": self.title_ja,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementCreate:
    """A message to all users. Without an English text, everyone gets the Japanese one."""

    body_ja: str
    """The text in Japanese."""
    title_ja: str
    """The heading in Japanese."""
    body_en: str | None = None
    """The text in English; null if there is none."""
    publish_at: datetime | None = None
    """When it is published, in the future; immediately if it is not sent. It goes to the users who
    exist then
    """
    push: bool | None = None
    """Also push it to users whose settings allow it."""
    title_en: str | None = None
    """The heading in English; null if there is none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body_ja=required(json, "body_ja", as_text),
            title_ja=required(json, "title_ja", as_text),
            body_en=optional(json, "body_en", as_text),
            publish_at=optional(json, "publish_at", as_time),
            push=optional(json, "push", as_bool),
            title_en=optional(json, "title_en", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body_ja": self.body_ja,
                "title_ja": self.title_ja,
                "body_en": self.body_en,
                "publish_at": self.publish_at,
                "push": self.push,
                "title_en": self.title_en,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementUpdate:
    """What to change. A field that is not sent stays as it is; `""` removes an English text."""

    body_en: str | None = None
    """The text in English; null if there is none."""
    body_ja: str | None = None
    """The text in Japanese."""
    publish_at: datetime | None = None
    """When it is published, in the future."""
    push: bool | None = None
    """Also push it to users whose settings allow it."""
    title_en: str | None = None
    """The heading in English; null if there is none."""
    title_ja: str | None = None
    """The heading in Japanese."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body_en=optional(json, "body_en", as_text),
            body_ja=optional(json, "body_ja", as_text),
            publish_at=optional(json, "publish_at", as_time),
            push=optional(json, "push", as_bool),
            title_en=optional(json, "title_en", as_text),
            title_ja=optional(json, "title_ja", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body_en": self.body_en,
                "body_ja": self.body_ja,
                "publish_at": self.publish_at,
                "push": self.push,
                "title_en": self.title_en,
                "title_ja": self.title_ja,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal, as its user sees it."""

    created_at: datetime
    """When it was created."""
    decided_at: datetime | None
    """When an admin decided; null before."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    note: str
    """What the admin wrote with the decision; empty while it is open."""
    status: enums.AppealStatus
    """The status of the appeal."""
    text: str
    """What the user wrote."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            decided_at=required(json, "decided_at", maybe(as_time)),
            id=required(json, "id", as_text),
            note=required(json, "note", as_text),
            status=required(json, "status", enums.AppealStatus.parse),
            text=required(json, "text", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "decided_at": self.decided_at,
                "id": self.id,
                "note": self.note,
                "status": self.status,
                "text": self.text,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCreate:
    """An appeal: why the caller thinks that a decision is wrong."""

    notification_id: str
    """Of type `moderation` or `warning`, and the caller's."""
    text: str
    """What the user wrote."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            notification_id=required(json, "notification_id", as_text),
            text=required(json, "text", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "notification_id": self.notification_id,
                "text": self.text,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecide:
    """`overturn` reverses the decision. The user sees the note."""

    decision: enums.AppealDecision
    """Whether to keep or reverse the decision."""
    note: str | None = None
    """For the audit log and for the author."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            decision=required(json, "decision", enums.AppealDecision.parse),
            note=optional(json, "note", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "decision": self.decision,
                "note": self.note,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action. `before` and `after` hold what it changed."""

    action: str
    """What was done."""
    actor: Author
    """Who did it; null if it was not a single user."""
    address: str
    """The actor's IP address; empty if a moderator reads the log. For an action at the server's
    terminal, who acted
    """
    after: JsonObject
    """What changed: the values after."""
    before: JsonObject
    """What changed: the values before."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    reason: str
    """The reason; empty if none was given."""
    target_id: str
    """What it is about."""
    target_name: str | None
    """The target's current name; null if it has none."""
    target_type: enums.TargetType
    """The type of the target."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            action=required(json, "action", as_text),
            actor=required(json, "actor", Author.parse),
            address=required(json, "address", as_text),
            after=required(json, "after", as_object),
            before=required(json, "before", as_object),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            reason=required(json, "reason", as_text),
            target_id=required(json, "target_id", as_text),
            target_name=required(json, "target_name", maybe(as_text)),
            target_type=required(json, "target_type", enums.TargetType.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "action": self.action,
                "actor": self.actor,
                "address": self.address,
                "after": self.after,
                "before": self.before,
                "created_at": self.created_at,
                "id": self.id,
                "reason": self.reason,
                "target_id": self.target_id,
                "target_name": self.target_name,
                "target_type": self.target_type,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who wrote something. For a deleted user, `id` is null and the nickname says so."""

    avatar_url: str | None
    """The avatar; null if there is none."""
    id: str | None
    """The user's id; null for a deleted user."""
    nickname: str
    """The name that others see, 1 to 30 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            avatar_url=required(json, "avatar_url", maybe(as_text)),
            id=required(json, "id", maybe(as_text)),
            nickname=required(json, "nickname", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "avatar_url": self.avatar_url,
                "id": self.id,
                "nickname": self.nickname,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BannedWords:
    """Words that hold a text for review, and harmless phrases that may contain such a word."""

    exceptions: tuple[str, ...]
    """Harmless phrases that may contain a banned word."""
    words: tuple[str, ...]
    """The banned words."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            exceptions=required(json, "exceptions", list_of(as_text)),
            words=required(json, "words", list_of(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "exceptions": self.exceptions,
                "words": self.words,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BannedWordsUpdate:
    """The whole list. Without `exceptions` the exceptions stay as they are."""

    words: tuple[str, ...]
    """The banned words."""
    exceptions: tuple[str, ...] | None = None
    """Harmless phrases that may contain a banned word."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            words=required(json, "words", list_of(as_text)),
            exceptions=optional(json, "exceptions", list_of(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "words": self.words,
                "exceptions": self.exceptions,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that changed, as the caller sees it now. It has one of `put`, `gone`, `unread`,
    or, for a `reload` of everything, perhaps none.
    """

    kind: enums.ChangeKind
    """What it is about."""
    topic: str
    """`me`, `post:{id}` or `lounge:{id}`."""
    gone: bool | None = None
    """True for what the caller does not see, or no longer. A post or comment takes along what
    hangs below it, an author all that they wrote
    """
    id: str | None = None
    """Of what changed. Absent for `badge` and `reload`."""
    more: bool | None = None
    """For `badge`: whether there are more than `unread`."""
    put: JsonObject | None = None
    """The Post, Comment, Lounge or Notification as its GET shows it to the caller, without what
    their schemas mark `x-of-reader`, which stays as it was. Of a `mark` the caller's own fields
    alone, and `thing`: `post` or `lounge`. Of a `reload` a `ReloadTarget`
    """
    unread: int | None = None
    """For `badge`: how many notifications are unread, up to 999."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            kind=required(json, "kind", enums.ChangeKind.parse),
            topic=required(json, "topic", as_text),
            gone=optional(json, "gone", as_bool),
            id=optional(json, "id", as_text),
            more=optional(json, "more", as_bool),
            put=optional(json, "put", as_object),
            unread=optional(json, "unread", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "kind": self.kind,
                "topic": self.topic,
                "gone": self.gone,
                "id": self.id,
                "more": self.more,
                "put": self.put,
                "unread": self.unread,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since a cursor."""

    as_of: str
    """Everything in `changes` is as it was then, or newer."""
    changes: tuple[Change, ...]
    """The latest state of each thing that changed, in the order of the log."""
    cursor: str
    """For the next call, or for `Last-Event-ID`."""
    more: bool
    """Whether to ask again at once, from this cursor."""
    reset: Reset | None
    """Null if `changes` is complete as far as `cursor`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            as_of=required(json, "as_of", as_text),
            changes=required(json, "changes", list_of(Change.parse)),
            cursor=required(json, "cursor", as_text),
            more=required(json, "more", as_bool),
            reset=required(json, "reset", maybe(Reset.parse)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "as_of": self.as_of,
                "changes": self.changes,
                "cursor": self.cursor,
                "more": self.more,
                "reset": self.reset,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment, or a reply to one (`parent_id`)."""

    author: Author
    """Who wrote it."""
    body: str
    """The text, 1 to 2000 characters; empty in a placeholder."""
    created_at: datetime
    """When it was created."""
    deleted: bool
    """Deleted, but kept as a placeholder for its replies: no body or author."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    moderation: enums.ModerationState
    """`held` while it is held for review."""
    parent_id: str | None
    """The comment that this replies to; null at the top level."""
    post_id: str
    """The post."""
    reply_count: int
    """How many replies there are. The same for all: blocks and mutes do not matter."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            created_at=required(json, "created_at", as_time),
            deleted=required(json, "deleted", as_bool),
            id=required(json, "id", as_text),
            moderation=required(json, "moderation", enums.ModerationState.parse),
            parent_id=required(json, "parent_id", maybe(as_text)),
            post_id=required(json, "post_id", as_text),
            reply_count=required(json, "reply_count", as_int),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "created_at": self.created_at,
                "deleted": self.deleted,
                "id": self.id,
                "moderation": self.moderation,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "reply_count": self.reply_count,
                "updated_at": self.updated_at,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentCreate:
    """A new comment; with `parent_id` a reply to a top-level comment of the same post."""

    body: str
    """The text, 1 to 2000 characters."""
    parent_id: str | None = None
    """The comment that this replies to; null at the top level."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body=required(json, "body", as_text),
            parent_id=optional(json, "parent_id", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body": self.body,
                "parent_id": self.parent_id,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentInContext:
    """A comment. With `context=true` also where it stands in its list."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    created_at: datetime
    """When it was created."""
    deleted: bool
    """Deleted, but kept as a placeholder for its replies: no body or author."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    moderation: enums.ModerationState
    """`held` while it is held for review."""
    parent_id: str | None
    """The comment that this replies to; null at the top level."""
    post_id: str
    """The post."""
    reply_count: int
    """How many replies there are. The same for all: blocks and mutes do not matter."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""
    cursor: str | None = None
    """The cursor of the page of its list that begins with it. Null if it is in none."""
    position: int | None = None
    """How many comments come before it, counted to 1,000. Null beyond, and for a reply of the
    caller's own that is in no list of theirs
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            created_at=required(json, "created_at", as_time),
            deleted=required(json, "deleted", as_bool),
            id=required(json, "id", as_text),
            moderation=required(json, "moderation", enums.ModerationState.parse),
            parent_id=required(json, "parent_id", maybe(as_text)),
            post_id=required(json, "post_id", as_text),
            reply_count=required(json, "reply_count", as_int),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
            cursor=optional(json, "cursor", as_text),
            position=optional(json, "position", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "created_at": self.created_at,
                "deleted": self.deleted,
                "id": self.id,
                "moderation": self.moderation,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "reply_count": self.reply_count,
                "updated_at": self.updated_at,
                "url": self.url,
                "cursor": self.cursor,
                "position": self.position,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentUpdate:
    """What to change. Fields that are not sent stay."""

    body: str | None = None
    """The text, 1 to 2000 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body=optional(json, "body", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body": self.body,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Contact, as it travels."""

    email: str | None
    """The operator's email address; null if there is none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", maybe(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "email": self.email,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfStats:
    """What happened on one day (JST)."""

    active: int
    """People who used the app, including guests."""
    comments: int
    """New comments."""
    day: date
    """The day, in JST."""
    posts: int
    """New posts."""
    pushes_opened: int
    """Push notifications that were opened."""
    pushes_sent: int
    """Notifications pushed to at least one device."""
    reports: int
    """New reports."""
    returned_1: int
    """Active people who signed up the day before."""
    returned_30: int
    """Active people who signed up 30 days before."""
    returned_7: int
    """Active people who signed up 7 days before."""
    sign_ups: int
    """New users."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            active=required(json, "active", as_int),
            comments=required(json, "comments", as_int),
            day=required(json, "day", as_date),
            posts=required(json, "posts", as_int),
            pushes_opened=required(json, "pushes_opened", as_int),
            pushes_sent=required(json, "pushes_sent", as_int),
            reports=required(json, "reports", as_int),
            returned_1=required(json, "returned_1", as_int),
            returned_30=required(json, "returned_30", as_int),
            returned_7=required(json, "returned_7", as_int),
            sign_ups=required(json, "sign_ups", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "active": self.active,
                "comments": self.comments,
                "day": self.day,
                "posts": self.posts,
                "pushes_opened": self.pushes_opened,
                "pushes_sent": self.pushes_sent,
                "reports": self.reports,
                "returned_1": self.returned_1,
                "returned_30": self.returned_30,
                "returned_7": self.returned_7,
                "sign_ups": self.sign_ups,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsOfStats:
    """How many decisions of a kind staff made, and how long they took from the first request."""

    decided: int
    """Number of decisions."""
    kind: enums.DecisionKind
    """How FCM addresses the device."""
    longest_seconds: float | None
    """Null if there was none."""
    mean_seconds: float | None
    """Null if there was none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            decided=required(json, "decided", as_int),
            kind=required(json, "kind", enums.DecisionKind.parse),
            longest_seconds=required(json, "longest_seconds", maybe(as_double)),
            mean_seconds=required(json, "mean_seconds", maybe(as_double)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "decided": self.decided,
                "kind": self.kind,
                "longest_seconds": self.longest_seconds,
                "mean_seconds": self.mean_seconds,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRegistration:
    """Where to push to. The app sends it at every start and whenever the value changes."""

    kind: enums.DeviceKind
    """How FCM addresses the device."""
    platform: enums.DevicePlatform
    """What the device is."""
    value: str
    """FCM's token, or the installation id."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            kind=required(json, "kind", enums.DeviceKind.parse),
            platform=required(json, "platform", enums.DevicePlatform.parse),
            value=required(json, "value", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "kind": self.kind,
                "platform": self.platform,
                "value": self.value,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAndPassword:
    """An address and a password to sign in with. The password follows the rules of a sign-up."""

    email: str
    """The email address; null if there is none."""
    password: str
    """The password, 8 to 128 characters of any script."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", as_text),
            password=required(json, "password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "email": self.email,
                "password": self.password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChange:
    """The new address; and the password, if the account has one."""

    email: str
    """The email address; null if there is none."""
    password: str | None = None
    """The password, 8 to 128 characters of any script."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", as_text),
            password=optional(json, "password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "email": self.email,
                "password": self.password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeConfirmation:
    """The token in the email to the new address."""

    token: str
    """The token from the emailed link."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            token=required(json, "token", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "token": self.token,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailVerification:
    """The token in the email. `mine` is false if the account isn't the reader's."""

    token: str
    """The token from the emailed link."""
    mine: bool | None = None
    """False if the account isn't the reader's: all else is closed, or the address is removed if
    the account began with another sign-in method. `true` if it is not sent
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            token=required(json, "token", as_text),
            mine=optional(json, "mine", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "token": self.token,
                "mine": self.mine,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Exchange, as it travels."""

    code: str
    """The one-time code."""
    code_verifier: str
    """The secret of the app's PKCE challenge."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            code=required(json, "code", as_text),
            code_verifier=required(json, "code_verifier", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "code": self.code,
                "code_verifier": self.code_verifier,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWarning:
    """A warning that a user was given."""

    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    reason: str
    """The reason in words; empty if none was given."""
    target_id: str | None
    """What it is about."""
    target_type: enums.WarnedAbout | None
    """The type of the target."""
    user_id: str
    """The user."""
    withdrawn_at: datetime | None
    """When an appeal undid it."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            reason=required(json, "reason", as_text),
            target_id=required(json, "target_id", maybe(as_text)),
            target_type=required(json, "target_type", maybe(enums.WarnedAbout.parse)),
            user_id=required(json, "user_id", as_text),
            withdrawn_at=required(json, "withdrawn_at", maybe(as_time)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "id": self.id,
                "reason": self.reason,
                "target_id": self.target_id,
                "target_type": self.target_type,
                "user_id": self.user_id,
                "withdrawn_at": self.withdrawn_at,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The notification was received, even if it changed nothing."""

    heard: bool
    """Always true."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            heard=required(json, "heard", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "heard": self.heard,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldContent:
    """A post or comment held for review. Only its author can see it; `restore` releases it."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    picture_held: bool
    """Whether an image in it is held by the operator's check."""
    title: str | None
    """The title, 1 to 100 characters."""
    type: enums.HeldKind
    """What it is."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            picture_held=required(json, "picture_held", as_bool),
            title=required(json, "title", maybe(as_text)),
            type=required(json, "type", enums.HeldKind.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "created_at": self.created_at,
                "id": self.id,
                "picture_held": self.picture_held,
                "title": self.title,
                "type": self.type,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A sign-in method of the caller's account."""

    created_at: datetime
    """When it was created."""
    email: str | None
    """The account's address, or the provider's."""
    email_verified: bool
    """Whether it was confirmed, by us or by the provider."""
    last_used_at: datetime
    """When it was last used to sign in."""
    provider: enums.Door
    """How the user signs in."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            email=required(json, "email", maybe(as_text)),
            email_verified=required(json, "email_verified", as_bool),
            last_used_at=required(json, "last_used_at", as_time),
            provider=required(json, "provider", enums.Door.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "email": self.email,
                "email_verified": self.email_verified,
                "last_used_at": self.last_used_at,
                "provider": self.provider,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """The password, if the account has one; and LINE's access token, to unlink the app there."""

    line_access_token: str | None = None
    """The access token of LINE's SDK, for an account with LINE: it is used once, to unlink the app
    there
    """
    password: str | None = None
    """The password, 8 to 128 characters of any script."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            line_access_token=optional(json, "line_access_token", as_text),
            password=optional(json, "password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "line_access_token": self.line_access_token,
                "password": self.password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The account was deleted and will be erased."""

    completes_by: datetime
    """When everything is erased, at the latest."""
    unlink_at_provider: bool
    """Whether the app is still linked in LINE, where only the user can unlink it."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            completes_by=required(json, "completes_by", as_time),
            unlink_at_provider=required(json, "unlink_at_provider", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "completes_by": self.completes_by,
                "unlink_at_provider": self.unlink_at_provider,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal:
    """Legal, as it travels."""

    account_deletion_url: str | None
    """Where to delete an account without the app."""
    privacy_url: str | None
    """The privacy policy; null if none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            account_deletion_url=required(json, "account_deletion_url", maybe(as_text)),
            privacy_url=required(json, "privacy_url", maybe(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "account_deletion_url": self.account_deletion_url,
                "privacy_url": self.privacy_url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, lengths in code points, rate limits by class (empty if they are off)."""

    bio_length: int
    """Code points in a bio."""
    comment_length: int
    """Code points in a comment."""
    file_bytes: int
    """The largest file, in bytes."""
    image_pixels: int
    """The largest image, in pixels."""
    image_side: int
    """The longest side of an image, in pixels."""
    image_side_kept: int
    """The longest side of a stored image, in pixels. A larger one is scaled down: scale it before
    you send it
    """
    image_types: tuple[str, ...]
    """The types of images."""
    images_per_post: int
    """Images in a post."""
    json_bytes: int
    """The largest body that is not a file, in bytes."""
    new_account_hours: int
    """For how many hours an account counts as new: it can't post links, can create five posts an
    hour, and is limited by `per_new_account`; 0 if never
    """
    nickname_length: int
    """Code points in a nickname."""
    page_size: int
    """Items in a page."""
    post_length: int
    """Code points in a post."""
    query_length: int
    """Code points in a search."""
    rate_limits: Mapping[str, RateClass]
    """How calls are counted, by class; empty if they are not."""
    title_length: int
    """Code points in a title."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            bio_length=required(json, "bio_length", as_int),
            comment_length=required(json, "comment_length", as_int),
            file_bytes=required(json, "file_bytes", as_int),
            image_pixels=required(json, "image_pixels", as_int),
            image_side=required(json, "image_side", as_int),
            image_side_kept=required(json, "image_side_kept", as_int),
            image_types=required(json, "image_types", list_of(as_text)),
            images_per_post=required(json, "images_per_post", as_int),
            json_bytes=required(json, "json_bytes", as_int),
            new_account_hours=required(json, "new_account_hours", as_int),
            nickname_length=required(json, "nickname_length", as_int),
            page_size=required(json, "page_size", as_int),
            post_length=required(json, "post_length", as_int),
            query_length=required(json, "query_length", as_int),
            rate_limits=required(json, "rate_limits", map_of(RateClass.parse)),
            title_length=required(json, "title_length", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "bio_length": self.bio_length,
                "comment_length": self.comment_length,
                "file_bytes": self.file_bytes,
                "image_pixels": self.image_pixels,
                "image_side": self.image_side,
                "image_side_kept": self.image_side_kept,
                "image_types": self.image_types,
                "images_per_post": self.images_per_post,
                "json_bytes": self.json_bytes,
                "new_account_hours": self.new_account_hours,
                "nickname_length": self.nickname_length,
                "page_size": self.page_size,
                "post_length": self.post_length,
                "query_length": self.query_length,
                "rate_limits": self.rate_limits,
                "title_length": self.title_length,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkProvider:
    """What a provider's SDK gave the app, as at a sign-in: the same checks hold.

    Without a nonce, Google's token must have been issued within ten minutes.
    """

    id_token: str
    """The ID token of the provider's SDK."""
    authorization_code: str | None = None
    """Apple's, from its SDK."""
    nonce: str | None = None
    """From `POST /auth/nonce`; works once."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            id_token=required(json, "id_token", as_text),
            authorization_code=optional(json, "authorization_code", as_text),
            nonce=optional(json, "nonce", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "id_token": self.id_token,
                "authorization_code": self.authorization_code,
                "nonce": self.nonce,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Pages for a browser. Replace the names in braces with ids."""

    app_store: str | None
    """The app in the App Store; null if none."""
    comment: str
    """The page of a comment or reply."""
    google_play: str | None
    """The app in Google Play; null if none."""
    lounge: str
    """The page of a lounge."""
    post: str
    """The page of a post."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            app_store=required(json, "app_store", maybe(as_text)),
            comment=required(json, "comment", as_text),
            google_play=required(json, "google_play", maybe(as_text)),
            lounge=required(json, "lounge", as_text),
            post=required(json, "post", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "app_store": self.app_store,
                "comment": self.comment,
                "google_play": self.google_play,
                "lounge": self.lounge,
                "post": self.post,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Login, as it travels."""

    email: str
    """The email address; null if there is none."""
    password: str
    """The password, 8 to 128 characters of any script."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", as_text),
            password=required(json, "password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "email": self.email,
                "password": self.password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lounge:
    """A room for one topic, as the caller sees it."""

    closed: bool
    """Its posts stay readable, but it accepts no new posts or comments. Only favorites still list
    it
    """
    cover_url: str | None
    """The lounge's cover image; null if there is none."""
    created_at: datetime
    """When it was created."""
    description: str
    """What the lounge is for, 1 to 500 characters."""
    favorite_count: int
    """How many users have it as a favorite."""
    has_new: bool
    """Whether another user's post was published or unhidden since the caller last opened the
    lounge with `GET /lounges/{lounge_id}`, or the caller never opened it. Only posts that the
    caller can see count, of the newest 200
    """
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    is_favorite: bool
    """Whether it is one of the caller's favorites."""
    last_posted_at: datetime | None
    """When the latest post was written; null without posts. The same for all: blocks and mutes do
    not matter
    """
    name: str
    """The lounge's name, 1 to 50 characters."""
    notification_level: enums.NotificationLevel
    """Whether the caller is notified of new posts."""
    post_count: int
    """How many posts there are. The same for all: blocks and mutes do not matter."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            closed=required(json, "closed", as_bool),
            cover_url=required(json, "cover_url", maybe(as_text)),
            created_at=required(json, "created_at", as_time),
            description=required(json, "description", as_text),
            favorite_count=required(json, "favorite_count", as_int),
            has_new=required(json, "has_new", as_bool),
            id=required(json, "id", as_text),
            is_favorite=required(json, "is_favorite", as_bool),
            last_posted_at=required(json, "last_posted_at", maybe(as_time)),
            name=required(json, "name", as_text),
            notification_level=required(json, "notification_level", enums.NotificationLevel.parse),
            post_count=required(json, "post_count", as_int),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "closed": self.closed,
                "cover_url": self.cover_url,
                "created_at": self.created_at,
                "description": self.description,
                "favorite_count": self.favorite_count,
                "has_new": self.has_new,
                "id": self.id,
                "is_favorite": self.is_favorite,
                "last_posted_at": self.last_posted_at,
                "name": self.name,
                "notification_level": self.notification_level,
                "post_count": self.post_count,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeCreate:
    """LoungeCreate, as it travels."""

    description: str
    """What the lounge is for, 1 to 500 characters."""
    name: str
    """The lounge's name, 1 to 50 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            description=required(json, "description", as_text),
            name=required(json, "name", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "description": self.description,
                "name": self.name,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeNotifications:
    """Whether to notify the caller of a lounge's posts."""

    level: enums.NotificationLevelChoice
    """Whether to notify the caller of new posts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            level=required(json, "level", enums.NotificationLevelChoice.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "level": self.level,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeRef:
    """A lounge's id and name."""

    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    name: str
    """The lounge's name, 1 to 50 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            id=required(json, "id", as_text),
            name=required(json, "name", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "id": self.id,
                "name": self.name,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeRequest:
    """A user's request for a new lounge. Once it is approved, `lounge_id` is the lounge."""

    created_at: datetime
    """When it was created."""
    decided_at: datetime | None
    """When an admin decided; null before."""
    description: str
    """What the lounge is for, 1 to 500 characters."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge_id: str | None
    """The lounge that was created; null before."""
    name: str
    """The lounge's name, 1 to 50 characters."""
    reason: str
    """The reason in words; empty if none was given."""
    reject_reason: str | None
    """Why it was rejected; null before."""
    requester: Author
    """Who requested it."""
    status: enums.RequestStatus
    """The status."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            decided_at=required(json, "decided_at", maybe(as_time)),
            description=required(json, "description", as_text),
            id=required(json, "id", as_text),
            lounge_id=required(json, "lounge_id", maybe(as_text)),
            name=required(json, "name", as_text),
            reason=required(json, "reason", as_text),
            reject_reason=required(json, "reject_reason", maybe(as_text)),
            requester=required(json, "requester", Author.parse),
            status=required(json, "status", enums.RequestStatus.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "decided_at": self.decided_at,
                "description": self.description,
                "id": self.id,
                "lounge_id": self.lounge_id,
                "name": self.name,
                "reason": self.reason,
                "reject_reason": self.reject_reason,
                "requester": self.requester,
                "status": self.status,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeRequestCreate:
    """A request for a new lounge."""

    description: str
    """What the lounge is for, 1 to 500 characters."""
    name: str
    """The lounge's name, 1 to 50 characters."""
    reason: str | None = None
    """For the admin who decides."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            description=required(json, "description", as_text),
            name=required(json, "name", as_text),
            reason=optional(json, "reason", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "description": self.description,
                "name": self.name,
                "reason": self.reason,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeRequestCreated:
    """A new request, with existing lounges that have similar names."""

    created_at: datetime
    """When it was created."""
    decided_at: datetime | None
    """When an admin decided; null before."""
    description: str
    """What the lounge is for, 1 to 500 characters."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge_id: str | None
    """The lounge that was created; null before."""
    name: str
    """The lounge's name, 1 to 50 characters."""
    reason: str
    """The reason in words; empty if none was given."""
    reject_reason: str | None
    """Why it was rejected; null before."""
    requester: Author
    """Who requested it."""
    similar_lounges: tuple[LoungeRef, ...]
    """Lounges with names like this one."""
    status: enums.RequestStatus
    """The status."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            decided_at=required(json, "decided_at", maybe(as_time)),
            description=required(json, "description", as_text),
            id=required(json, "id", as_text),
            lounge_id=required(json, "lounge_id", maybe(as_text)),
            name=required(json, "name", as_text),
            reason=required(json, "reason", as_text),
            reject_reason=required(json, "reject_reason", maybe(as_text)),
            requester=required(json, "requester", Author.parse),
            similar_lounges=required(json, "similar_lounges", list_of(LoungeRef.parse)),
            status=required(json, "status", enums.RequestStatus.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "decided_at": self.decided_at,
                "description": self.description,
                "id": self.id,
                "lounge_id": self.lounge_id,
                "name": self.name,
                "reason": self.reason,
                "reject_reason": self.reject_reason,
                "requester": self.requester,
                "similar_lounges": self.similar_lounges,
                "status": self.status,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoungeUpdate:
    """The changes. Fields that aren't sent stay as they are."""

    description: str | None = None
    """What the lounge is for, 1 to 500 characters."""
    name: str | None = None
    """The lounge's name, 1 to 50 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            description=optional(json, "description", as_text),
            name=optional(json, "name", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "description": self.description,
                "name": self.name,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedAppeal:
    """An appeal, as staff see it, with the reason that the user was given."""

    against: enums.AppealAgainst
    """The decision that is appealed."""
    comment_id: str | None
    """The comment."""
    created_at: datetime
    """When it was created."""
    decided_at: datetime | None
    """When an admin decided; null before."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    note: str
    """What the admin wrote with the decision; empty while it is open."""
    notification_id: str | None
    """Null for a suspension."""
    post_id: str | None
    """The post."""
    quote: str
    """The beginning of the text that was hidden; empty if none was."""
    reason: str
    """The reason for the action, as the user was given it."""
    status: enums.AppealStatus
    """The status of the appeal."""
    text: str
    """What the user wrote."""
    user: Author
    """Who appeals."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            against=required(json, "against", enums.AppealAgainst.parse),
            comment_id=required(json, "comment_id", maybe(as_text)),
            created_at=required(json, "created_at", as_time),
            decided_at=required(json, "decided_at", maybe(as_time)),
            id=required(json, "id", as_text),
            note=required(json, "note", as_text),
            notification_id=required(json, "notification_id", maybe(as_text)),
            post_id=required(json, "post_id", maybe(as_text)),
            quote=required(json, "quote", as_text),
            reason=required(json, "reason", as_text),
            status=required(json, "status", enums.AppealStatus.parse),
            text=required(json, "text", as_text),
            user=required(json, "user", Author.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "against": self.against,
                "comment_id": self.comment_id,
                "created_at": self.created_at,
                "decided_at": self.decided_at,
                "id": self.id,
                "note": self.note,
                "notification_id": self.notification_id,
                "post_id": self.post_id,
                "quote": self.quote,
                "reason": self.reason,
                "status": self.status,
                "text": self.text,
                "user": self.user,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedComment:
    """A comment as admins see it, hidden ones too."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    created_at: datetime
    """When it was created."""
    deleted: bool
    """Deleted, but kept as a placeholder for its replies: no body or author."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge: LoungeRef
    """The lounge of its post."""
    moderation: enums.Moderation
    """`held` while it is held for review."""
    parent_id: str | None
    """The comment that this replies to; null at the top level."""
    post_id: str
    """The post."""
    reply_count: int
    """How many replies there are. The same for all: blocks and mutes do not matter."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            created_at=required(json, "created_at", as_time),
            deleted=required(json, "deleted", as_bool),
            id=required(json, "id", as_text),
            lounge=required(json, "lounge", LoungeRef.parse),
            moderation=required(json, "moderation", enums.Moderation.parse),
            parent_id=required(json, "parent_id", maybe(as_text)),
            post_id=required(json, "post_id", as_text),
            reply_count=required(json, "reply_count", as_int),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "created_at": self.created_at,
                "deleted": self.deleted,
                "id": self.id,
                "lounge": self.lounge,
                "moderation": self.moderation,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "reply_count": self.reply_count,
                "updated_at": self.updated_at,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedLounge:
    """A lounge as admins see it."""

    closed: bool
    """Its posts stay readable, but it accepts no new posts or comments. Only favorites still list
    it
    """
    closed_at: datetime | None
    """When it was closed; null if open."""
    cover_url: str | None
    """The lounge's cover image; null if there is none."""
    created_at: datetime
    """When it was created."""
    description: str
    """What the lounge is for, 1 to 500 characters."""
    favorite_count: int
    """How many users have it as a favorite."""
    has_new: bool
    """Whether another user's post was published or unhidden since the caller last opened the
    lounge with `GET /lounges/{lounge_id}`, or the caller never opened it. Only posts that the
    caller can see count, of the newest 200
    """
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    is_favorite: bool
    """Whether it is one of the caller's favorites."""
    last_posted_at: datetime | None
    """When the latest post was written; null without posts. The same for all: blocks and mutes do
    not matter
    """
    name: str
    """The lounge's name, 1 to 50 characters."""
    notification_level: enums.NotificationLevel
    """Whether the caller is notified of new posts."""
    post_count: int
    """How many posts there are. The same for all: blocks and mutes do not matter."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            closed=required(json, "closed", as_bool),
            closed_at=required(json, "closed_at", maybe(as_time)),
            cover_url=required(json, "cover_url", maybe(as_text)),
            created_at=required(json, "created_at", as_time),
            description=required(json, "description", as_text),
            favorite_count=required(json, "favorite_count", as_int),
            has_new=required(json, "has_new", as_bool),
            id=required(json, "id", as_text),
            is_favorite=required(json, "is_favorite", as_bool),
            last_posted_at=required(json, "last_posted_at", maybe(as_time)),
            name=required(json, "name", as_text),
            notification_level=required(json, "notification_level", enums.NotificationLevel.parse),
            post_count=required(json, "post_count", as_int),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "closed": self.closed,
                "closed_at": self.closed_at,
                "cover_url": self.cover_url,
                "created_at": self.created_at,
                "description": self.description,
                "favorite_count": self.favorite_count,
                "has_new": self.has_new,
                "id": self.id,
                "is_favorite": self.is_favorite,
                "last_posted_at": self.last_posted_at,
                "name": self.name,
                "notification_level": self.notification_level,
                "post_count": self.post_count,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedPost:
    """A post as admins see it, hidden ones too."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    comment_count: int
    """How many comments and replies there are. The same for all: blocks and mutes do not matter."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    images: tuple[PostImage, ...]
    """The images, in the author's order."""
    like_count: int
    """How many users like it. The same for all: blocks and mutes do not matter."""
    liked: bool
    """Whether the caller likes it."""
    lounge: LoungeRef
    """The lounge."""
    moderation: enums.Moderation
    """`held` while it is held for review."""
    title: str
    """The title, 1 to 100 characters."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""
    watching: bool
    """Whether the caller is notified of new comments."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            comment_count=required(json, "comment_count", as_int),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            images=required(json, "images", list_of(PostImage.parse)),
            like_count=required(json, "like_count", as_int),
            liked=required(json, "liked", as_bool),
            lounge=required(json, "lounge", LoungeRef.parse),
            moderation=required(json, "moderation", enums.Moderation.parse),
            title=required(json, "title", as_text),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
            watching=required(json, "watching", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "comment_count": self.comment_count,
                "created_at": self.created_at,
                "id": self.id,
                "images": self.images,
                "like_count": self.like_count,
                "liked": self.liked,
                "lounge": self.lounge,
                "moderation": self.moderation,
                "title": self.title,
                "updated_at": self.updated_at,
                "url": self.url,
                "watching": self.watching,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedUser:
    """A user as admins see them."""

    avatar_url: str | None
    """The avatar; null if there is none."""
    bio: str
    """What the user says about themselves; empty if nothing."""
    created_at: datetime
    """When it was created."""
    email: str | None
    """Null if the user has none. A moderator sees it masked, as `a…@e….jp`."""
    email_verified: bool
    """Whether the emailed link was opened."""
    hide_content: bool
    """Whether the suspension hides all posts and comments."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    is_guest: bool
    """Whether the user is a guest."""
    locale: enums.UserLocale
    """The language of emails, pushes and notifications."""
    needs_nickname: bool
    """Whether to ask for a nickname: the provider gave no name."""
    nickname: str
    """The name that others see, 1 to 30 characters."""
    post_count: int
    """How many posts there are. The same for all: blocks and mutes do not matter."""
    provider: enums.SignInMethod
    """How the user signs in."""
    role: enums.Role
    """What the user may do."""
    status: enums.UserStatus
    """Whether the user may sign in."""
    suspension_reason: str
    """The user sees it while suspended."""
    terms_version: str | None
    """The version of the terms accepted last."""
    until: datetime | None
    """When the suspension ends automatically; null if it is permanent or there is none."""
    warning_count: int
    """Warnings the user received, without withdrawn ones."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            avatar_url=required(json, "avatar_url", maybe(as_text)),
            bio=required(json, "bio", as_text),
            created_at=required(json, "created_at", as_time),
            email=required(json, "email", maybe(as_text)),
            email_verified=required(json, "email_verified", as_bool),
            hide_content=required(json, "hide_content", as_bool),
            id=required(json, "id", as_text),
            is_guest=required(json, "is_guest", as_bool),
            locale=required(json, "locale", enums.UserLocale.parse),
            needs_nickname=required(json, "needs_nickname", as_bool),
            nickname=required(json, "nickname", as_text),
            post_count=required(json, "post_count", as_int),
            provider=required(json, "provider", enums.SignInMethod.parse),
            role=required(json, "role", enums.Role.parse),
            status=required(json, "status", enums.UserStatus.parse),
            suspension_reason=required(json, "suspension_reason", as_text),
            terms_version=required(json, "terms_version", maybe(as_text)),
            until=required(json, "until", maybe(as_time)),
            warning_count=required(json, "warning_count", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "avatar_url": self.avatar_url,
                "bio": self.bio,
                "created_at": self.created_at,
                "email": self.email,
                "email_verified": self.email_verified,
                "hide_content": self.hide_content,
                "id": self.id,
                "is_guest": self.is_guest,
                "locale": self.locale,
                "needs_nickname": self.needs_nickname,
                "nickname": self.nickname,
                "post_count": self.post_count,
                "provider": self.provider,
                "role": self.role,
                "status": self.status,
                "suspension_reason": self.suspension_reason,
                "terms_version": self.terms_version,
                "until": self.until,
                "warning_count": self.warning_count,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedUserUpdate:
    """The changes. Fields that aren't sent stay as they are."""

    hide_content: bool | None = None
    """Whether the suspension hides all posts and comments; they are unhidden when it ends."""
    permanent: bool | None = None
    """`true` removes the end of a running suspension. Not together with `until`."""
    reason: str | None = None
    """The reason; a suspended user sees it."""
    role: enums.AssignableRole | None = None
    """What the user may do."""
    status: enums.UserStatusChoice | None = None
    """Whether the user is suspended."""
    until: datetime | None = None
    """When a suspension ends automatically; must be in the future. Without it a running suspension
    keeps its end, and a new one is permanent
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            hide_content=optional(json, "hide_content", as_bool),
            permanent=optional(json, "permanent", as_bool),
            reason=optional(json, "reason", as_text),
            role=optional(json, "role", enums.AssignableRole.parse),
            status=optional(json, "status", enums.UserStatusChoice.parse),
            until=optional(json, "until", as_time),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "hide_content": self.hide_content,
                "permanent": self.permanent,
                "reason": self.reason,
                "role": self.role,
                "status": self.status,
                "until": self.until,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead:
    """Which notifications to mark: some, or all. With neither, nothing is marked.

    Generated clients send what a user did not set, too: `"ids": []` beside `all`, or `"all":
    false` beside `ids`. None of that is an error.
    """

    all: bool | None = None
    """Mark all that there are now, whatever `ids` says."""
    ids: tuple[str, ...] | None = None
    """The notifications to mark. Ids of other users' are ignored."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            all=optional(json, "all", as_bool),
            ids=optional(json, "ids", list_of(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "all": self.all,
                "ids": self.ids,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The caller's own account."""

    avatar_url: str | None
    """The avatar; null if there is none."""
    bio: str
    """What the user says about themselves; empty if nothing."""
    created_at: datetime
    """When it was created."""
    email: str | None
    """The email address; null if there is none."""
    email_verified: bool
    """Whether the emailed link was opened."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    is_guest: bool
    """Whether the user is a guest."""
    locale: enums.UserLocale
    """The language of emails, pushes and notifications."""
    may_publish: enums.MayPublish
    """`yes`, or the first reason why posting, commenting and all else that others would see is
    refused
    """
    needs_nickname: bool
    """Whether to ask for a nickname: the provider gave no name."""
    nickname: str
    """The name that others see, 1 to 30 characters."""
    provider: enums.SignInMethod
    """How the user signs in."""
    role: enums.Role
    """What the user may do."""
    terms_version: str | None
    """The version of the terms accepted last."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            avatar_url=required(json, "avatar_url", maybe(as_text)),
            bio=required(json, "bio", as_text),
            created_at=required(json, "created_at", as_time),
            email=required(json, "email", maybe(as_text)),
            email_verified=required(json, "email_verified", as_bool),
            id=required(json, "id", as_text),
            is_guest=required(json, "is_guest", as_bool),
            locale=required(json, "locale", enums.UserLocale.parse),
            may_publish=required(json, "may_publish", enums.MayPublish.parse),
            needs_nickname=required(json, "needs_nickname", as_bool),
            nickname=required(json, "nickname", as_text),
            provider=required(json, "provider", enums.SignInMethod.parse),
            role=required(json, "role", enums.Role.parse),
            terms_version=required(json, "terms_version", maybe(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "avatar_url": self.avatar_url,
                "bio": self.bio,
                "created_at": self.created_at,
                "email": self.email,
                "email_verified": self.email_verified,
                "id": self.id,
                "is_guest": self.is_guest,
                "locale": self.locale,
                "may_publish": self.may_publish,
                "needs_nickname": self.needs_nickname,
                "nickname": self.nickname,
                "provider": self.provider,
                "role": self.role,
                "terms_version": self.terms_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeUpdate:
    """What to change; what is not sent stays. A bio is cleared by `""`."""

    bio: str | None = None
    """What the user says about themselves; empty if nothing."""
    locale: enums.UserLocaleChoice | None = None
    """The language of emails, pushes and notifications."""
    nickname: str | None = None
    """The name that others see, 1 to 30 characters."""
    terms_version: str | None = None
    """The version of the terms that the user accepts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            bio=optional(json, "bio", as_text),
            locale=optional(json, "locale", enums.UserLocaleChoice.parse),
            nickname=optional(json, "nickname", as_text),
            terms_version=optional(json, "terms_version", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "bio": self.bio,
                "locale": self.locale,
                "nickname": self.nickname,
                "terms_version": self.terms_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What this server allows, offers and requires."""

    app_check: enums.MetaAppCheck
    """Whether signing up and in requires a token of Firebase App Check: with `enforce` it does,
    with `watch` missing ones are only counted
    """
    app_name: str
    """What the app is called."""
    contact: Contact
    """How to reach the operator."""
    legal: Legal
    """Pages that the stores ask for."""
    limits: Limits
    """Sizes, lengths and rates."""
    links: Links
    """Pages for a browser."""
    min_app_version: str
    """The oldest app that works with this server."""
    providers: tuple[str, ...]
    """How users can sign in here."""
    publish_needs: enums.MetaPublishNeeds
    """What an account needs to publish: a confirmed email address, or a sign-in with LINE, Google
    or Apple
    """
    sign_up: bool
    """Whether new users can sign up."""
    terms: Terms
    """The terms of use."""
    version: str
    """The server's release."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            app_check=required(json, "app_check", enums.MetaAppCheck.parse),
            app_name=required(json, "app_name", as_text),
            contact=required(json, "contact", Contact.parse),
            legal=required(json, "legal", Legal.parse),
            limits=required(json, "limits", Limits.parse),
            links=required(json, "links", Links.parse),
            min_app_version=required(json, "min_app_version", as_text),
            providers=required(json, "providers", list_of(as_text)),
            publish_needs=required(json, "publish_needs", enums.MetaPublishNeeds.parse),
            sign_up=required(json, "sign_up", as_bool),
            terms=required(json, "terms", Terms.parse),
            version=required(json, "version", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "app_check": self.app_check,
                "app_name": self.app_name,
                "contact": self.contact,
                "legal": self.legal,
                "limits": self.limits,
                "links": self.links,
                "min_app_version": self.min_app_version,
                "providers": self.providers,
                "publish_needs": self.publish_needs,
                "sign_up": self.sign_up,
                "terms": self.terms,
                "version": self.version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaCode:
    """Six digits of the authenticator app, or one of the recovery codes. Spaces don't matter."""

    code: str
    """The code, as it was typed."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            code=required(json, "code", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "code": self.code,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratedComment:
    """A comment as staff see it, and the last decision about it."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    created_at: datetime
    """When it was created."""
    deleted: bool
    """Deleted, but kept as a placeholder for its replies: no body or author."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge: LoungeRef
    """The lounge of its post."""
    moderated_at: datetime | None
    """When that was decided."""
    moderated_by: Author | None
    """Who hid, unhid or released it."""
    moderation: enums.Moderation
    """`held` while it is held for review."""
    moderation_reason: str | None
    """The reason that staff gave."""
    parent_id: str | None
    """The comment that this replies to; null at the top level."""
    post_id: str
    """The post."""
    reply_count: int
    """How many replies there are. The same for all: blocks and mutes do not matter."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            created_at=required(json, "created_at", as_time),
            deleted=required(json, "deleted", as_bool),
            id=required(json, "id", as_text),
            lounge=required(json, "lounge", LoungeRef.parse),
            moderated_at=required(json, "moderated_at", maybe(as_time)),
            moderated_by=required(json, "moderated_by", maybe(Author.parse)),
            moderation=required(json, "moderation", enums.Moderation.parse),
            moderation_reason=required(json, "moderation_reason", maybe(as_text)),
            parent_id=required(json, "parent_id", maybe(as_text)),
            post_id=required(json, "post_id", as_text),
            reply_count=required(json, "reply_count", as_int),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "created_at": self.created_at,
                "deleted": self.deleted,
                "id": self.id,
                "lounge": self.lounge,
                "moderated_at": self.moderated_at,
                "moderated_by": self.moderated_by,
                "moderation": self.moderation,
                "moderation_reason": self.moderation_reason,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "reply_count": self.reply_count,
                "updated_at": self.updated_at,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeratedPost:
    """A post as staff see it, and the last decision about it."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    comment_count: int
    """How many comments and replies there are. The same for all: blocks and mutes do not matter."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    images: tuple[PostImage, ...]
    """The images, in the author's order."""
    like_count: int
    """How many users like it. The same for all: blocks and mutes do not matter."""
    liked: bool
    """Whether the caller likes it."""
    lounge: LoungeRef
    """The lounge."""
    moderated_at: datetime | None
    """When that was decided."""
    moderated_by: Author | None
    """Who hid, unhid or released it."""
    moderation: enums.Moderation
    """`held` while it is held for review."""
    moderation_reason: str | None
    """The reason that staff gave."""
    title: str
    """The title, 1 to 100 characters."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""
    watching: bool
    """Whether the caller is notified of new comments."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            comment_count=required(json, "comment_count", as_int),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            images=required(json, "images", list_of(PostImage.parse)),
            like_count=required(json, "like_count", as_int),
            liked=required(json, "liked", as_bool),
            lounge=required(json, "lounge", LoungeRef.parse),
            moderated_at=required(json, "moderated_at", maybe(as_time)),
            moderated_by=required(json, "moderated_by", maybe(Author.parse)),
            moderation=required(json, "moderation", enums.Moderation.parse),
            moderation_reason=required(json, "moderation_reason", maybe(as_text)),
            title=required(json, "title", as_text),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
            watching=required(json, "watching", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "comment_count": self.comment_count,
                "created_at": self.created_at,
                "id": self.id,
                "images": self.images,
                "like_count": self.like_count,
                "liked": self.liked,
                "lounge": self.lounge,
                "moderated_at": self.moderated_at,
                "moderated_by": self.moderated_by,
                "moderation": self.moderation,
                "moderation_reason": self.moderation_reason,
                "title": self.title,
                "updated_at": self.updated_at,
                "url": self.url,
                "watching": self.watching,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A post that the caller has muted, and when."""

    muted_at: datetime
    """When the caller muted it."""
    post: MutedPost
    """The post."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            muted_at=required(json, "muted_at", as_time),
            post=required(json, "post", MutedPost.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "muted_at": self.muted_at,
                "post": self.post,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MutedPost:
    """A post's id and title."""

    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge: LoungeRef
    """The lounge."""
    title: str
    """The title, 1 to 100 characters."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            id=required(json, "id", as_text),
            lounge=required(json, "lounge", LoungeRef.parse),
            title=required(json, "title", as_text),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "id": self.id,
                "lounge": self.lounge,
                "title": self.title,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeSignIn:
    """What a provider's SDK gave the app. `nonce` comes from `POST /auth/nonce`.

    LINE and Apple need a nonce. Google's is optional, and checked if it is sent.
    `authorization_code` is only for Apple: its SDK gives it with the ID token. With it, the app
    is disconnected from the Apple account when the user deletes their account.
    """

    id_token: str
    """The ID token of the provider's SDK."""
    authorization_code: str | None = None
    """Apple's, from its SDK."""
    nonce: str | None = None
    """From `POST /auth/nonce`; works once."""
    terms_version: str | None = None
    """The version of the terms that the user accepts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            id_token=required(json, "id_token", as_text),
            authorization_code=optional(json, "authorization_code", as_text),
            nonce=optional(json, "nonce", as_text),
            terms_version=optional(json, "terms_version", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "id_token": self.id_token,
                "authorization_code": self.authorization_code,
                "nonce": self.nonce,
                "terms_version": self.terms_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceCreated:
    """A nonce for the provider's SDK, which puts it into the ID token. It works once."""

    expires_in: int
    """Seconds until it expires."""
    nonce: str
    """From `POST /auth/nonce`; works once."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            expires_in=required(json, "expires_in", as_int),
            nonce=required(json, "nonce", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "expires_in": self.expires_in,
                "nonce": self.nonce,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationItem:
    """A notification. The ids that are not null name what it is about."""

    actor: Author | None
    """Who did it; null if it was not a single user."""
    body: str
    """A sentence in the reader's `locale`."""
    comment_id: str | None
    """The comment."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    lounge_id: str | None
    """The lounge."""
    lounge_request_id: str | None
    """The lounge request."""
    parent_id: str | None
    """The parent comment of a reply. Null for a top-level comment."""
    post_id: str | None
    """The post."""
    read: bool
    """Whether it is marked as read."""
    title: str
    """In the reader's `locale`."""
    type: enums.NotificationType
    """What happened."""
    url: str | None
    """What to open: the `url` of the post, comment or lounge. Null if there is nothing."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            actor=required(json, "actor", maybe(Author.parse)),
            body=required(json, "body", as_text),
            comment_id=required(json, "comment_id", maybe(as_text)),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            lounge_id=required(json, "lounge_id", maybe(as_text)),
            lounge_request_id=required(json, "lounge_request_id", maybe(as_text)),
            parent_id=required(json, "parent_id", maybe(as_text)),
            post_id=required(json, "post_id", maybe(as_text)),
            read=required(json, "read", as_bool),
            title=required(json, "title", as_text),
            type=required(json, "type", enums.NotificationType.parse),
            url=required(json, "url", maybe(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "actor": self.actor,
                "body": self.body,
                "comment_id": self.comment_id,
                "created_at": self.created_at,
                "id": self.id,
                "lounge_id": self.lounge_id,
                "lounge_request_id": self.lounge_request_id,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "read": self.read,
                "title": self.title,
                "type": self.type,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettings:
    """What is pushed. Types that are turned off still appear in the list."""

    announcement: bool
    """Push announcements."""
    comment: bool
    """Push comments on the caller's posts."""
    lounge_post: bool
    """Push new posts in lounges with `notification_level: all`."""
    lounge_request: bool
    """Push decisions about the caller's lounge requests."""
    push_enabled: bool
    """Whether anything is pushed. No setting stops `security` and `account_suspended`."""
    reply: bool
    """Push replies to the caller's comments."""
    watched: bool
    """Push new comments on watched posts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            announcement=required(json, "announcement", as_bool),
            comment=required(json, "comment", as_bool),
            lounge_post=required(json, "lounge_post", as_bool),
            lounge_request=required(json, "lounge_request", as_bool),
            push_enabled=required(json, "push_enabled", as_bool),
            reply=required(json, "reply", as_bool),
            watched=required(json, "watched", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "announcement": self.announcement,
                "comment": self.comment,
                "lounge_post": self.lounge_post,
                "lounge_request": self.lounge_request,
                "push_enabled": self.push_enabled,
                "reply": self.reply,
                "watched": self.watched,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettingsUpdate:
    """The settings to change. Fields that are not sent stay as they are."""

    announcement: bool | None = None
    """Push announcements."""
    comment: bool | None = None
    """Push comments on the caller's posts."""
    lounge_post: bool | None = None
    """Push new posts in lounges with `notification_level: all`."""
    lounge_request: bool | None = None
    """Push decisions about the caller's lounge requests."""
    push_enabled: bool | None = None
    """Whether anything is pushed. No setting stops `security` and `account_suspended`."""
    reply: bool | None = None
    """Push replies to the caller's comments."""
    watched: bool | None = None
    """Push new comments on watched posts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            announcement=optional(json, "announcement", as_bool),
            comment=optional(json, "comment", as_bool),
            lounge_post=optional(json, "lounge_post", as_bool),
            lounge_request=optional(json, "lounge_request", as_bool),
            push_enabled=optional(json, "push_enabled", as_bool),
            reply=optional(json, "reply", as_bool),
            watched=optional(json, "watched", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "announcement": self.announcement,
                "comment": self.comment,
                "lounge_post": self.lounge_post,
                "lounge_request": self.lounge_request,
                "push_enabled": self.push_enabled,
                "reply": self.reply,
                "watched": self.watched,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """PasswordChange, as it travels."""

    current_password: str
    """The current password."""
    new_password: str
    """The new password, 8 to 128 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            current_password=required(json, "current_password", as_text),
            new_password=required(json, "new_password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "current_password": self.current_password,
                "new_password": self.new_password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordForgotten:
    """PasswordForgotten, as it travels."""

    email: str
    """The email address; null if there is none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "email": self.email,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReset:
    """PasswordReset, as it travels."""

    new_password: str
    """The new password, 8 to 128 characters."""
    token: str
    """The token from the emailed link."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            new_password=required(json, "new_password", as_text),
            token=required(json, "token", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "new_password": self.new_password,
                "token": self.token,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a user wrote in a lounge, as the caller sees it."""

    author: Author
    """Who wrote it."""
    body: str
    """The text."""
    comment_count: int
    """How many comments and replies there are. The same for all: blocks and mutes do not matter."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    images: tuple[PostImage, ...]
    """The images, in the author's order."""
    like_count: int
    """How many users like it. The same for all: blocks and mutes do not matter."""
    liked: bool
    """Whether the caller likes it."""
    lounge: LoungeRef
    """The lounge."""
    moderation: enums.ModerationState
    """`held` while it is held for review."""
    title: str
    """The title, 1 to 100 characters."""
    updated_at: datetime
    """When it was last changed."""
    url: str
    """Its one address: a page in a browser, and on a phone it opens the app."""
    watching: bool
    """Whether the caller is notified of new comments."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author=required(json, "author", Author.parse),
            body=required(json, "body", as_text),
            comment_count=required(json, "comment_count", as_int),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            images=required(json, "images", list_of(PostImage.parse)),
            like_count=required(json, "like_count", as_int),
            liked=required(json, "liked", as_bool),
            lounge=required(json, "lounge", LoungeRef.parse),
            moderation=required(json, "moderation", enums.ModerationState.parse),
            title=required(json, "title", as_text),
            updated_at=required(json, "updated_at", as_time),
            url=required(json, "url", as_text),
            watching=required(json, "watching", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author": self.author,
                "body": self.body,
                "comment_count": self.comment_count,
                "created_at": self.created_at,
                "id": self.id,
                "images": self.images,
                "like_count": self.like_count,
                "liked": self.liked,
                "lounge": self.lounge,
                "moderation": self.moderation,
                "title": self.title,
                "updated_at": self.updated_at,
                "url": self.url,
                "watching": self.watching,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostCreate:
    """A new post."""

    body: str
    """The text."""
    lounge_id: str
    """The lounge."""
    title: str
    """The title, 1 to 100 characters."""
    image_ids: tuple[str, ...] | None = None
    """The caller's uploads, in the order in which to show them."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body=required(json, "body", as_text),
            lounge_id=required(json, "lounge_id", as_text),
            title=required(json, "title", as_text),
            image_ids=optional(json, "image_ids", list_of(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body": self.body,
                "lounge_id": self.lounge_id,
                "title": self.title,
                "image_ids": self.image_ids,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostImage:
    """An image as it is stored: upright, sRGB, without metadata. A URL's content never changes."""

    blurhash: str
    """A blurred preview to show while the image loads; see blurha.sh."""
    height: int
    """Pixels."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    thumbnail_url: str
    """A small version."""
    url: str
    """The image."""
    width: int
    """Pixels."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            blurhash=required(json, "blurhash", as_text),
            height=required(json, "height", as_int),
            id=required(json, "id", as_text),
            thumbnail_url=required(json, "thumbnail_url", as_text),
            url=required(json, "url", as_text),
            width=required(json, "width", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "blurhash": self.blurhash,
                "height": self.height,
                "id": self.id,
                "thumbnail_url": self.thumbnail_url,
                "url": self.url,
                "width": self.width,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostImages:
    """The images of a post: these and no others, in this order. An empty list removes all."""

    image_ids: tuple[str, ...]
    """The caller's uploads, in the order in which to show them."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            image_ids=required(json, "image_ids", list_of(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "image_ids": self.image_ids,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PostUpdate:
    """What to change. Fields that are not sent stay. `image_ids: []` removes all images."""

    body: str | None = None
    """The text."""
    image_ids: tuple[str, ...] | None = None
    """The caller's uploads, in the order in which to show them."""
    title: str | None = None
    """The title, 1 to 100 characters."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            body=optional(json, "body", as_text),
            image_ids=optional(json, "image_ids", list_of(as_text)),
            title=optional(json, "title", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "body": self.body,
                "image_ids": self.image_ids,
                "title": self.title,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What other users see of a user."""

    avatar_url: str | None
    """The avatar; null if there is none."""
    bio: str
    """What the user says about themselves; empty if nothing."""
    created_at: datetime
    """When it was created."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    nickname: str
    """The name that others see, 1 to 30 characters."""
    post_count: int
    """How many posts there are. The same for all: blocks and mutes do not matter."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            avatar_url=required(json, "avatar_url", maybe(as_text)),
            bio=required(json, "bio", as_text),
            created_at=required(json, "created_at", as_time),
            id=required(json, "id", as_text),
            nickname=required(json, "nickname", as_text),
            post_count=required(json, "post_count", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "avatar_url": self.avatar_url,
                "bio": self.bio,
                "created_at": self.created_at,
                "id": self.id,
                "nickname": self.nickname,
                "post_count": self.post_count,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Verifies again who the caller is. Send one of three.

    The `password`; or `provider`, `id_token` and `nonce` of a provider's SDK, as at a sign-in;
    or `code` and `code_verifier` of a sign-in in the browser.
    """

    code: str | None = None
    """The one-time code of `...callback`."""
    code_verifier: str | None = None
    """The secret of the app's PKCE challenge."""
    id_token: str | None = None
    """The ID token of the provider's SDK."""
    nonce: str | None = None
    """From `POST /auth/nonce`; works once."""
    password: str | None = None
    """The password, 8 to 128 characters of any script."""
    provider: enums.SocialProvider | None = None
    """Whose ID token it is."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            code=optional(json, "code", as_text),
            code_verifier=optional(json, "code_verifier", as_text),
            id_token=optional(json, "id_token", as_text),
            nonce=optional(json, "nonce", as_text),
            password=optional(json, "password", as_text),
            provider=optional(json, "provider", enums.SocialProvider.parse),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "code": self.code,
                "code_verifier": self.code_verifier,
                "id_token": self.id_token,
                "nonce": self.nonce,
                "password": self.password,
                "provider": self.provider,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderNotification:
    """What Apple's server posts."""

    payload: str
    """A JWT, signed by Apple."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            payload=required(json, "payload", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "payload": self.payload,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PushData:
    """The `data` of a push, all of it text, so that a tap opens the right place.

    What is null in the notification is missing here. A push that says how many posts came into
    a lounge is about the lounge: its `notification_id` is the newest one's, and it has no
    `post_id`.
    """

    notification_id: str
    """The notification."""
    type: enums.NotificationType
    """What happened, as in the notification."""
    comment_id: str | None = None
    """The comment."""
    lounge_id: str | None = None
    """The lounge."""
    lounge_request_id: str | None = None
    """The lounge request."""
    parent_id: str | None = None
    """The comment that this replies to; null at the top level."""
    post_id: str | None = None
    """The post."""
    url: str | None = None
    """As in the notification."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            notification_id=required(json, "notification_id", as_text),
            type=required(json, "type", enums.NotificationType.parse),
            comment_id=optional(json, "comment_id", as_text),
            lounge_id=optional(json, "lounge_id", as_text),
            lounge_request_id=optional(json, "lounge_request_id", as_text),
            parent_id=optional(json, "parent_id", as_text),
            post_id=optional(json, "post_id", as_text),
            url=optional(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "notification_id": self.notification_id,
                "type": self.type,
                "comment_id": self.comment_id,
                "lounge_id": self.lounge_id,
                "lounge_request_id": self.lounge_request_id,
                "parent_id": self.parent_id,
                "post_id": self.post_id,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateClass:
    """How calls of one class are counted. An empty list means that nothing is counted that way.

    `per_user` is for callers who are signed in. `per_address` is for all others, and for all
    callers where `per_user` is empty. Guests count by both, except in reads. An IPv6 address
    counts as its /64; for `register` and `guest` as its /56, too, with four times the calls.
    `per_account` counts the sign-ins to one email address. `per_new_account` is for members
    whose account is younger than `new_account_hours`, in addition to all others.
    """

    per_account: tuple[RateQuota, ...]
    """For each email address that is signed in to."""
    per_address: tuple[RateQuota, ...]
    """For each IP address."""
    per_new_account: tuple[RateQuota, ...]
    """For each member whose account is younger than `new_account_hours`."""
    per_user: tuple[RateQuota, ...]
    """For each user."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            per_account=required(json, "per_account", list_of(RateQuota.parse)),
            per_address=required(json, "per_address", list_of(RateQuota.parse)),
            per_new_account=required(json, "per_new_account", list_of(RateQuota.parse)),
            per_user=required(json, "per_user", list_of(RateQuota.parse)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "per_account": self.per_account,
                "per_address": self.per_address,
                "per_new_account": self.per_new_account,
                "per_user": self.per_user,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuota:
    """At most `calls` in any window of `seconds` seconds."""

    calls: int
    """This many calls."""
    seconds: int
    """in this many seconds."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            calls=required(json, "calls", as_int),
            seconds=required(json, "seconds", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "calls": self.calls,
                "seconds": self.seconds,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRequest:
    """RefreshRequest, as it travels."""

    refresh_token: str
    """Gets the next pair, once."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            refresh_token=required(json, "refresh_token", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "refresh_token": self.refresh_token,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A new account by email. The password has 8 to 128 characters of any script, and must not be
    easy to guess.
    """

    email: str
    """The email address; null if there is none."""
    nickname: str
    """The name that others see, 1 to 30 characters."""
    password: str
    """The password, 8 to 128 characters of any script."""
    terms_version: str | None = None
    """The version of the terms that the user accepts."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            email=required(json, "email", as_text),
            nickname=required(json, "nickname", as_text),
            password=required(json, "password", as_text),
            terms_version=optional(json, "terms_version", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "email": self.email,
                "nickname": self.nickname,
                "password": self.password,
                "terms_version": self.terms_version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadTarget:
    """The `put` of a `reload`: what to load again. If it is absent, that is everything."""

    scope: enums.ReloadScope
    """`all`: all lists. `notifications`: the list of notifications. `post`: the post `post_id`
    with its comments, the lists that it may be in, and the list of notifications. A scope that
    a client does not know means `all`
    """
    post_id: str | None = None
    """For `post` alone."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            scope=required(json, "scope", enums.ReloadScope.parse),
            post_id=optional(json, "post_id", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "scope": self.scope,
                "post_id": self.post_id,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One of the caller's reports. It is `resolved` once it has been decided."""

    created_at: datetime
    """When it was created."""
    detail: str
    """What the reporter wrote; can be empty."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    reason: enums.ReportReason
    """Which rule it breaks."""
    status: enums.CaseStatus
    """The status."""
    target_id: str
    """What it is about."""
    target_type: enums.ReportTarget
    """The type of the target."""
    decided_at: datetime | None = None
    """When it was decided; null before."""
    outcome: enums.ReportOutcome | None = None
    """What came of it; null before the decision. `acted`: the content was hidden or its author
    suspended
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            detail=required(json, "detail", as_text),
            id=required(json, "id", as_text),
            reason=required(json, "reason", enums.ReportReason.parse),
            status=required(json, "status", enums.CaseStatus.parse),
            target_id=required(json, "target_id", as_text),
            target_type=required(json, "target_type", enums.ReportTarget.parse),
            decided_at=optional(json, "decided_at", as_time),
            outcome=optional(json, "outcome", enums.ReportOutcome.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "detail": self.detail,
                "id": self.id,
                "reason": self.reason,
                "status": self.status,
                "target_id": self.target_id,
                "target_type": self.target_type,
                "decided_at": self.decided_at,
                "outcome": self.outcome,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """All reports on one target: one entry of the queue."""

    author_id: str | None
    """The author; null for a lounge."""
    created_at: datetime
    """When it was created."""
    details: tuple[str, ...]
    """What the first five reporters wrote."""
    due_at: datetime
    """24 hours after the case was opened."""
    erased_at: datetime | None
    """When the versions and the reporters' words were erased, 180 days after the decision
    (`LINKY_RECORDS_DAYS`)
    """
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    note: str
    """For the audit log and for the author."""
    reasons: tuple[enums.ReportReason, ...]
    """The reasons of its reports, each once."""
    report_count: int
    """How many reports there are; 0 for a case with the reason `system` that no report opened."""
    resolution: enums.Resolution | None
    """What was decided; null before."""
    resolved_at: datetime | None
    """When a moderator decided; null before."""
    snapshot: JsonObject
    """What was reported, as it was at the first report. An image of a hidden post is not at its
    address in `images`: see `GET /admin/pictures`. With the reason `system`, `causes` says why:
    `banned_nickname`, `earlier_suspension`
    """
    status: enums.CaseStatus
    """The status."""
    target_id: str
    """What it is about."""
    target_type: enums.ReportTarget
    """The type of the target."""
    version_count: int
    """How many versions were reported."""
    versions: tuple[ReportedVersion, ...]
    """What was reported, as the reporters saw it, each version once, in the order of time: the
    first and the latest four
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            author_id=required(json, "author_id", maybe(as_text)),
            created_at=required(json, "created_at", as_time),
            details=required(json, "details", list_of(as_text)),
            due_at=required(json, "due_at", as_time),
            erased_at=required(json, "erased_at", maybe(as_time)),
            id=required(json, "id", as_text),
            note=required(json, "note", as_text),
            reasons=required(json, "reasons", list_of(enums.ReportReason.parse)),
            report_count=required(json, "report_count", as_int),
            resolution=required(json, "resolution", maybe(enums.Resolution.parse)),
            resolved_at=required(json, "resolved_at", maybe(as_time)),
            snapshot=required(json, "snapshot", as_object),
            status=required(json, "status", enums.CaseStatus.parse),
            target_id=required(json, "target_id", as_text),
            target_type=required(json, "target_type", enums.ReportTarget.parse),
            version_count=required(json, "version_count", as_int),
            versions=required(json, "versions", list_of(ReportedVersion.parse)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "author_id": self.author_id,
                "created_at": self.created_at,
                "details": self.details,
                "due_at": self.due_at,
                "erased_at": self.erased_at,
                "id": self.id,
                "note": self.note,
                "reasons": self.reasons,
                "report_count": self.report_count,
                "resolution": self.resolution,
                "resolved_at": self.resolved_at,
                "snapshot": self.snapshot,
                "status": self.status,
                "target_id": self.target_id,
                "target_type": self.target_type,
                "version_count": self.version_count,
                "versions": self.versions,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCreate:
    """A report of something that breaks the rules."""

    reason: enums.ReportReasonChoice
    """Which rule it breaks."""
    target_id: str
    """What it is about."""
    target_type: enums.ReportTargetChoice
    """The type of the target."""
    detail: str | None = None
    """What the reporter wrote; can be empty."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            reason=required(json, "reason", enums.ReportReasonChoice.parse),
            target_id=required(json, "target_id", as_text),
            target_type=required(json, "target_type", enums.ReportTargetChoice.parse),
            detail=optional(json, "detail", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "reason": self.reason,
                "target_id": self.target_id,
                "target_type": self.target_type,
                "detail": self.detail,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOfCase:
    """One report, as admins see it."""

    created_at: datetime
    """When it was created."""
    detail: str
    """What the reporter wrote; can be empty."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    reason: enums.ReportReason
    """Which rule it breaks."""
    snapshot: JsonObject
    """What was reported, as this reporter saw it."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            detail=required(json, "detail", as_text),
            id=required(json, "id", as_text),
            reason=required(json, "reason", enums.ReportReason.parse),
            snapshot=required(json, "snapshot", as_object),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "detail": self.detail,
                "id": self.id,
                "reason": self.reason,
                "snapshot": self.snapshot,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedVersion:
    """One version of what was reported, and when it was reported first."""

    reported_at: datetime
    """When this version was first reported."""
    snapshot: JsonObject
    """What was reported, as it was then."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            reported_at=required(json, "reported_at", as_time),
            snapshot=required(json, "snapshot", as_object),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "reported_at": self.reported_at,
                "snapshot": self.snapshot,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """What can't be reported change by change. Reload the lists, and continue from the cursor."""

    reason: enums.ResetReason
    """The reason in words; empty if none was given."""
    topics: tuple[str, ...] | None
    """The topics that it concerns; null for all."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            reason=required(json, "reason", enums.ResetReason.parse),
            topics=required(json, "topics", maybe(list_of(as_text))),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "reason": self.reason,
                "topics": self.topics,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """What to do, and a note for the record and for the author."""

    action: enums.ResolutionChoice
    """What to do."""
    hide_content: bool | None = None
    """Only with `suspend`: whether the suspension hides all posts and comments."""
    note: str | None = None
    """For the audit log and for the author."""
    permanent: bool | None = None
    """Only with `suspend`: `true` removes the end of a running suspension. Not together with
    `until`
    """
    until: datetime | None = None
    """Only with `suspend`: when the suspension ends automatically, in the future. Without it a
    running suspension keeps its end, and a new one has none
    """

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            action=required(json, "action", enums.ResolutionChoice.parse),
            hide_content=optional(json, "hide_content", as_bool),
            note=optional(json, "note", as_text),
            permanent=optional(json, "permanent", as_bool),
            until=optional(json, "until", as_time),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "action": self.action,
                "hide_content": self.hide_content,
                "note": self.note,
                "permanent": self.permanent,
                "until": self.until,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsOfStats:
    """How many people came back so many days after signing up, over finished days."""

    after_days: int
    """1, 7 or 30."""
    came_back: int
    """Those of them who came back on that day."""
    new_people: int
    """People who signed up."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            after_days=required(json, "after_days", as_int),
            came_back=required(json, "came_back", as_int),
            new_people=required(json, "new_people", as_int),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "after_days": self.after_days,
                "came_back": self.came_back,
                "new_people": self.new_people,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in on a device."""

    created_at: datetime
    """When it was created."""
    current: bool
    """Whether this is the caller's own session."""
    id: str
    """The id. Ids are UUIDs of version 7: a later one is greater."""
    last_used_at: datetime
    """When the session was last refreshed."""
    user_agent: str
    """What the device says it is."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            created_at=required(json, "created_at", as_time),
            current=required(json, "current", as_bool),
            id=required(json, "id", as_text),
            last_used_at=required(json, "last_used_at", as_time),
            user_agent=required(json, "user_agent", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "created_at": self.created_at,
                "current": self.current,
                "id": self.id,
                "last_used_at": self.last_used_at,
                "user_agent": self.user_agent,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """SignedIn, as it travels."""

    tokens: TokenPair
    """The tokens of the new session."""
    user: Me
    """The user who is now signed in."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            tokens=required(json, "tokens", TokenPair.parse),
            user=required(json, "user", Me.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "tokens": self.tokens,
                "user": self.user,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The last thirty days; the last one is today, so far."""

    days: tuple[DayOfStats, ...]
    """Thirty days, the last one today."""
    decisions: tuple[DecisionsOfStats, ...]
    """One entry per kind."""
    returns: tuple[ReturnsOfStats, ...]
    """Retention; one entry per period."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            days=required(json, "days", list_of(DayOfStats.parse)),
            decisions=required(json, "decisions", list_of(DecisionsOfStats.parse)),
            returns=required(json, "returns", list_of(ReturnsOfStats.parse)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "days": self.days,
                "decisions": self.decisions,
                "returns": self.returns,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionPushData:
    """The `data` of the push about a suspension. It is not a notification in the list."""

    type: enums.SuspensionPushDataType
    """What this push is about."""
    url: str
    """The page where the user can appeal, as `appeal_url` of `account_suspended`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            type=required(json, "type", enums.SuspensionPushDataType.parse),
            url=required(json, "url", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "type": self.type,
                "url": self.url,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`version` is null if no terms are configured."""

    url: str | None
    """The text; null if there is none."""
    version: str | None
    """The version that users must accept; null if there are none."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            url=required(json, "url", maybe(as_text)),
            version=required(json, "version", maybe(as_text)),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "url": self.url,
                "version": self.version,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """An access token for calls, and a refresh token that gets the next pair once."""

    access_token: str
    """For `Authorization: Bearer`."""
    expires_in: int
    """Seconds until the access token expires."""
    refresh_expires_in: int
    """Seconds until the refresh token expires."""
    refresh_token: str
    """Gets the next pair, once."""
    token_type: enums.TokenPairTokenType
    """Always `bearer`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            access_token=required(json, "access_token", as_text),
            expires_in=required(json, "expires_in", as_int),
            refresh_expires_in=required(json, "refresh_expires_in", as_int),
            refresh_token=required(json, "refresh_token", as_text),
            token_type=required(json, "token_type", enums.TokenPairTokenType.parse),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "access_token": self.access_token,
                "expires_in": self.expires_in,
                "refresh_expires_in": self.refresh_expires_in,
                "refresh_token": self.refresh_token,
                "token_type": self.token_type,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink:
    """The password, if the account has one; and LINE's access token, to unlink the app there."""

    line_access_token: str | None = None
    """The access token of LINE's SDK, for an account with LINE: it is used once, to unlink the app
    there
    """
    password: str | None = None
    """The password, 8 to 128 characters of any script."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            line_access_token=optional(json, "line_access_token", as_text),
            password=optional(json, "password", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "line_access_token": self.line_access_token,
                "password": self.password,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadCount:
    """UnreadCount, as it travels."""

    count: int
    """The length of the list of unread notifications, but 999 at most."""
    more: bool
    """Whether there are more than `count`. An app shows `999+`."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            count=required(json, "count", as_int),
            more=required(json, "more", as_bool),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "count": self.count,
                "more": self.more,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """A warning. The user sees the reason and, if given, what it is about."""

    reason: str
    """The reason in words; empty if none was given."""
    target_id: str | None = None
    """What it is about."""
    target_type: enums.WarnedAboutChoice | None = None
    """The type of the target."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            reason=required(json, "reason", as_text),
            target_id=optional(json, "target_id", as_text),
            target_type=optional(json, "target_type", enums.WarnedAboutChoice.parse),
        )

    def to_json(self) -> dict[str, object]:
        return without_nulls(
            {
                "reason": self.reason,
                "target_id": self.target_id,
                "target_type": self.target_type,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WithReason:
    """The reason for an action, for the audit log and for the user it concerns."""

    reason: str
    """The reason, for the author and for the audit log."""

    @classmethod
    def parse(cls, value: object) -> Self:
        json = as_object(value)
        return cls(
            reason=required(json, "reason", as_text),
        )

    def to_json(self) -> dict[str, object]:
        return all_of(
            {
                "reason": self.reason,
            }
        )
