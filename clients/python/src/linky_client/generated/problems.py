"""The error codes. Written by `make client`: edit openapi.json, not this file."""

from typing import ClassVar

from linky_client.errors import Problem


class AccountSuspendedProblem(Problem):
    """`account_suspended`."""

    CODE: ClassVar[str] = "account_suspended"


class ActionNotPossibleProblem(Problem):
    """`action_not_possible`."""

    CODE: ClassVar[str] = "action_not_possible"


class AddressUnverifiedProblem(Problem):
    """`address_unverified`."""

    CODE: ClassVar[str] = "address_unverified"


class AdminOnlyProblem(Problem):
    """`admin_only`."""

    CODE: ClassVar[str] = "admin_only"


class AlreadyAppealedProblem(Problem):
    """`already_appealed`."""

    CODE: ClassVar[str] = "already_appealed"


class AlreadyDecidedProblem(Problem):
    """`already_decided`."""

    CODE: ClassVar[str] = "already_decided"


class AlreadyPublishedProblem(Problem):
    """`already_published`."""

    CODE: ClassVar[str] = "already_published"


class AlreadyResolvedProblem(Problem):
    """`already_resolved`."""

    CODE: ClassVar[str] = "already_resolved"


class AnnouncementNotFoundProblem(Problem):
    """`announcement_not_found`."""

    CODE: ClassVar[str] = "announcement_not_found"


class AppCheckFailedProblem(Problem):
    """`app_check_failed`."""

    CODE: ClassVar[str] = "app_check_failed"


class AppealNotFoundProblem(Problem):
    """`appeal_not_found`."""

    CODE: ClassVar[str] = "appeal_not_found"


class BadRequestProblem(Problem):
    """`bad_request`."""

    CODE: ClassVar[str] = "bad_request"


class CannotBlockSelfProblem(Problem):
    """`cannot_block_self`."""

    CODE: ClassVar[str] = "cannot_block_self"


class CannotReportSelfProblem(Problem):
    """`cannot_report_self`."""

    CODE: ClassVar[str] = "cannot_report_self"


class CommentNotFoundProblem(Problem):
    """`comment_not_found`."""

    CODE: ClassVar[str] = "comment_not_found"


class EmailTakenProblem(Problem):
    """`email_taken`."""

    CODE: ClassVar[str] = "email_taken"


class EmailUnverifiedProblem(Problem):
    """`email_unverified`."""

    CODE: ClassVar[str] = "email_unverified"


class GuestNotAllowedProblem(Problem):
    """`guest_not_allowed`."""

    CODE: ClassVar[str] = "guest_not_allowed"


class HeadersTooLargeProblem(Problem):
    """`headers_too_large`."""

    CODE: ClassVar[str] = "headers_too_large"


class IdempotencyInProgressProblem(Problem):
    """`idempotency_in_progress`."""

    CODE: ClassVar[str] = "idempotency_in_progress"


class IdempotencyKeyReusedProblem(Problem):
    """`idempotency_key_reused`."""

    CODE: ClassVar[str] = "idempotency_key_reused"


class IdentityNotFoundProblem(Problem):
    """`identity_not_found`."""

    CODE: ClassVar[str] = "identity_not_found"


class IdentityTakenProblem(Problem):
    """`identity_taken`."""

    CODE: ClassVar[str] = "identity_taken"


class ImageNotAvailableProblem(Problem):
    """`image_not_available`."""

    CODE: ClassVar[str] = "image_not_available"


class InvalidCodeProblem(Problem):
    """`invalid_code`."""

    CODE: ClassVar[str] = "invalid_code"


class InvalidCredentialsProblem(Problem):
    """`invalid_credentials`."""

    CODE: ClassVar[str] = "invalid_credentials"


class InvalidCursorProblem(Problem):
    """`invalid_cursor`."""

    CODE: ClassVar[str] = "invalid_cursor"


class InvalidIdTokenProblem(Problem):
    """`invalid_id_token`."""

    CODE: ClassVar[str] = "invalid_id_token"


class InvalidImageProblem(Problem):
    """`invalid_image`."""

    CODE: ClassVar[str] = "invalid_image"


