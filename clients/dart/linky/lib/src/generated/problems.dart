// Written by `make client` from openapi.json: edit that, not this file.

import '../errors.dart';
import '../reading.dart';

/// The server refused. Decide by the class, or by [code]; show [title] and [detail].
sealed class Problem extends LinkyError {
  /// Made by [Problem.of].
  const Problem(this.status, this.body, this.retryAfter, this.requestId);

  /// The status of the answer.
  final int status;

  /// The whole body of the answer.
  final Map<String, Object?> body;

  /// How long to wait, if the server says so.
  final Duration? retryAfter;

  /// For bug reports.
  final String requestId;

  /// Stable, for programs.
  String get code => textIn(body, 'code');

  /// To show to the user, in their language.
  String get title => textIn(body, 'title');

  /// To show to the user, in their language.
  String get detail => textIn(body, 'detail');

  /// The fields of the request that are wrong (422).
  List<FieldProblem> get fields => fieldProblemsIn(body);

  @override
  String toString() => 'Problem $status $code: $detail';

  /// The problem in an answer. What is not one of our problems becomes an [UnknownProblem].
  static Problem of(
    int status,
    Map<String, Object?> body,
    Duration? retryAfter,
    String requestId,
  ) {
    switch (textIn(body, 'code')) {
      case 'account_suspended':
        return AccountSuspendedProblem(status, body, retryAfter, requestId);
      case 'action_not_possible':
        return ActionNotPossibleProblem(status, body, retryAfter, requestId);
      case 'address_unverified':
        return AddressUnverifiedProblem(status, body, retryAfter, requestId);
      case 'admin_only':
        return AdminOnlyProblem(status, body, retryAfter, requestId);
      case 'already_appealed':
        return AlreadyAppealedProblem(status, body, retryAfter, requestId);
      case 'already_decided':
        return AlreadyDecidedProblem(status, body, retryAfter, requestId);
      case 'already_published':
        return AlreadyPublishedProblem(status, body, retryAfter, requestId);
      case 'already_resolved':
        return AlreadyResolvedProblem(status, body, retryAfter, requestId);
      case 'announcement_not_found':
        return AnnouncementNotFoundProblem(status, body, retryAfter, requestId);
      case 'app_check_failed':
        return AppCheckFailedProblem(status, body, retryAfter, requestId);
      case 'appeal_not_found':
        return AppealNotFoundProblem(status, body, retryAfter, requestId);
      case 'bad_request':
        return BadRequestProblem(status, body, retryAfter, requestId);
      case 'cannot_block_self':
        return CannotBlockSelfProblem(status, body, retryAfter, requestId);
      case 'cannot_report_self':
        return CannotReportSelfProblem(status, body, retryAfter, requestId);
      case 'comment_not_found':
        return CommentNotFoundProblem(status, body, retryAfter, requestId);
      case 'email_taken':
        return EmailTakenProblem(status, body, retryAfter, requestId);
      case 'email_unverified':
        return EmailUnverifiedProblem(status, body, retryAfter, requestId);
      case 'guest_not_allowed':
        return GuestNotAllowedProblem(status, body, retryAfter, requestId);
      case 'headers_too_large':
        return HeadersTooLargeProblem(status, body, retryAfter, requestId);
      case 'idempotency_in_progress':
        return IdempotencyInProgressProblem(status, body, retryAfter, requestId);
      case 'idempotency_key_reused':
        return IdempotencyKeyReusedProblem(status, body, retryAfter, requestId);
      case 'identity_not_found':
        return IdentityNotFoundProblem(status, body, retryAfter, requestId);
      case 'identity_taken':
        return IdentityTakenProblem(status, body, retryAfter, requestId);
      case 'image_not_available':
        return ImageNotAvailableProblem(status, body, retryAfter, requestId);
      case 'invalid_code':
        return InvalidCodeProblem(status, body, retryAfter, requestId);
      case 'invalid_credentials':
        return InvalidCredentialsProblem(status, body, retryAfter, requestId);
      case 'invalid_cursor':
        return InvalidCursorProblem(status, body, retryAfter, requestId);
      case 'invalid_id_token':
        return InvalidIdTokenProblem(status, body, retryAfter, requestId);
      case 'invalid_image':
        return InvalidImageProblem(status, body, retryAfter, requestId);
      case 'invalid_parent':
        return InvalidParentProblem(status, body, retryAfter, requestId);
      case 'invalid_refresh_token':
        return InvalidRefreshTokenProblem(status, body, retryAfter, requestId);
      case 'invalid_token':
        return InvalidTokenProblem(status, body, retryAfter, requestId);
      case 'invalid_topic':
        return InvalidTopicProblem(status, body, retryAfter, requestId);
      case 'last_admin':
        return LastAdminProblem(status, body, retryAfter, requestId);
      case 'last_identity':
        return LastIdentityProblem(status, body, retryAfter, requestId);
      case 'lounge_closed':
        return LoungeClosedProblem(status, body, retryAfter, requestId);
      case 'lounge_name_taken':
        return LoungeNameTakenProblem(status, body, retryAfter, requestId);
      case 'lounge_not_found':
        return LoungeNotFoundProblem(status, body, retryAfter, requestId);
      case 'lounge_request_not_found':
        return LoungeRequestNotFoundProblem(status, body, retryAfter, requestId);
      case 'mail_busy':
        return MailBusyProblem(status, body, retryAfter, requestId);
      case 'mfa_required':
        return MfaRequiredProblem(status, body, retryAfter, requestId);
      case 'new_account_link':
        return NewAccountLinkProblem(status, body, retryAfter, requestId);
      case 'nickname_reserved':
        return NicknameReservedProblem(status, body, retryAfter, requestId);
      case 'not_a_guest':
        return NotAGuestProblem(status, body, retryAfter, requestId);
      case 'not_appealable':
        return NotAppealableProblem(status, body, retryAfter, requestId);
      case 'not_authenticated':
        return NotAuthenticatedProblem(status, body, retryAfter, requestId);
      case 'not_author':
        return NotAuthorProblem(status, body, retryAfter, requestId);
      case 'not_found':
        return NotFoundProblem(status, body, retryAfter, requestId);
      case 'not_registered':
        return NotRegisteredProblem(status, body, retryAfter, requestId);
      case 'notification_not_found':
        return NotificationNotFoundProblem(status, body, retryAfter, requestId);
      case 'overloaded':
        return OverloadedProblem(status, body, retryAfter, requestId);
      case 'own_appeal':
        return OwnAppealProblem(status, body, retryAfter, requestId);
      case 'own_content':
        return OwnContentProblem(status, body, retryAfter, requestId);
      case 'password_too_weak':
        return PasswordTooWeakProblem(status, body, retryAfter, requestId);
      case 'payload_too_large':
        return PayloadTooLargeProblem(status, body, retryAfter, requestId);
      case 'picture_not_checked':
        return PictureNotCheckedProblem(status, body, retryAfter, requestId);
      case 'picture_refused':
        return PictureRefusedProblem(status, body, retryAfter, requestId);
      case 'post_not_found':
        return PostNotFoundProblem(status, body, retryAfter, requestId);
      case 'precondition_failed':
        return PreconditionFailedProblem(status, body, retryAfter, requestId);
      case 'proof_required':
        return ProofRequiredProblem(status, body, retryAfter, requestId);
      case 'provider_already_linked':
        return ProviderAlreadyLinkedProblem(status, body, retryAfter, requestId);
      case 'provider_not_enabled':
        return ProviderNotEnabledProblem(status, body, retryAfter, requestId);
      case 'provider_unavailable':
        return ProviderUnavailableProblem(status, body, retryAfter, requestId);
      case 'rate_limited':
        return RateLimitedProblem(status, body, retryAfter, requestId);
      case 'refresh_token_reused':
        return RefreshTokenReusedProblem(status, body, retryAfter, requestId);
      case 'report_not_found':
        return ReportNotFoundProblem(status, body, retryAfter, requestId);
      case 'request_timeout':
        return RequestTimeoutProblem(status, body, retryAfter, requestId);
      case 'service_unavailable':
        return ServiceUnavailableProblem(status, body, retryAfter, requestId);
      case 'session_not_found':
        return SessionNotFoundProblem(status, body, retryAfter, requestId);
      case 'session_revoked':
        return SessionRevokedProblem(status, body, retryAfter, requestId);
      case 'sign_up_closed':
        return SignUpClosedProblem(status, body, retryAfter, requestId);
      case 'target_not_found':
        return TargetNotFoundProblem(status, body, retryAfter, requestId);
      case 'terms_required':
        return TermsRequiredProblem(status, body, retryAfter, requestId);
      case 'text_not_allowed':
        return TextNotAllowedProblem(status, body, retryAfter, requestId);
      case 'token_expired':
        return TokenExpiredProblem(status, body, retryAfter, requestId);
      case 'token_invalid':
        return TokenInvalidProblem(status, body, retryAfter, requestId);
      case 'too_late':
        return TooLateProblem(status, body, retryAfter, requestId);
      case 'too_many_blocks':
        return TooManyBlocksProblem(status, body, retryAfter, requestId);
      case 'too_many_pending':
        return TooManyPendingProblem(status, body, retryAfter, requestId);
      case 'too_many_topics':
        return TooManyTopicsProblem(status, body, retryAfter, requestId);
      case 'unsupported_image':
        return UnsupportedImageProblem(status, body, retryAfter, requestId);
      case 'unsupported_media_type':
        return UnsupportedMediaTypeProblem(status, body, retryAfter, requestId);
      case 'user_not_found':
        return UserNotFoundProblem(status, body, retryAfter, requestId);
      case 'validation_failed':
        return ValidationFailedProblem(status, body, retryAfter, requestId);
      case 'warned_about_not_found':
        return WarnedAboutNotFoundProblem(status, body, retryAfter, requestId);
      case 'wrong_code':
        return WrongCodeProblem(status, body, retryAfter, requestId);
      case 'wrong_password':
        return WrongPasswordProblem(status, body, retryAfter, requestId);
      default:
        return UnknownProblem(status, body, retryAfter, requestId);
    }
  }
}

