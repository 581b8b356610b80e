"""The enums. Written by `make client`: edit openapi.json, not this file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from linky_client.reading import as_text
from linky_client.values import OpenEnum


@dataclass(frozen=True, slots=True)
class AppealAgainst(OpenEnum):
    """The decision that is appealed: hidden content, a warning or a suspension."""

    MODERATION: ClassVar["AppealAgainst"]
    WARNING: ClassVar["AppealAgainst"]
    SUSPENSION: ClassVar["AppealAgainst"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["moderation", "suspension", "warning"])


AppealAgainst.MODERATION = AppealAgainst("moderation")
AppealAgainst.WARNING = AppealAgainst("warning")
AppealAgainst.SUSPENSION = AppealAgainst("suspension")


class AppealDecision(StrEnum):
    """The decision is upheld or overturned."""

    UPHOLD = "uphold"
    OVERTURN = "overturn"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class AppealStatus(OpenEnum):
    """May get more values: treat those as other."""

    OPEN: ClassVar["AppealStatus"]
    UPHELD: ClassVar["AppealStatus"]
    OVERTURNED: ClassVar["AppealStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["open", "overturned", "upheld"])


AppealStatus.OPEN = AppealStatus("open")
AppealStatus.UPHELD = AppealStatus("upheld")
AppealStatus.OVERTURNED = AppealStatus("overturned")


class AppealStatusChoice(StrEnum):
    """Values that a request may have."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


class AssignableRole(StrEnum):
    """A role that an admin can give. Guests get theirs by signing up."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class CaseStatus(OpenEnum):
    """May get more values: treat those as other."""

    OPEN: ClassVar["CaseStatus"]
    RESOLVED: ClassVar["CaseStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["open", "resolved"])


CaseStatus.OPEN = CaseStatus("open")
CaseStatus.RESOLVED = CaseStatus("resolved")


class CaseStatusChoice(StrEnum):
    """Values that a request may have."""

    OPEN = "open"
    RESOLVED = "resolved"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class ChangeKind(OpenEnum):
    """What a change is about. Kinds may be added: a client ignores those that it does not know."""

    POST: ClassVar["ChangeKind"]
    COMMENT: ClassVar["ChangeKind"]
    LOUNGE: ClassVar["ChangeKind"]
    NOTIFICATION: ClassVar["ChangeKind"]
    BADGE: ClassVar["ChangeKind"]
    AUTHOR: ClassVar["ChangeKind"]
    RELOAD: ClassVar["ChangeKind"]
    MARK: ClassVar["ChangeKind"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        ["author", "badge", "comment", "lounge", "mark", "notification", "post", "reload"]
    )


ChangeKind.POST = ChangeKind("post")
ChangeKind.COMMENT = ChangeKind("comment")
ChangeKind.LOUNGE = ChangeKind("lounge")
ChangeKind.NOTIFICATION = ChangeKind("notification")
ChangeKind.BADGE = ChangeKind("badge")
ChangeKind.AUTHOR = ChangeKind("author")
ChangeKind.RELOAD = ChangeKind("reload")
ChangeKind.MARK = ChangeKind("mark")


@dataclass(frozen=True, slots=True)
class DecisionKind(OpenEnum):
    """What admins decide."""

    LOUNGE_REQUEST: ClassVar["DecisionKind"]
    REPORT: ClassVar["DecisionKind"]
    HELD: ClassVar["DecisionKind"]
    APPEAL: ClassVar["DecisionKind"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["appeal", "held", "lounge_request", "report"])


DecisionKind.LOUNGE_REQUEST = DecisionKind("lounge_request")
DecisionKind.REPORT = DecisionKind("report")
DecisionKind.HELD = DecisionKind("held")
DecisionKind.APPEAL = DecisionKind("appeal")


class DeviceKind(StrEnum):
    """How a device is addressed: FCM's registration token, or the Firebase installation id."""

    FCM_TOKEN = "fcm_token"
    FID = "fid"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


class DevicePlatform(StrEnum):
    """Values that a request may have."""

    IOS = "ios"
    ANDROID = "android"
    WEB = "web"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class Door(OpenEnum):
    """A sign-in method. An account can have several, one of each kind."""

    EMAIL: ClassVar["Door"]
    LINE: ClassVar["Door"]
    GOOGLE: ClassVar["Door"]
    APPLE: ClassVar["Door"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["apple", "email", "google", "line"])


Door.EMAIL = Door("email")
Door.LINE = Door("line")
Door.GOOGLE = Door("google")
Door.APPLE = Door("apple")


class DoorChoice(StrEnum):
    """A sign-in method. An account can have several, one of each kind."""

    EMAIL = "email"
    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class HeldKind(OpenEnum):
    """May get more values: treat those as other."""

    POST: ClassVar["HeldKind"]
    COMMENT: ClassVar["HeldKind"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["comment", "post"])


