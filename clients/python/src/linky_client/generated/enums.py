"""The enums. Written by `make client`: edit openapi.json, not this file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from linky_client.reading import as_text
from linky_client.values import OpenEnum


@dataclass(frozen=True, slots=True)
class CaseStatus(OpenEnum):
    """May get more values: treat those as other."""

    OPEN: ClassVar["CaseStatus"]
    RESOLVED: ClassVar["CaseStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["open", "resolved"])


CaseStatus.OPEN = CaseStatus("open")
CaseStatus.RESOLVED = CaseStatus("resolved")


@dataclass(frozen=True, slots=True)
class CommentModeration(OpenEnum):
    """A held comment waits for a moderator; only its author sees it."""

    VISIBLE: ClassVar["CommentModeration"]
    HELD: ClassVar["CommentModeration"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["held", "visible"])


CommentModeration.VISIBLE = CommentModeration("visible")
CommentModeration.HELD = CommentModeration("held")


class DeviceKind(StrEnum):
    """How a device is addressed: FCM's registration token, or the Firebase installation id."""

    FCM_TOKEN = "fcm_token"
    FID = "fid"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class HeldContentType(OpenEnum):
    """May get more values: treat those as other."""

    POST: ClassVar["HeldContentType"]
    COMMENT: ClassVar["HeldContentType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["comment", "post"])


HeldContentType.POST = HeldContentType("post")
HeldContentType.COMMENT = HeldContentType("comment")


class LoungeSort(StrEnum):
    """`popular`: most favourites first. `new`: newest first. `name`: by code points."""

    POPULAR = "popular"
    NEW = "new"
    NAME = "name"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


class ManagedUserUpdateRole(StrEnum):
    """Values that a request may have."""

    USER = "user"
    ADMIN = "admin"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class NotificationType(OpenEnum):
    """May get more values: treat those as other."""

    COMMENT: ClassVar["NotificationType"]
    REPLY: ClassVar["NotificationType"]
    LOUNGE_REQUEST_APPROVED: ClassVar["NotificationType"]
    LOUNGE_REQUEST_REJECTED: ClassVar["NotificationType"]
    MODERATION: ClassVar["NotificationType"]
    REPORT_RESOLVED: ClassVar["NotificationType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        [
            "comment",
            "lounge_request_approved",
            "lounge_request_rejected",
            "moderation",
            "reply",
            "report_resolved",
        ]
    )


NotificationType.COMMENT = NotificationType("comment")
NotificationType.REPLY = NotificationType("reply")
NotificationType.LOUNGE_REQUEST_APPROVED = NotificationType("lounge_request_approved")
NotificationType.LOUNGE_REQUEST_REJECTED = NotificationType("lounge_request_rejected")
NotificationType.MODERATION = NotificationType("moderation")
NotificationType.REPORT_RESOLVED = NotificationType("report_resolved")


class Platform(StrEnum):
    """Values that a request may have."""

    IOS = "ios"
    ANDROID = "android"
    WEB = "web"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class PostModeration(OpenEnum):
    """A held post waits for a moderator; only its author sees it."""

    VISIBLE: ClassVar["PostModeration"]
    HELD: ClassVar["PostModeration"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["held", "visible"])


PostModeration.VISIBLE = PostModeration("visible")
PostModeration.HELD = PostModeration("held")


class PostSort(StrEnum):
    """`new`: newest first. `relevance`: those with the words in the title first; needs `q`."""

    NEW = "new"
    RELEVANCE = "relevance"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class Provider(OpenEnum):
    """How a user signs in."""

    EMAIL: ClassVar["Provider"]
    GUEST: ClassVar["Provider"]
    LINE: ClassVar["Provider"]
    GOOGLE: ClassVar["Provider"]
    APPLE: ClassVar["Provider"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["apple", "email", "google", "guest", "line"])


Provider.EMAIL = Provider("email")
Provider.GUEST = Provider("guest")
Provider.LINE = Provider("line")
Provider.GOOGLE = Provider("google")
Provider.APPLE = Provider("apple")


@dataclass(frozen=True, slots=True)
class ReportReason(OpenEnum):
    """May get more values: treat those as other."""

    SPAM: ClassVar["ReportReason"]
    ABUSE: ClassVar["ReportReason"]
    SEXUAL: ClassVar["ReportReason"]
    INTIMATE_IMAGE: ClassVar["ReportReason"]
    MINOR_SAFETY: ClassVar["ReportReason"]
    VIOLENCE: ClassVar["ReportReason"]
    ILLEGAL: ClassVar["ReportReason"]
    PRIVACY: ClassVar["ReportReason"]
    IMPERSONATION: ClassVar["ReportReason"]
    OTHER: ClassVar["ReportReason"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        [
            "abuse",
            "illegal",
            "impersonation",
            "intimate_image",
            "minor_safety",
            "other",
            "privacy",
            "sexual",
            "spam",
            "violence",
        ]
    )