class InvalidParentProblem(Problem):
    """`invalid_parent`."""

    CODE: ClassVar[str] = "invalid_parent"


class InvalidRefreshTokenProblem(Problem):
    """`invalid_refresh_token`."""

    CODE: ClassVar[str] = "invalid_refresh_token"


class InvalidTokenProblem(Problem):
    """`invalid_token`."""

    CODE: ClassVar[str] = "invalid_token"


class InvalidTopicProblem(Problem):
    """`invalid_topic`."""

    CODE: ClassVar[str] = "invalid_topic"


class LastAdminProblem(Problem):
    """`last_admin`."""

    CODE: ClassVar[str] = "last_admin"


class LastIdentityProblem(Problem):
    """`last_identity`."""

    CODE: ClassVar[str] = "last_identity"


class LoungeClosedProblem(Problem):
    """`lounge_closed`."""

    CODE: ClassVar[str] = "lounge_closed"


class LoungeNameTakenProblem(Problem):
    """`lounge_name_taken`."""

    CODE: ClassVar[str] = "lounge_name_taken"


class LoungeNotFoundProblem(Problem):
    """`lounge_not_found`."""

    CODE: ClassVar[str] = "lounge_not_found"


class LoungeRequestNotFoundProblem(Problem):
    """`lounge_request_not_found`."""

    CODE: ClassVar[str] = "lounge_request_not_found"


class MailBusyProblem(Problem):
    """`mail_busy`."""

    CODE: ClassVar[str] = "mail_busy"


class MfaRequiredProblem(Problem):
    """`mfa_required`."""

    CODE: ClassVar[str] = "mfa_required"


class NewAccountLinkProblem(Problem):
    """`new_account_link`."""

    CODE: ClassVar[str] = "new_account_link"


class NicknameReservedProblem(Problem):
    """`nickname_reserved`."""

    CODE: ClassVar[str] = "nickname_reserved"


class NotAGuestProblem(Problem):
    """`not_a_guest`."""

    CODE: ClassVar[str] = "not_a_guest"


class NotAppealableProblem(Problem):
    """`not_appealable`."""

    CODE: ClassVar[str] = "not_appealable"


class NotAuthenticatedProblem(Problem):
    """`not_authenticated`."""

    CODE: ClassVar[str] = "not_authenticated"


class NotAuthorProblem(Problem):
    """`not_author`."""

    CODE: ClassVar[str] = "not_author"


class NotFoundProblem(Problem):
    """`not_found`."""

    CODE: ClassVar[str] = "not_found"


class NotRegisteredProblem(Problem):
    """`not_registered`."""

    CODE: ClassVar[str] = "not_registered"


class NotificationNotFoundProblem(Problem):
    """`notification_not_found`."""

    CODE: ClassVar[str] = "notification_not_found"


class OverloadedProblem(Problem):
    """`overloaded`."""

    CODE: ClassVar[str] = "overloaded"


class OwnAppealProblem(Problem):
    """`own_appeal`."""

    CODE: ClassVar[str] = "own_appeal"


class OwnContentProblem(Problem):
    """`own_content`."""

    CODE: ClassVar[str] = "own_content"


class PasswordTooWeakProblem(Problem):
    """`password_too_weak`."""

    CODE: ClassVar[str] = "password_too_weak"


class PayloadTooLargeProblem(Problem):
    """`payload_too_large`."""

    CODE: ClassVar[str] = "payload_too_large"


class PictureNotCheckedProblem(Problem):
    """`picture_not_checked`."""

    CODE: ClassVar[str] = "picture_not_checked"


class PictureRefusedProblem(Problem):
    """`picture_refused`."""

    CODE: ClassVar[str] = "picture_refused"


class PostNotFoundProblem(Problem):
    """`post_not_found`."""

    CODE: ClassVar[str] = "post_not_found"


class PreconditionFailedProblem(Problem):
    """`precondition_failed`."""

    CODE: ClassVar[str] = "precondition_failed"


class ProofRequiredProblem(Problem):
    """`proof_required`."""

    CODE: ClassVar[str] = "proof_required"


class ProviderAlreadyLinkedProblem(Problem):
    """`provider_already_linked`."""

    CODE: ClassVar[str] = "provider_already_linked"