HeldKind.POST = HeldKind("post")
HeldKind.COMMENT = HeldKind("comment")


class LoungeSort(StrEnum):
    """`popular`: most favorites first. `new`: newest first. `name`: by code points."""

    POPULAR = "popular"
    NEW = "new"
    NAME = "name"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class MayPublish(OpenEnum):
    """Whether an account may publish, or the first reason why it may not."""

    YES: ClassVar["MayPublish"]
    ACCOUNT_SUSPENDED: ClassVar["MayPublish"]
    GUEST: ClassVar["MayPublish"]
    TERMS_REQUIRED: ClassVar["MayPublish"]
    EMAIL_UNVERIFIED: ClassVar["MayPublish"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        ["account_suspended", "email_unverified", "guest", "terms_required", "yes"]
    )


MayPublish.YES = MayPublish("yes")
MayPublish.ACCOUNT_SUSPENDED = MayPublish("account_suspended")
MayPublish.GUEST = MayPublish("guest")
MayPublish.TERMS_REQUIRED = MayPublish("terms_required")
MayPublish.EMAIL_UNVERIFIED = MayPublish("email_unverified")


@dataclass(frozen=True, slots=True)
class MetaAppCheck(OpenEnum):
    """Whether signing up and in requires a token of Firebase App Check: with `enforce` it does,
    with `watch` missing ones are only counted
    """

    OFF: ClassVar["MetaAppCheck"]
    WATCH: ClassVar["MetaAppCheck"]
    ENFORCE: ClassVar["MetaAppCheck"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["enforce", "off", "watch"])


MetaAppCheck.OFF = MetaAppCheck("off")
MetaAppCheck.WATCH = MetaAppCheck("watch")
MetaAppCheck.ENFORCE = MetaAppCheck("enforce")


@dataclass(frozen=True, slots=True)
class MetaPublishNeeds(OpenEnum):
    """What an account needs to publish: a confirmed email address, or a sign-in with LINE, Google
    or Apple
    """

    NOTHING: ClassVar["MetaPublishNeeds"]
    VERIFIED_EMAIL: ClassVar["MetaPublishNeeds"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["nothing", "verified_email"])


MetaPublishNeeds.NOTHING = MetaPublishNeeds("nothing")
MetaPublishNeeds.VERIFIED_EMAIL = MetaPublishNeeds("verified_email")


@dataclass(frozen=True, slots=True)
class Moderation(OpenEnum):
    """`held` waits for a moderator, and only its author sees it. No user sees what is `hidden`."""

    VISIBLE: ClassVar["Moderation"]
    HELD: ClassVar["Moderation"]
    HIDDEN: ClassVar["Moderation"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["held", "hidden", "visible"])


Moderation.VISIBLE = Moderation("visible")
Moderation.HELD = Moderation("held")
Moderation.HIDDEN = Moderation("hidden")


class ModerationChoice(StrEnum):
    """`held` waits for a moderator, and only its author sees it. No user sees what is `hidden`."""

    VISIBLE = "visible"
    HELD = "held"
    HIDDEN = "hidden"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class ModerationState(OpenEnum):
    """A `held` post or comment waits for a moderator; only its author sees it."""

    VISIBLE: ClassVar["ModerationState"]
    HELD: ClassVar["ModerationState"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["held", "visible"])


ModerationState.VISIBLE = ModerationState("visible")
ModerationState.HELD = ModerationState("held")


@dataclass(frozen=True, slots=True)
class NotificationLevel(OpenEnum):
    """`all`: the user is notified of each new post in the lounge. `none`: of no post."""

    NONE: ClassVar["NotificationLevel"]
    ALL: ClassVar["NotificationLevel"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["all", "none"])


NotificationLevel.NONE = NotificationLevel("none")
NotificationLevel.ALL = NotificationLevel("all")


class NotificationLevelChoice(StrEnum):
    """`all`: the user is notified of each new post in the lounge. `none`: of no post."""

    NONE = "none"
    ALL = "all"

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
    LOUNGE_POST: ClassVar["NotificationType"]
    WATCHED: ClassVar["NotificationType"]
    WARNING: ClassVar["NotificationType"]
    APPEAL_DECIDED: ClassVar["NotificationType"]
    ANNOUNCEMENT: ClassVar["NotificationType"]
    SECURITY: ClassVar["NotificationType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        [
            "announcement",
            "appeal_decided",
            "comment",
            "lounge_post",
            "lounge_request_approved",
            "lounge_request_rejected",
            "moderation",
            "reply",
            "report_resolved",
            "security",
            "warning",
            "watched",
        ]
    )