/// `account_suspended`.
final class AccountSuspendedProblem extends Problem {
  /// Made by [Problem.of].
  const AccountSuspendedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `action_not_possible`.
final class ActionNotPossibleProblem extends Problem {
  /// Made by [Problem.of].
  const ActionNotPossibleProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `address_unverified`.
final class AddressUnverifiedProblem extends Problem {
  /// Made by [Problem.of].
  const AddressUnverifiedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `admin_only`.
final class AdminOnlyProblem extends Problem {
  /// Made by [Problem.of].
  const AdminOnlyProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `already_appealed`.
final class AlreadyAppealedProblem extends Problem {
  /// Made by [Problem.of].
  const AlreadyAppealedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `already_decided`.
final class AlreadyDecidedProblem extends Problem {
  /// Made by [Problem.of].
  const AlreadyDecidedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `already_published`.
final class AlreadyPublishedProblem extends Problem {
  /// Made by [Problem.of].
  const AlreadyPublishedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `already_resolved`.
final class AlreadyResolvedProblem extends Problem {
  /// Made by [Problem.of].
  const AlreadyResolvedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `announcement_not_found`.
final class AnnouncementNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const AnnouncementNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `app_check_failed`.
final class AppCheckFailedProblem extends Problem {
  /// Made by [Problem.of].
  const AppCheckFailedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `appeal_not_found`.
final class AppealNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const AppealNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `bad_request`.
final class BadRequestProblem extends Problem {
  /// Made by [Problem.of].
  const BadRequestProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `cannot_block_self`.
final class CannotBlockSelfProblem extends Problem {
  /// Made by [Problem.of].
  const CannotBlockSelfProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `cannot_report_self`.
final class CannotReportSelfProblem extends Problem {
  /// Made by [Problem.of].
  const CannotReportSelfProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `comment_not_found`.
final class CommentNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const CommentNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `email_taken`.
final class EmailTakenProblem extends Problem {
  /// Made by [Problem.of].
  const EmailTakenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `email_unverified`.
final class EmailUnverifiedProblem extends Problem {
  /// Made by [Problem.of].
  const EmailUnverifiedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `guest_not_allowed`.
final class GuestNotAllowedProblem extends Problem {
  /// Made by [Problem.of].
  const GuestNotAllowedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `headers_too_large`.
final class HeadersTooLargeProblem extends Problem {
  /// Made by [Problem.of].
  const HeadersTooLargeProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `idempotency_in_progress`.
final class IdempotencyInProgressProblem extends Problem {
  /// Made by [Problem.of].
  const IdempotencyInProgressProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `idempotency_key_reused`.
final class IdempotencyKeyReusedProblem extends Problem {
  /// Made by [Problem.of].
  const IdempotencyKeyReusedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `identity_not_found`.
final class IdentityNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const IdentityNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `identity_taken`.
final class IdentityTakenProblem extends Problem {
  /// Made by [Problem.of].
  const IdentityTakenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `image_not_available`.
final class ImageNotAvailableProblem extends Problem {
  /// Made by [Problem.of].
  const ImageNotAvailableProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_code`.
final class InvalidCodeProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidCodeProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_credentials`.
final class InvalidCredentialsProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidCredentialsProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_cursor`.
final class InvalidCursorProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidCursorProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_id_token`.
final class InvalidIdTokenProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidIdTokenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_image`.
final class InvalidImageProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidImageProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_parent`.
final class InvalidParentProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidParentProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_refresh_token`.
final class InvalidRefreshTokenProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidRefreshTokenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_token`.
final class InvalidTokenProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidTokenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `invalid_topic`.
final class InvalidTopicProblem extends Problem {
  /// Made by [Problem.of].
  const InvalidTopicProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `last_admin`.
final class LastAdminProblem extends Problem {
  /// Made by [Problem.of].
  const LastAdminProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `last_identity`.
final class LastIdentityProblem extends Problem {
  /// Made by [Problem.of].
  const LastIdentityProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `lounge_closed`.
final class LoungeClosedProblem extends Problem {
  /// Made by [Problem.of].
  const LoungeClosedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `lounge_name_taken`.
final class LoungeNameTakenProblem extends Problem {
  /// Made by [Problem.of].
  const LoungeNameTakenProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `lounge_not_found`.
final class LoungeNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const LoungeNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `lounge_request_not_found`.
final class LoungeRequestNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const LoungeRequestNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `mail_busy`.
final class MailBusyProblem extends Problem {
  /// Made by [Problem.of].
  const MailBusyProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `mfa_required`.
final class MfaRequiredProblem extends Problem {
  /// Made by [Problem.of].
  const MfaRequiredProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `new_account_link`.
final class NewAccountLinkProblem extends Problem {
  /// Made by [Problem.of].
  const NewAccountLinkProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `nickname_reserved`.
final class NicknameReservedProblem extends Problem {
  /// Made by [Problem.of].
  const NicknameReservedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_a_guest`.
final class NotAGuestProblem extends Problem {
  /// Made by [Problem.of].
  const NotAGuestProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_appealable`.
final class NotAppealableProblem extends Problem {
  /// Made by [Problem.of].
  const NotAppealableProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_authenticated`.
final class NotAuthenticatedProblem extends Problem {
  /// Made by [Problem.of].
  const NotAuthenticatedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_author`.
final class NotAuthorProblem extends Problem {
  /// Made by [Problem.of].
  const NotAuthorProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_found`.
final class NotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const NotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `not_registered`.
final class NotRegisteredProblem extends Problem {
  /// Made by [Problem.of].
  const NotRegisteredProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `notification_not_found`.
final class NotificationNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const NotificationNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `overloaded`.
final class OverloadedProblem extends Problem {
  /// Made by [Problem.of].
  const OverloadedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `own_appeal`.
final class OwnAppealProblem extends Problem {
  /// Made by [Problem.of].
  const OwnAppealProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `own_content`.
final class OwnContentProblem extends Problem {
  /// Made by [Problem.of].
  const OwnContentProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `password_too_weak`.
final class PasswordTooWeakProblem extends Problem {
  /// Made by [Problem.of].
  const PasswordTooWeakProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `payload_too_large`.
final class PayloadTooLargeProblem extends Problem {
  /// Made by [Problem.of].
  const PayloadTooLargeProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `picture_not_checked`.
final class PictureNotCheckedProblem extends Problem {
  /// Made by [Problem.of].
  const PictureNotCheckedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `picture_refused`.
final class PictureRefusedProblem extends Problem {
  /// Made by [Problem.of].
  const PictureRefusedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `post_not_found`.
final class PostNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const PostNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `precondition_failed`.
final class PreconditionFailedProblem extends Problem {
  /// Made by [Problem.of].
  const PreconditionFailedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `proof_required`.
final class ProofRequiredProblem extends Problem {
  /// Made by [Problem.of].
  const ProofRequiredProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `provider_already_linked`.
final class ProviderAlreadyLinkedProblem extends Problem {
  /// Made by [Problem.of].
  const ProviderAlreadyLinkedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `provider_not_enabled`.
final class ProviderNotEnabledProblem extends Problem {
  /// Made by [Problem.of].
  const ProviderNotEnabledProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `provider_unavailable`.
final class ProviderUnavailableProblem extends Problem {
  /// Made by [Problem.of].
  const ProviderUnavailableProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `rate_limited`.
final class RateLimitedProblem extends Problem {
  /// Made by [Problem.of].
  const RateLimitedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `refresh_token_reused`.
final class RefreshTokenReusedProblem extends Problem {
  /// Made by [Problem.of].
  const RefreshTokenReusedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `report_not_found`.
final class ReportNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const ReportNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `request_timeout`.
final class RequestTimeoutProblem extends Problem {
  /// Made by [Problem.of].
  const RequestTimeoutProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `service_unavailable`.
final class ServiceUnavailableProblem extends Problem {
  /// Made by [Problem.of].
  const ServiceUnavailableProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `session_not_found`.
final class SessionNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const SessionNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `session_revoked`.
final class SessionRevokedProblem extends Problem {
  /// Made by [Problem.of].
  const SessionRevokedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `sign_up_closed`.
final class SignUpClosedProblem extends Problem {
  /// Made by [Problem.of].
  const SignUpClosedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `target_not_found`.
final class TargetNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const TargetNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `terms_required`.
final class TermsRequiredProblem extends Problem {
  /// Made by [Problem.of].
  const TermsRequiredProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `text_not_allowed`.
final class TextNotAllowedProblem extends Problem {
  /// Made by [Problem.of].
  const TextNotAllowedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `token_expired`.
final class TokenExpiredProblem extends Problem {
  /// Made by [Problem.of].
  const TokenExpiredProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `token_invalid`.
final class TokenInvalidProblem extends Problem {
  /// Made by [Problem.of].
  const TokenInvalidProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `too_late`.
final class TooLateProblem extends Problem {
  /// Made by [Problem.of].
  const TooLateProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `too_many_blocks`.
final class TooManyBlocksProblem extends Problem {
  /// Made by [Problem.of].
  const TooManyBlocksProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `too_many_pending`.
final class TooManyPendingProblem extends Problem {
  /// Made by [Problem.of].
  const TooManyPendingProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `too_many_topics`.
final class TooManyTopicsProblem extends Problem {
  /// Made by [Problem.of].
  const TooManyTopicsProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `unsupported_image`.
final class UnsupportedImageProblem extends Problem {
  /// Made by [Problem.of].
  const UnsupportedImageProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `unsupported_media_type`.
final class UnsupportedMediaTypeProblem extends Problem {
  /// Made by [Problem.of].
  const UnsupportedMediaTypeProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `user_not_found`.
final class UserNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const UserNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `validation_failed`.
final class ValidationFailedProblem extends Problem {
  /// Made by [Problem.of].
  const ValidationFailedProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `warned_about_not_found`.
final class WarnedAboutNotFoundProblem extends Problem {
  /// Made by [Problem.of].
  const WarnedAboutNotFoundProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `wrong_code`.
final class WrongCodeProblem extends Problem {
  /// Made by [Problem.of].
  const WrongCodeProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// `wrong_password`.
final class WrongPasswordProblem extends Problem {
  /// Made by [Problem.of].
  const WrongPasswordProblem(super.status, super.body, super.retryAfter, super.requestId);
}

/// A code that is newer than this package, or an error of a proxy.
final class UnknownProblem extends Problem {
  /// Made by [Problem.of].
  const UnknownProblem(super.status, super.body, super.retryAfter, super.requestId);
}