class ProviderNotEnabledProblem(Problem):
    """`provider_not_enabled`."""

    CODE: ClassVar[str] = "provider_not_enabled"


class ProviderUnavailableProblem(Problem):
    """`provider_unavailable`."""

    CODE: ClassVar[str] = "provider_unavailable"


class RateLimitedProblem(Problem):
    """`rate_limited`."""

    CODE: ClassVar[str] = "rate_limited"


class RefreshTokenReusedProblem(Problem):
    """`refresh_token_reused`."""

    CODE: ClassVar[str] = "refresh_token_reused"


class ReportNotFoundProblem(Problem):
    """`report_not_found`."""

    CODE: ClassVar[str] = "report_not_found"


class RequestTimeoutProblem(Problem):
    """`request_timeout`."""

    CODE: ClassVar[str] = "request_timeout"


class ServiceUnavailableProblem(Problem):
    """`service_unavailable`."""

    CODE: ClassVar[str] = "service_unavailable"


class SessionNotFoundProblem(Problem):
    """`session_not_found`."""

    CODE: ClassVar[str] = "session_not_found"


class SessionRevokedProblem(Problem):
    """`session_revoked`."""

    CODE: ClassVar[str] = "session_revoked"


class SignUpClosedProblem(Problem):
    """`sign_up_closed`."""

    CODE: ClassVar[str] = "sign_up_closed"


class TargetNotFoundProblem(Problem):
    """`target_not_found`."""

    CODE: ClassVar[str] = "target_not_found"


class TermsRequiredProblem(Problem):
    """`terms_required`."""

    CODE: ClassVar[str] = "terms_required"


class TextNotAllowedProblem(Problem):
    """`text_not_allowed`."""

    CODE: ClassVar[str] = "text_not_allowed"


class TokenExpiredProblem(Problem):
    """`token_expired`."""

    CODE: ClassVar[str] = "token_expired"


class TokenInvalidProblem(Problem):
    """`token_invalid`."""

    CODE: ClassVar[str] = "token_invalid"


class TooLateProblem(Problem):
    """`too_late`."""

    CODE: ClassVar[str] = "too_late"


class TooManyBlocksProblem(Problem):
    """`too_many_blocks`."""

    CODE: ClassVar[str] = "too_many_blocks"


class TooManyPendingProblem(Problem):
    """`too_many_pending`."""

    CODE: ClassVar[str] = "too_many_pending"


class TooManyTopicsProblem(Problem):
    """`too_many_topics`."""

    CODE: ClassVar[str] = "too_many_topics"


class UnsupportedImageProblem(Problem):
    """`unsupported_image`."""

    CODE: ClassVar[str] = "unsupported_image"


class UnsupportedMediaTypeProblem(Problem):
    """`unsupported_media_type`."""

    CODE: ClassVar[str] = "unsupported_media_type"


class UserNotFoundProblem(Problem):
    """`user_not_found`."""

    CODE: ClassVar[str] = "user_not_found"


class ValidationFailedProblem(Problem):
    """`validation_failed`."""

    CODE: ClassVar[str] = "validation_failed"


class WarnedAboutNotFoundProblem(Problem):
    """`warned_about_not_found`."""

    CODE: ClassVar[str] = "warned_about_not_found"


class WrongCodeProblem(Problem):
    """`wrong_code`."""

    CODE: ClassVar[str] = "wrong_code"


class WrongPasswordProblem(Problem):
    """`wrong_password`."""

    CODE: ClassVar[str] = "wrong_password"