ReportReason.SPAM = ReportReason("spam")
ReportReason.ABUSE = ReportReason("abuse")
ReportReason.SEXUAL = ReportReason("sexual")
ReportReason.INTIMATE_IMAGE = ReportReason("intimate_image")
ReportReason.MINOR_SAFETY = ReportReason("minor_safety")
ReportReason.VIOLENCE = ReportReason("violence")
ReportReason.ILLEGAL = ReportReason("illegal")
ReportReason.PRIVACY = ReportReason("privacy")
ReportReason.IMPERSONATION = ReportReason("impersonation")
ReportReason.OTHER = ReportReason("other")


@dataclass(frozen=True, slots=True)
class ReportTarget(OpenEnum):
    """May get more values: treat those as other."""

    POST: ClassVar["ReportTarget"]
    COMMENT: ClassVar["ReportTarget"]
    USER: ClassVar["ReportTarget"]
    LOUNGE: ClassVar["ReportTarget"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["comment", "lounge", "post", "user"])


ReportTarget.POST = ReportTarget("post")
ReportTarget.COMMENT = ReportTarget("comment")
ReportTarget.USER = ReportTarget("user")
ReportTarget.LOUNGE = ReportTarget("lounge")


@dataclass(frozen=True, slots=True)
class RequestStatus(OpenEnum):
    """A request starts as pending. An admin decides it, or its requester withdraws it, once."""

    PENDING: ClassVar["RequestStatus"]
    APPROVED: ClassVar["RequestStatus"]
    REJECTED: ClassVar["RequestStatus"]
    WITHDRAWN: ClassVar["RequestStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["approved", "pending", "rejected", "withdrawn"])


RequestStatus.PENDING = RequestStatus("pending")
RequestStatus.APPROVED = RequestStatus("approved")
RequestStatus.REJECTED = RequestStatus("rejected")
RequestStatus.WITHDRAWN = RequestStatus("withdrawn")


@dataclass(frozen=True, slots=True)
class Resolution(OpenEnum):
    """What a moderator does: nothing, hide the target, or suspend its author."""

    DISMISS: ClassVar["Resolution"]
    HIDE: ClassVar["Resolution"]
    SUSPEND: ClassVar["Resolution"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["dismiss", "hide", "suspend"])


Resolution.DISMISS = Resolution("dismiss")
Resolution.HIDE = Resolution("hide")
Resolution.SUSPEND = Resolution("suspend")


@dataclass(frozen=True, slots=True)
class Role(OpenEnum):
    """May get more values: treat those as other."""

    USER: ClassVar["Role"]
    ADMIN: ClassVar["Role"]
    GUEST: ClassVar["Role"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["admin", "guest", "user"])


Role.USER = Role("user")
Role.ADMIN = Role("admin")
Role.GUEST = Role("guest")


class SocialProvider(StrEnum):
    """A service that says who a user is."""

    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class TargetType(OpenEnum):
    """May get more values: treat those as other."""

    USER: ClassVar["TargetType"]
    LOUNGE: ClassVar["TargetType"]
    LOUNGE_REQUEST: ClassVar["TargetType"]
    POST: ClassVar["TargetType"]
    COMMENT: ClassVar["TargetType"]
    REPORT: ClassVar["TargetType"]
    BANNED_WORDS: ClassVar["TargetType"]
    RECORDS: ClassVar["TargetType"]
    JOB: ClassVar["TargetType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        [
            "banned_words",
            "comment",
            "job",
            "lounge",
            "lounge_request",
            "post",
            "records",
            "report",
            "user",
        ]
    )


TargetType.USER = TargetType("user")
TargetType.LOUNGE = TargetType("lounge")
TargetType.LOUNGE_REQUEST = TargetType("lounge_request")
TargetType.POST = TargetType("post")
TargetType.COMMENT = TargetType("comment")
TargetType.REPORT = TargetType("report")
TargetType.BANNED_WORDS = TargetType("banned_words")
TargetType.RECORDS = TargetType("records")
TargetType.JOB = TargetType("job")


@dataclass(frozen=True, slots=True)
class UserLocale(OpenEnum):
    """May get more values: treat those as other."""

    JA: ClassVar["UserLocale"]
    EN: ClassVar["UserLocale"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["en", "ja"])


UserLocale.JA = UserLocale("ja")
UserLocale.EN = UserLocale("en")


@dataclass(frozen=True, slots=True)
class UserStatus(OpenEnum):
    """May get more values: treat those as other."""

    ACTIVE: ClassVar["UserStatus"]
    SUSPENDED: ClassVar["UserStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["active", "suspended"])


UserStatus.ACTIVE = UserStatus("active")
UserStatus.SUSPENDED = UserStatus("suspended")