NotificationType.COMMENT = NotificationType("comment")
NotificationType.REPLY = NotificationType("reply")
NotificationType.LOUNGE_REQUEST_APPROVED = NotificationType("lounge_request_approved")
NotificationType.LOUNGE_REQUEST_REJECTED = NotificationType("lounge_request_rejected")
NotificationType.MODERATION = NotificationType("moderation")
NotificationType.REPORT_RESOLVED = NotificationType("report_resolved")
NotificationType.LOUNGE_POST = NotificationType("lounge_post")
NotificationType.WATCHED = NotificationType("watched")
NotificationType.WARNING = NotificationType("warning")
NotificationType.APPEAL_DECIDED = NotificationType("appeal_decided")
NotificationType.ANNOUNCEMENT = NotificationType("announcement")
NotificationType.SECURITY = NotificationType("security")


class PictureSize(StrEnum):
    """The two sizes of an image, as in its private URLs."""

    FULL = "full"
    THUMBNAIL = "thumbnail"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


class PostFeed(StrEnum):
    """`favorites`: posts in the caller's favorite lounges."""

    FAVORITES = "favorites"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


class PostSort(StrEnum):
    """`new`: newest first. `relevance`: those with the words in the title first; needs `q`."""

    NEW = "new"
    RELEVANCE = "relevance"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class ReloadScope(OpenEnum):
    """What a `reload` is about. Scopes may be added: a client that does not know one loads
    everything again.
    """

    ALL: ClassVar["ReloadScope"]
    NOTIFICATIONS: ClassVar["ReloadScope"]
    POST: ClassVar["ReloadScope"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["all", "notifications", "post"])


ReloadScope.ALL = ReloadScope("all")
ReloadScope.NOTIFICATIONS = ReloadScope("notifications")
ReloadScope.POST = ReloadScope("post")


@dataclass(frozen=True, slots=True)
class ReportOutcome(OpenEnum):
    """What came of a report."""

    ACTED: ClassVar["ReportOutcome"]
    NO_VIOLATION: ClassVar["ReportOutcome"]
    REMOVED_BY_AUTHOR: ClassVar["ReportOutcome"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["acted", "no_violation", "removed_by_author"])


ReportOutcome.ACTED = ReportOutcome("acted")
ReportOutcome.NO_VIOLATION = ReportOutcome("no_violation")
ReportOutcome.REMOVED_BY_AUTHOR = ReportOutcome("removed_by_author")


@dataclass(frozen=True, slots=True)
class ReportReason(OpenEnum):
    """A reason of a case: what a reporter can choose, or `system` for what no report opened."""

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
    SYSTEM: ClassVar["ReportReason"]
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
            "system",
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
ReportReason.SYSTEM = ReportReason("system")


class ReportReasonChoice(StrEnum):
    """What a reporter can choose."""

    SPAM = "spam"
    ABUSE = "abuse"
    SEXUAL = "sexual"
    INTIMATE_IMAGE = "intimate_image"
    MINOR_SAFETY = "minor_safety"
    VIOLENCE = "violence"
    ILLEGAL = "illegal"
    PRIVACY = "privacy"
    IMPERSONATION = "impersonation"
    OTHER = "other"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


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


class ReportTargetChoice(StrEnum):
    """Values that a request may have."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class RequestStatus(OpenEnum):
    """A request starts as pending. An admin decides it, or its requester withdraws it."""

    PENDING: ClassVar["RequestStatus"]
    APPROVED: ClassVar["RequestStatus"]
    REJECTED: ClassVar["RequestStatus"]
    WITHDRAWN: ClassVar["RequestStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["approved", "pending", "rejected", "withdrawn"])


RequestStatus.PENDING = RequestStatus("pending")
RequestStatus.APPROVED = RequestStatus("approved")
RequestStatus.REJECTED = RequestStatus("rejected")
RequestStatus.WITHDRAWN = RequestStatus("withdrawn")


class RequestStatusChoice(StrEnum):
    """A request starts as pending. An admin decides it, or its requester withdraws it."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class ResetReason(OpenEnum):
    """Why changes can't be reported one by one: the client loads its lists again."""

    TOO_OLD: ClassVar["ResetReason"]
    OTHER_EPOCH: ClassVar["ResetReason"]
    AHEAD: ClassVar["ResetReason"]
    TOO_MUCH: ClassVar["ResetReason"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["ahead", "other_epoch", "too_much", "too_old"])


ResetReason.TOO_OLD = ResetReason("too_old")
ResetReason.OTHER_EPOCH = ResetReason("other_epoch")
ResetReason.AHEAD = ResetReason("ahead")
ResetReason.TOO_MUCH = ResetReason("too_much")


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