PROBLEMS: dict[str, type[Problem]] = {
    "account_suspended": AccountSuspendedProblem,
    "action_not_possible": ActionNotPossibleProblem,
    "address_unverified": AddressUnverifiedProblem,
    "admin_only": AdminOnlyProblem,
    "already_appealed": AlreadyAppealedProblem,
    "already_decided": AlreadyDecidedProblem,
    "already_published": AlreadyPublishedProblem,
    "already_resolved": AlreadyResolvedProblem,
    "announcement_not_found": AnnouncementNotFoundProblem,
    "app_check_failed": AppCheckFailedProblem,
    "appeal_not_found": AppealNotFoundProblem,
    "bad_request": BadRequestProblem,
    "cannot_block_self": CannotBlockSelfProblem,
    "cannot_report_self": CannotReportSelfProblem,
    "comment_not_found": CommentNotFoundProblem,
    "email_taken": EmailTakenProblem,
    "email_unverified": EmailUnverifiedProblem,
    "guest_not_allowed": GuestNotAllowedProblem,
    "headers_too_large": HeadersTooLargeProblem,
    "idempotency_in_progress": IdempotencyInProgressProblem,
    "idempotency_key_reused": IdempotencyKeyReusedProblem,
    "identity_not_found": IdentityNotFoundProblem,
    "identity_taken": IdentityTakenProblem,
    "image_not_available": ImageNotAvailableProblem,
    "invalid_code": InvalidCodeProblem,
    "invalid_credentials": InvalidCredentialsProblem,
    "invalid_cursor": InvalidCursorProblem,
    "invalid_id_token": InvalidIdTokenProblem,
    "invalid_image": InvalidImageProblem,
    "invalid_parent": InvalidParentProblem,
    "invalid_refresh_token": InvalidRefreshTokenProblem,
    "invalid_token": InvalidTokenProblem,
    "invalid_topic": InvalidTopicProblem,
    "last_admin": LastAdminProblem,
    "last_identity": LastIdentityProblem,
    "lounge_closed": LoungeClosedProblem,
    "lounge_name_taken": LoungeNameTakenProblem,
    "lounge_not_found": LoungeNotFoundProblem,
    "lounge_request_not_found": LoungeRequestNotFoundProblem,
    "mail_busy": MailBusyProblem,
    "mfa_required": MfaRequiredProblem,
    "new_account_link": NewAccountLinkProblem,
    "nickname_reserved": NicknameReservedProblem,
    "not_a_guest": NotAGuestProblem,
    "not_appealable": NotAppealableProblem,
    "not_authenticated": NotAuthenticatedProblem,
    "not_author": NotAuthorProblem,
    "not_found": NotFoundProblem,
    "not_registered": NotRegisteredProblem,
    "notification_not_found": NotificationNotFoundProblem,
    "overloaded": OverloadedProblem,
    "own_appeal": OwnAppealProblem,
    "own_content": OwnContentProblem,
    "password_too_weak": PasswordTooWeakProblem,
    "payload_too_large": PayloadTooLargeProblem,
    "picture_not_checked": PictureNotCheckedProblem,
    "picture_refused": PictureRefusedProblem,
    "post_not_found": PostNotFoundProblem,
    "precondition_failed": PreconditionFailedProblem,
    "proof_required": ProofRequiredProblem,
    "provider_already_linked": ProviderAlreadyLinkedProblem,
    "provider_not_enabled": ProviderNotEnabledProblem,
    "provider_unavailable": ProviderUnavailableProblem,
    "rate_limited": RateLimitedProblem,
    "refresh_token_reused": RefreshTokenReusedProblem,
    "report_not_found": ReportNotFoundProblem,
    "request_timeout": RequestTimeoutProblem,
    "service_unavailable": ServiceUnavailableProblem,
    "session_not_found": SessionNotFoundProblem,
    "session_revoked": SessionRevokedProblem,
    "sign_up_closed": SignUpClosedProblem,
    "target_not_found": TargetNotFoundProblem,
    "terms_required": TermsRequiredProblem,
    "text_not_allowed": TextNotAllowedProblem,
    "token_expired": TokenExpiredProblem,
    "token_invalid": TokenInvalidProblem,
    "too_late": TooLateProblem,
    "too_many_blocks": TooManyBlocksProblem,
    "too_many_pending": TooManyPendingProblem,
    "too_many_topics": TooManyTopicsProblem,
    "unsupported_image": UnsupportedImageProblem,
    "unsupported_media_type": UnsupportedMediaTypeProblem,
    "user_not_found": UserNotFoundProblem,
    "validation_failed": ValidationFailedProblem,
    "warned_about_not_found": WarnedAboutNotFoundProblem,
    "wrong_code": WrongCodeProblem,
    "wrong_password": WrongPasswordProblem,
}