class ResolutionChoice(StrEnum):
    """What a moderator does: nothing, hide the target, or suspend its author."""

    DISMISS = "dismiss"
    HIDE = "hide"
    SUSPEND = "suspend"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class Role(OpenEnum):
    """May get more values: treat those as other."""

    USER: ClassVar["Role"]
    MODERATOR: ClassVar["Role"]
    ADMIN: ClassVar["Role"]
    GUEST: ClassVar["Role"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["admin", "guest", "moderator", "user"])


Role.USER = Role("user")
Role.MODERATOR = Role("moderator")
Role.ADMIN = Role("admin")
Role.GUEST = Role("guest")


class RoleChoice(StrEnum):
    """Values that a request may have."""

    USER = "user"
    MODERATOR = "moderator"
    ADMIN = "admin"
    GUEST = "guest"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class SignInMethod(OpenEnum):
    """How an account or a session began: by a sign-in method, or as a guest."""

    EMAIL: ClassVar["SignInMethod"]
    GUEST: ClassVar["SignInMethod"]
    LINE: ClassVar["SignInMethod"]
    GOOGLE: ClassVar["SignInMethod"]
    APPLE: ClassVar["SignInMethod"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["apple", "email", "google", "guest", "line"])


SignInMethod.EMAIL = SignInMethod("email")
SignInMethod.GUEST = SignInMethod("guest")
SignInMethod.LINE = SignInMethod("line")
SignInMethod.GOOGLE = SignInMethod("google")
SignInMethod.APPLE = SignInMethod("apple")


class SocialProvider(StrEnum):
    """A sign-in provider."""

    LINE = "line"
    GOOGLE = "google"
    APPLE = "apple"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class SuspensionPushDataType(OpenEnum):
    """What this push is about."""

    ACCOUNT_SUSPENDED: ClassVar["SuspensionPushDataType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["account_suspended"])


SuspensionPushDataType.ACCOUNT_SUSPENDED = SuspensionPushDataType("account_suspended")


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
    CANNED_REASONS: ClassVar["TargetType"]
    RECORDS: ClassVar["TargetType"]
    JOB: ClassVar["TargetType"]
    APPEAL: ClassVar["TargetType"]
    ANNOUNCEMENT: ClassVar["TargetType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(
        [
            "announcement",
            "appeal",
            "banned_words",
            "canned_reasons",
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
TargetType.CANNED_REASONS = TargetType("canned_reasons")
TargetType.RECORDS = TargetType("records")
TargetType.JOB = TargetType("job")
TargetType.APPEAL = TargetType("appeal")
TargetType.ANNOUNCEMENT = TargetType("announcement")


@dataclass(frozen=True, slots=True)
class TokenPairTokenType(OpenEnum):
    """Always `bearer`."""

    BEARER: ClassVar["TokenPairTokenType"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["bearer"])


TokenPairTokenType.BEARER = TokenPairTokenType("bearer")


@dataclass(frozen=True, slots=True)
class UserLocale(OpenEnum):
    """May get more values: treat those as other."""

    JA: ClassVar["UserLocale"]
    EN: ClassVar["UserLocale"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["en", "ja"])


UserLocale.JA = UserLocale("ja")
UserLocale.EN = UserLocale("en")


class UserLocaleChoice(StrEnum):
    """Values that a request may have."""

    JA = "ja"
    EN = "en"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class UserStatus(OpenEnum):
    """May get more values: treat those as other."""

    ACTIVE: ClassVar["UserStatus"]
    SUSPENDED: ClassVar["UserStatus"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["active", "suspended"])


UserStatus.ACTIVE = UserStatus("active")
UserStatus.SUSPENDED = UserStatus("suspended")


class UserStatusChoice(StrEnum):
    """Values that a request may have."""

    ACTIVE = "active"
    SUSPENDED = "suspended"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))


@dataclass(frozen=True, slots=True)
class WarnedAbout(OpenEnum):
    """What a warning can be about."""

    POST: ClassVar["WarnedAbout"]
    COMMENT: ClassVar["WarnedAbout"]
    USER: ClassVar["WarnedAbout"]
    LOUNGE: ClassVar["WarnedAbout"]
    KNOWN: ClassVar[frozenset[str]] = frozenset(["comment", "lounge", "post", "user"])


WarnedAbout.POST = WarnedAbout("post")
WarnedAbout.COMMENT = WarnedAbout("comment")
WarnedAbout.USER = WarnedAbout("user")
WarnedAbout.LOUNGE = WarnedAbout("lounge")


class WarnedAboutChoice(StrEnum):
    """What a warning can be about."""

    POST = "post"
    COMMENT = "comment"
    USER = "user"
    LOUNGE = "lounge"

    @classmethod
    def parse(cls, value: object) -> Self:
        return cls(as_text(value))
