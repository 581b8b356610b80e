// Written by `make client` from openapi.json: edit that, not this file.

import '../reading.dart';
import '../transport.dart';
import '../values.dart';
import 'enums.dart';
import 'models.dart';

/// The calls of `admin`.
final class AdminApi {
  /// Calls by a transport.
  const AdminApi(this._transport);

  final Transport _transport;

  /// All announcements, published and scheduled, newest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<Announcement>> listAnnouncements({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_announcements',
      method: 'GET',
      path: '/api/v1/admin/announcements',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Announcement>>(call, pageOf<Announcement>(Announcement.parse));
  }

  /// Publish an announcement to everyone's notifications.
  ///
  /// With `publish_at`, at most ten years ahead, it is published then, within seconds. It gets a
  /// new id at that time; the old one can still be used to delete it.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`, `not_authenticated`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `too_late`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Announcement> makeAnnouncement(AnnouncementCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'make_announcement',
      method: 'POST',
      path: '/api/v1/admin/announcements',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Announcement>(call, Announcement.parse);
  }

  /// Change a scheduled announcement, until it is published.
  ///
  /// Problems: `account_suspended`, `admin_only`, `already_published`, `announcement_not_found`,
  /// `bad_request`, `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `too_late`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Announcement> changeAnnouncement(String announcementId, AnnouncementUpdate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_announcement',
      method: 'PATCH',
      path: '/api/v1/admin/announcements/${segment(announcementId)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Announcement>(call, Announcement.parse);
  }

  /// Withdraw an announcement, published or scheduled.
  ///
  /// Problems: `account_suspended`, `admin_only`, `announcement_not_found`, `bad_request`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> deleteAnnouncement(String announcementId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'delete_announcement',
      method: 'DELETE',
      path: '/api/v1/admin/announcements/${segment(announcementId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// All appeals, oldest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ManagedAppeal>> listAllAppeals({AppealStatusChoice? status, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_all_appeals',
      method: 'GET',
      path: '/api/v1/admin/appeals',
      query: <String, Object?>{'status': status, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ManagedAppeal>>(call, pageOf<ManagedAppeal>(ManagedAppeal.parse));
  }

  /// Decide on an appeal, and notify the user.
  ///
  /// `overturn` reverses the decision: hidden content is unhidden, a warning is withdrawn, a
  /// suspension ends. If two admins decide at the same time, only one succeeds. You can't decide on
  /// your own appeal. Moderators can't decide on a moderator's or an admin's appeal against a
  /// warning or a suspension.
  ///
  /// Problems: `account_suspended`, `admin_only`, `already_decided`, `appeal_not_found`,
  /// `bad_request`, `headers_too_large`, `last_admin`, `mfa_required`, `not_authenticated`,
  /// `not_found`, `not_registered`, `overloaded`, `own_appeal`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `user_not_found`, `validation_failed`.
  Future<ManagedAppeal> decideAppeal(String appealId, AppealDecide body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'decide_appeal',
      method: 'POST',
      path: '/api/v1/admin/appeals/${segment(appealId)}/decide',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<ManagedAppeal>(call, ManagedAppeal.parse);
  }

  /// The audit log, newest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<AuditEntry>> listAuditLog({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_audit_log',
      method: 'GET',
      path: '/api/v1/admin/audit-log',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<AuditEntry>>(call, pageOf<AuditEntry>(AuditEntry.parse));
  }

  /// The banned words and their exceptions.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`.
  Future<BannedWords> listBannedWords({CallOptions? options}) {
    final Call call = Call(
      operation: 'list_banned_words',
      method: 'GET',
      path: '/api/v1/admin/banned-words',
      options: options ?? const CallOptions(),
    );
    return _transport.call<BannedWords>(call, BannedWords.parse);
  }

  /// Replace the banned words.
  ///
  /// Screening ignores width, case, kana type, and symbols between letters. Posts and comments that
  /// contain one are held; nicknames and bios can't contain one. A job opens a case about each user
  /// whose nickname does.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<BannedWords> replaceBannedWords(BannedWordsUpdate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'replace_banned_words',
      method: 'PUT',
      path: '/api/v1/admin/banned-words',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<BannedWords>(call, BannedWords.parse);
  }

  /// All comments that aren't deleted, including hidden and held ones, newest first.
  ///
  /// A search starts with the newest ones: a page may be empty and still have a cursor.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ManagedComment>> findComments({int? limit, String? cursor, String? q, String? authorId, String? loungeId, ModerationChoice? moderation, CallOptions? options}) {
    final Call call = Call(
      operation: 'find_comments',
      method: 'GET',
      path: '/api/v1/admin/comments',
      query: <String, Object?>{'limit': limit, 'cursor': cursor, 'q': q, 'author_id': authorId, 'lounge_id': loungeId, 'moderation': moderation},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ManagedComment>>(call, pageOf<ManagedComment>(ManagedComment.parse));
  }

  /// A comment in any state but deleted, with the last decision about it.
  ///
  /// Problems: `account_suspended`, `admin_only`, `comment_not_found`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `rate_limited`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<ModeratedComment> getManagedComment(String commentId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_managed_comment',
      method: 'GET',
      path: '/api/v1/admin/comments/${segment(commentId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.call<ModeratedComment>(call, ModeratedComment.parse);
  }

  /// Hide a comment, and notify its author of the reason.
  ///
  /// Moderators can't hide an admin's content.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `comment_not_found`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> hideComment(String commentId, WithReason body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'hide_comment',
      method: 'POST',
      path: '/api/v1/admin/comments/${segment(commentId)}/hide',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Unhide a hidden comment, or release one that is held for review.
  ///
  /// While a suspension hides all content of its author, it stays hidden. It becomes visible, and
  /// notifications go out, when the suspension ends.
  ///
  /// You can't restore your own content, unless there is no other active admin. Moderators can't
  /// restore an admin's content.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `comment_not_found`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `own_content`, `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> restoreComment(String commentId, WithReason body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'restore_comment',
      method: 'POST',
      path: '/api/v1/admin/comments/${segment(commentId)}/restore',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Posts and comments held for review, oldest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<HeldContent>> listHeldContent({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_held_content',
      method: 'GET',
      path: '/api/v1/admin/held-content',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<HeldContent>>(call, pageOf<HeldContent>(HeldContent.parse));
  }

  /// All lounge requests, newest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<LoungeRequest>> listAllLoungeRequests({RequestStatusChoice? status, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_all_lounge_requests',
      method: 'GET',
      path: '/api/v1/admin/lounge-requests',
      query: <String, Object?>{'status': status, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<LoungeRequest>>(call, pageOf<LoungeRequest>(LoungeRequest.parse));
  }

  /// Approve a request: create the lounge and notify the requester.
  ///
  /// If two admins decide at the same time, only one succeeds. You can't decide on your own
  /// request, unless there is no other active admin. Moderators can't decide on an admin's request.
  ///
  /// Problems: `account_suspended`, `admin_only`, `already_decided`, `bad_request`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `lounge_name_taken`,
  /// `lounge_request_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `own_content`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<LoungeRequest> approveLoungeRequest(String requestId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'approve_lounge_request',
      method: 'POST',
      path: '/api/v1/admin/lounge-requests/${segment(requestId)}/approve',
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<LoungeRequest>(call, LoungeRequest.parse);
  }

  /// Reject a request, and notify the requester of the reason.
  ///
  /// The rules of `approve` for your own and an admin's requests apply.
  ///
  /// Problems: `account_suspended`, `admin_only`, `already_decided`, `bad_request`,
  /// `headers_too_large`, `lounge_request_not_found`, `mfa_required`, `not_authenticated`,
  /// `not_found`, `overloaded`, `own_content`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<LoungeRequest> rejectLoungeRequest(String requestId, WithReason body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'reject_lounge_request',
      method: 'POST',
      path: '/api/v1/admin/lounge-requests/${segment(requestId)}/reject',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<LoungeRequest>(call, LoungeRequest.parse);
  }

  /// All lounges, including closed ones, newest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ManagedLounge>> listAllLounges({String? q, bool? closed, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_all_lounges',
      method: 'GET',
      path: '/api/v1/admin/lounges',
      query: <String, Object?>{'q': q, 'closed': closed, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ManagedLounge>>(call, pageOf<ManagedLounge>(ManagedLounge.parse));
  }

  /// Create a lounge.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `lounge_name_taken`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Lounge> openLounge(LoungeCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'open_lounge',
      method: 'POST',
      path: '/api/v1/admin/lounges',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// Change a lounge's name or description.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `lounge_name_taken`, `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Lounge> changeLounge(String loungeId, LoungeUpdate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_lounge',
      method: 'PATCH',
      path: '/api/v1/admin/lounges/${segment(loungeId)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// Close a lounge. Its posts stay readable; no posts or comments can be added.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> closeLounge(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'close_lounge',
      method: 'DELETE',
      path: '/api/v1/admin/lounges/${segment(loungeId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Set a lounge's cover image. The previous one is deleted.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `invalid_image`, `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `picture_refused`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_image`, `unsupported_media_type`, `validation_failed`.
  Future<Lounge> changeLoungeCover(String loungeId, Upload file, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_lounge_cover',
      method: 'PUT',
      path: '/api/v1/admin/lounges/${segment(loungeId)}/cover',
      upload: file,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// Remove a lounge's cover image, if it has one.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Lounge> removeLoungeCover(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'remove_lounge_cover',
      method: 'DELETE',
      path: '/api/v1/admin/lounges/${segment(loungeId)}/cover',
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// Reopen a closed lounge: posts and comments can be added again.
  ///
  /// An open lounge stays as it is.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Lounge> reopenLounge(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'reopen_lounge',
      method: 'POST',
      path: '/api/v1/admin/lounges/${segment(loungeId)}/reopen',
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// An image by its public URL, even while its post is hidden.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<List<int>> getPicture({required String url, CallOptions? options}) {
    final Call call = Call(
      operation: 'get_picture',
      method: 'GET',
      path: '/api/v1/admin/pictures',
      query: <String, Object?>{'url': url},
      options: options ?? const CallOptions(),
    );
    return _transport.fetch(call);
  }

  /// All posts that aren't deleted, including hidden and held ones, newest first.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ManagedPost>> findPosts({int? limit, String? cursor, String? q, String? authorId, String? loungeId, ModerationChoice? moderation, CallOptions? options}) {
    final Call call = Call(
      operation: 'find_posts',
      method: 'GET',
      path: '/api/v1/admin/posts',
      query: <String, Object?>{'limit': limit, 'cursor': cursor, 'q': q, 'author_id': authorId, 'lounge_id': loungeId, 'moderation': moderation},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ManagedPost>>(call, pageOf<ManagedPost>(ManagedPost.parse));
  }

  /// A post in any state but deleted, with the last decision about it.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `post_not_found`, `rate_limited`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<ModeratedPost> getManagedPost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_managed_post',
      method: 'GET',
      path: '/api/v1/admin/posts/${segment(postId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.call<ModeratedPost>(call, ModeratedPost.parse);
  }

  /// Hide a post, and notify its author of the reason.
  ///
  /// Moderators can't hide an admin's content.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `post_not_found`, `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> hidePost(String postId, WithReason body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'hide_post',
      method: 'POST',
      path: '/api/v1/admin/posts/${segment(postId)}/hide',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Unhide a hidden post, or release one that is held for review.
  ///
  /// While a suspension hides all content of its author, it stays hidden. It becomes visible, and
  /// notifications go out, when the suspension ends.
  ///
  /// You can't restore your own content, unless there is no other active admin. Moderators can't
  /// restore an admin's content.
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `own_content`,
  /// `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> restorePost(String postId, WithReason body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'restore_post',
      method: 'POST',
      path: '/api/v1/admin/posts/${segment(postId)}/restore',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// The review queue: one case per target, most severe first, then oldest first.
  ///
  /// For a case about the caller, `details` is empty. A case whose severity changes while you page
  /// may appear twice or not at all: drop duplicates by id.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ReportCase>> listReports({CaseStatusChoice? status, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_reports',
      method: 'GET',
      path: '/api/v1/admin/reports',
      query: <String, Object?>{'status': status, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ReportCase>>(call, pageOf<ReportCase>(ReportCase.parse));
  }

  /// The reports of a case, oldest first, each with what its reporter saw.
  ///
  /// For a case about the caller, `detail` is empty.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `rate_limited`,
  /// `report_not_found`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<ReportOfCase>> listReportsOfCase(String reportId, {int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_reports_of_case',
      method: 'GET',
      path: '/api/v1/admin/reports/${segment(reportId)}/reports',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ReportOfCase>>(call, pageOf<ReportOfCase>(ReportOfCase.parse));
  }

  /// Close all open reports on a target, and notify the reporters.
  ///
  /// `suspend` takes `until`, `permanent` and `hide_content` as `PATCH /admin/users/{user_id}`
  /// does.
  ///
  /// Moderators can't suspend moderators or admins, or resolve a case about an admin or an admin's
  /// content. You can't resolve a case about yourself or your own content, or one that you
  /// reported, unless there is no other active admin.
  ///
  /// Problems: `account_suspended`, `action_not_possible`, `admin_only`, `already_resolved`,
  /// `bad_request`, `comment_not_found`, `headers_too_large`, `last_admin`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `not_registered`, `overloaded`, `own_content`,
  /// `payload_too_large`, `post_not_found`, `rate_limited`, `report_not_found`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`, `too_late`,
  /// `unsupported_media_type`, `user_not_found`, `validation_failed`.
  Future<ReportCase> resolveReport(String reportId, Resolve body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'resolve_report',
      method: 'POST',
      path: '/api/v1/admin/reports/${segment(reportId)}/resolve',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<ReportCase>(call, ReportCase.parse);
  }

  /// Statistics of the last 30 days: activity, retention, and time to decision.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`.
  Future<Stats> getStats({CallOptions? options}) {
    final Call call = Call(
      operation: 'get_stats',
      method: 'GET',
      path: '/api/v1/admin/stats',
      options: options ?? const CallOptions(),
    );
    return _transport.call<Stats>(call, Stats.parse);
  }

  /// All users, newest first.
  ///
  /// `q` matches parts of nicknames and email addresses, or an id. For moderators it doesn't search
  /// addresses, and addresses are masked.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<ManagedUser>> listUsers({String? q, RoleChoice? role, UserStatusChoice? status, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_users',
      method: 'GET',
      path: '/api/v1/admin/users',
      query: <String, Object?>{'q': q, 'role': role, 'status': status, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<ManagedUser>>(call, pageOf<ManagedUser>(ManagedUser.parse));
  }

  /// A user, as admins see them.
  ///
  /// Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `user_not_found`.
  Future<ManagedUser> getManagedUser(String userId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_managed_user',
      method: 'GET',
      path: '/api/v1/admin/users/${segment(userId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.call<ManagedUser>(call, ManagedUser.parse);
  }

  /// Suspend or restore a user, or change their role.
  ///
  /// Changes take effect immediately, for issued tokens too. A suspension with `until`, at most ten
  /// years ahead, ends automatically. `suspended` again without `until` keeps the end of a running
  /// suspension; `permanent: true` removes it. With `hide_content` a job hides all posts and
  /// comments of the user. Exactly these are unhidden when the suspension ends.
  ///
  /// Moderators can't assign roles, or change moderators and admins. To become a moderator or an
  /// admin, a user needs a confirmed email address, or signs in with LINE, Google or Apple.
  ///
  /// Problems: `account_suspended`, `address_unverified`, `admin_only`, `bad_request`,
  /// `headers_too_large`, `last_admin`, `mfa_required`, `not_authenticated`, `not_found`,
  /// `not_registered`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`, `too_late`,
  /// `unsupported_media_type`, `user_not_found`, `validation_failed`.
  Future<ManagedUser> changeUser(String userId, ManagedUserUpdate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_user',
      method: 'PATCH',
      path: '/api/v1/admin/users/${segment(userId)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<ManagedUser>(call, ManagedUser.parse);
  }

  /// Warn a user. They will see the reason, and can appeal.
  ///
  /// A post or comment that the warning names must be the user's. Moderators can't warn moderators
  /// or admins. The same warning by the same admin within a minute returns the first one (200).
  ///
  /// Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`, `not_authenticated`,
  /// `not_found`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `user_not_found`, `validation_failed`, `warned_about_not_found`.
  Future<GivenWarning> warnUser(String userId, Warn body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'warn_user',
      method: 'POST',
      path: '/api/v1/admin/users/${segment(userId)}/warn',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<GivenWarning>(call, GivenWarning.parse);
  }

}

/// The calls of `appeals`.
final class AppealsApi {
  /// Calls by a transport.
  const AppealsApi(this._transport);

  final Transport _transport;

  /// List the caller's own appeals, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Appeal>> listAppeals({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_appeals',
      method: 'GET',
      path: '/api/v1/appeals',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Appeal>>(call, pageOf<Appeal>(Appeal.parse));
  }

  /// Appeal a decision that a notification is about. Each decision can be appealed once.
  ///
  /// A suspended user appeals on the page at `appeal_url` of `account_suspended`.
  ///
  /// Problems: `account_suspended`, `already_appealed`, `bad_request`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`, `not_appealable`,
  /// `not_authenticated`, `notification_not_found`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<Appeal> createAppeal(AppealCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'create_appeal',
      method: 'POST',
      path: '/api/v1/appeals',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Appeal>(call, Appeal.parse);
  }

}

/// The calls of `auth`.
final class AuthApi {
  /// Calls by a transport.
  const AuthApi(this._transport);

  final Transport _transport;

  /// Change the address with an emailed token. Other sessions end.
  ///
  /// The token works once, for 30 minutes, while the session that requested it lives. A suspended
  /// user can't change the address. That answer has neither the reason nor `appeal_url`, because
  /// the address that the token was sent to may be a stranger's.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_taken`, `headers_too_large`,
  /// `invalid_token`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `unsupported_media_type`, `validation_failed`.
  Future<void> changeEmail(EmailChangeConfirmation body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_email',
      method: 'POST',
      path: '/api/v1/auth/email/change',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Email the link again if the address isn't confirmed yet.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> resendVerification({CallOptions? options}) {
    final Call call = Call(
      operation: 'resend_verification',
      method: 'POST',
      path: '/api/v1/auth/email/resend',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Confirm the address with an emailed token. This alone signs nobody out.
  ///
  /// With `mine: false` the reader says that the account isn't theirs: all other sign-in methods
  /// and all sessions are ended, and the password stops working. `POST /auth/password/forgot` then
  /// emails a link to set a new one. An account that began with another sign-in method and had the
  /// address added only loses the address.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `invalid_token`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> verifyEmail(EmailVerification body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'verify_email',
      method: 'POST',
      path: '/api/v1/auth/email/verify',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Use the app without an account. A guest can sign up later and keeps their favorites.
  ///
  /// Problems: `app_check_failed`, `bad_request`, `headers_too_large`, `overloaded`,
  /// `payload_too_large`, `provider_unavailable`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> enterAsGuest({CallOptions? options}) {
    final Call call = Call(
      operation: 'enter_as_guest',
      method: 'POST',
      path: '/api/v1/auth/guest',
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// Turn a guest into a member with the same id. Favorites stay; the old tokens stop working.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_taken`, `headers_too_large`, `mail_busy`,
  /// `mfa_required`, `nickname_reserved`, `not_a_guest`, `not_authenticated`, `overloaded`,
  /// `password_too_weak`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `sign_up_closed`, `text_not_allowed`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> upgradeGuest(Register body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'upgrade_guest',
      method: 'POST',
      path: '/api/v1/auth/guest/upgrade',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// Turn a guest into a member with the same id, by an ID token of LINE, Google or Apple.
  ///
  /// Everything the guest has stays; the old tokens stop working. An identity that already has an
  /// account is refused: sign in with it instead.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `identity_taken`,
  /// `invalid_id_token`, `mfa_required`, `not_a_guest`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `provider_not_enabled`, `provider_unavailable`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `sign_up_closed`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> upgradeGuestWithProvider(SocialProvider provider, NativeSignIn body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'upgrade_guest_with_provider',
      method: 'POST',
      path: '/api/v1/auth/guest/upgrade/${segment(provider)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// Sign in by email.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `invalid_credentials`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> login(Login body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'login',
      method: 'POST',
      path: '/api/v1/auth/login',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// End this session and delete its device. An unknown token is accepted, too.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> logout(RefreshRequest body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'logout',
      method: 'POST',
      path: '/api/v1/auth/logout',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Pass two-factor authentication for this session, for the next twelve hours.
  ///
  /// Until then, a user who has set it up may read, sign out and end sessions; everything else is
  /// refused. A code of the authenticator app works once, and so does each recovery code. In a
  /// session that has passed, a repeated call is accepted and changes nothing. The session stays
  /// verified when its tokens are refreshed. After five wrong codes in a row, the next attempt has
  /// to wait. Admins set up two-factor authentication in the console.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`, `wrong_code`.
  Future<void> passMfa(MfaCode body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'pass_mfa',
      method: 'POST',
      path: '/api/v1/auth/mfa',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Create a nonce for the ID token of a provider's SDK. It works once, for ten minutes.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<NonceCreated> createNonce({CallOptions? options}) {
    final Call call = Call(
      operation: 'create_nonce',
      method: 'POST',
      path: '/api/v1/auth/nonce',
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<NonceCreated>(call, NonceCreated.parse);
  }

  /// Receive Apple's server-to-server notifications about users who signed in with Apple.
  ///
  /// Apple's signature is checked as in an ID token, and each notification works once. A user who
  /// has withdrawn their consent loses this sign-in method and the sessions that began with it. If
  /// it is the only sign-in method, it stays for when they come back. If their Apple account was
  /// deleted, their account here is deleted, too. Nothing is emailed to an address that Apple has
  /// stopped forwarding to. Unknown notifications are accepted and change nothing.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `invalid_id_token`, `overloaded`,
  /// `payload_too_large`, `provider_not_enabled`, `provider_unavailable`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `unsupported_media_type`, `validation_failed`.
  Future<Heard> hearApple(ProviderNotification body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'hear_apple',
      method: 'POST',
      path: '/api/v1/auth/oauth/apple/notifications',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Heard>(call, Heard.parse);
  }

  /// Exchange the one-time code of a sign-in in the browser for tokens.
  ///
  /// The code works once, for 60 seconds, with the verifier of the app's challenge.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `invalid_code`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `sign_up_closed`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> exchangeOauthCode(Exchange body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'exchange_oauth_code',
      method: 'POST',
      path: '/api/v1/auth/oauth/exchange',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// Sign in with the ID token of LINE's, Google's or Apple's native SDK.
  ///
  /// `nonce` comes from `POST /auth/nonce` and must be in the token.
  ///
  /// Problems: `account_suspended`, `app_check_failed`, `bad_request`, `headers_too_large`,
  /// `invalid_id_token`, `not_found`, `overloaded`, `payload_too_large`, `provider_not_enabled`,
  /// `provider_unavailable`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `sign_up_closed`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> signInWithProvider(SocialProvider provider, NativeSignIn body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'sign_in_with_provider',
      method: 'POST',
      path: '/api/v1/auth/oauth/${segment(provider)}',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// Change the password. The caller's other sessions and emailed reset links end.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `password_too_weak`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`, `wrong_password`.
  Future<void> changePassword(PasswordChange body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_password',
      method: 'POST',
      path: '/api/v1/auth/password/change',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Email a link to set a new password. The answer is the same for any address.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> forgetPassword(PasswordForgotten body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'forget_password',
      method: 'POST',
      path: '/api/v1/auth/password/forgot',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Set a new password with an emailed token. It works once, for 30 minutes. All sessions end.
  ///
  /// All other sign-in methods that were added before the address was confirmed are removed.
  ///
  /// Problems: `bad_request`, `headers_too_large`, `invalid_token`, `overloaded`,
  /// `password_too_weak`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `unsupported_media_type`, `validation_failed`.
  Future<void> resetPassword(PasswordReset body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'reset_password',
      method: 'POST',
      path: '/api/v1/auth/password/reset',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Verify again who is using this session. It counts for the next ten minutes.
  ///
  /// Send the password, an ID token of a sign-in method that the account has, or the one-time code
  /// of such a sign-in in the browser. A Google token needs the nonce of `POST /auth/nonce`, or
  /// must have been issued within the last ten minutes. Linking, unlinking, changing the address
  /// and deleting the account need this if the sign-in is older and the call itself takes no
  /// password of the account. A refresh doesn't count. Wrong passwords count as at a sign-in.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `invalid_code`, `invalid_id_token`, `mfa_required`, `not_authenticated`, `overloaded`,
  /// `payload_too_large`, `provider_not_enabled`, `provider_unavailable`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`, `wrong_password`.
  Future<void> proveSession(Proof body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'prove_session',
      method: 'POST',
      path: '/api/v1/auth/proof',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Get the next pair. A refresh token works once, and again for 30 seconds after that.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `invalid_refresh_token`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `refresh_token_reused`, `request_timeout`,
  /// `service_unavailable`, `unsupported_media_type`, `validation_failed`.
  Future<TokenPair> refreshTokens(RefreshRequest body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'refresh_tokens',
      method: 'POST',
      path: '/api/v1/auth/refresh',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<TokenPair>(call, TokenPair.parse);
  }

  /// Sign up by email. The password has 8 to 128 characters and isn't easy to guess.
  ///
  /// Problems: `app_check_failed`, `bad_request`, `email_taken`, `headers_too_large`, `mail_busy`,
  /// `nickname_reserved`, `overloaded`, `password_too_weak`, `payload_too_large`,
  /// `provider_unavailable`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `sign_up_closed`, `text_not_allowed`, `unsupported_media_type`, `validation_failed`.
  Future<SignedIn> register(Register body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'register',
      method: 'POST',
      path: '/api/v1/auth/register',
      body: body,
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<SignedIn>(call, SignedIn.parse);
  }

  /// List the caller's sessions, newest first.
  ///
  /// Problems: `headers_too_large`, `invalid_cursor`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `validation_failed`.
  Future<ResultPage<Session>> listSessions({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_sessions',
      method: 'GET',
      path: '/api/v1/auth/sessions',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Session>>(call, pageOf<Session>(Session.parse));
  }

  /// Sign out of all other devices.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> endOtherSessions({CallOptions? options}) {
    final Call call = Call(
      operation: 'end_other_sessions',
      method: 'DELETE',
      path: '/api/v1/auth/sessions',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Sign out one device.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
  /// `not_found`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_not_found`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> endSession(String sessionId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'end_session',
      method: 'DELETE',
      path: '/api/v1/auth/sessions/${segment(sessionId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// The calls of `live`.
final class LiveApi {
  /// Calls by a transport.
  const LiveApi(this._transport);

  final Transport _transport;

  /// List what changed since a cursor, in some posts and lounges and for the caller.
  ///
  /// Without `since` the answer is only the current cursor. What concerns the caller
  /// (notifications, the badge, blocks) is always included. Each thing comes once, as the caller
  /// sees it now: `put`, or `gone`. A topic that the caller can't see is followed all the same, and
  /// reports nothing. While `more` is true, call again with the new cursor. After a `reset`, load
  /// the lists of its topics again (of all, if it names none), and continue from the cursor. The
  /// log reaches back 24 hours.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `invalid_topic`,
  /// `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `too_many_topics`, `validation_failed`.
  Future<Changes> listChanges({String? since, String? topics, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_changes',
      method: 'GET',
      path: '/api/v1/changes',
      query: <String, Object?>{'since': since, 'topics': topics},
      options: options ?? const CallOptions(),
    );
    return _transport.call<Changes>(call, Changes.parse);
  }

}

/// The calls of `comments`.
final class CommentsApi {
  /// Calls by a transport.
  const CommentsApi(this._transport);

  final Transport _transport;

  /// Get a comment or reply, as its list shows it.
  ///
  /// A reply to a comment that the caller can't see is not found, unless it is the caller's own.
  ///
  /// Problems: `account_suspended`, `comment_not_found`, `headers_too_large`, `not_authenticated`,
  /// `not_found`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `validation_failed`.
  Future<CommentInContext> getComment(String commentId, {bool? context, CallOptions? options}) {
    final Call call = Call(
      operation: 'get_comment',
      method: 'GET',
      path: '/api/v1/comments/${segment(commentId)}',
      query: <String, Object?>{'context': context},
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<CommentInContext>(call, CommentInContext.parse);
  }

  /// Edit the caller's own comment.
  ///
  /// Problems: `account_suspended`, `bad_request`, `comment_not_found`, `email_unverified`,
  /// `guest_not_allowed`, `headers_too_large`, `mfa_required`, `new_account_link`,
  /// `not_authenticated`, `not_author`, `not_found`, `overloaded`, `payload_too_large`,
  /// `post_not_found`, `precondition_failed`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Comment> updateComment(String commentId, CommentUpdate body, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'update_comment',
      method: 'PATCH',
      path: '/api/v1/comments/${segment(commentId)}',
      headers: <String, String?>{'If-Match': ifMatch},
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Comment>(call, Comment.parse);
  }

  /// Delete the caller's own comment. If it has replies, an empty placeholder remains.
  ///
  /// Authors can also delete what they wrote below a post that is deleted, hidden or held, though
  /// the comment can't be read there.
  ///
  /// Problems: `account_suspended`, `bad_request`, `comment_not_found`, `guest_not_allowed`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `not_author`, `not_found`,
  /// `overloaded`, `payload_too_large`, `precondition_failed`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> deleteComment(String commentId, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'delete_comment',
      method: 'DELETE',
      path: '/api/v1/comments/${segment(commentId)}',
      headers: <String, String?>{'If-Match': ifMatch},
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// List a post's top-level comments, or the replies to one of them, oldest first.
  ///
  /// Problems: `account_suspended`, `comment_not_found`, `headers_too_large`, `invalid_cursor`,
  /// `not_authenticated`, `not_found`, `overloaded`, `post_not_found`, `rate_limited`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `validation_failed`.
  Future<ResultPage<Comment>> listComments(String postId, {String? parentId, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_comments',
      method: 'GET',
      path: '/api/v1/posts/${segment(postId)}/comments',
      query: <String, Object?>{'parent_id': parentId, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Comment>>(call, pageOf<Comment>(Comment.parse));
  }

  /// Comment on a post, or reply to a comment.
  ///
  /// Notifies the post's author; of a reply, also the author of the parent comment; of a top-level
  /// comment, also those who watch the post. A held comment notifies only once it is released.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `invalid_parent`,
  /// `lounge_closed`, `mfa_required`, `new_account_link`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Comment> createComment(String postId, CommentCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'create_comment',
      method: 'POST',
      path: '/api/v1/posts/${segment(postId)}/comments',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Comment>(call, Comment.parse);
  }

  /// List the caller's own comments, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Comment>> listMyComments({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_my_comments',
      method: 'GET',
      path: '/api/v1/users/me/comments',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Comment>>(call, pageOf<Comment>(Comment.parse));
  }

}

/// The calls of `images`.
final class ImagesApi {
  /// Calls by a transport.
  const ImagesApi(this._transport);

  final Transport _transport;

  /// Upload an image for a post. An image that no post uses within 24 hours is deleted.
  ///
  /// The server encodes it again: upright, in sRGB, without any metadata, in two sizes. The
  /// operator may have images checked. An image can then be refused, or a post with it held for
  /// review. Until an admin releases it, the URLs of that image are those of `GET
  /// /images/{image_id}/{size}`.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `invalid_image`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `picture_refused`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
  /// `token_expired`, `token_invalid`, `unsupported_image`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<PostImage> uploadImage(Upload file, {CallOptions? options}) {
    final Call call = Call(
      operation: 'upload_image',
      method: 'POST',
      path: '/api/v1/images',
      upload: file,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<PostImage>(call, PostImage.parse);
  }

  /// Get an image that is held for review. Only its owner and admins find it.
  ///
  /// Send the bearer token. Once its post is released, answers have the image's public URL.
  ///
  /// Problems: `headers_too_large`, `not_found`, `overloaded`, `rate_limited`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<List<int>> getImage(String imageId, PictureSize size, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_image',
      method: 'GET',
      path: '/api/v1/images/${segment(imageId)}/${segment(size)}',
      options: options ?? const CallOptions(),
    );
    return _transport.fetch(call);
  }

}

/// The calls of `lounge_requests`.
final class LoungeRequestsApi {
  /// Calls by a transport.
  const LoungeRequestsApi(this._transport);

  final Transport _transport;

  /// List the caller's own requests, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<LoungeRequest>> listLoungeRequests({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_lounge_requests',
      method: 'GET',
      path: '/api/v1/lounge-requests',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<LoungeRequest>>(call, pageOf<LoungeRequest>(LoungeRequest.parse));
  }

  /// Request a new lounge. The answer lists existing lounges with similar names.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `lounge_name_taken`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
  /// `token_expired`, `token_invalid`, `too_many_pending`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<LoungeRequestCreated> createLoungeRequest(LoungeRequestCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'create_lounge_request',
      method: 'POST',
      path: '/api/v1/lounge-requests',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<LoungeRequestCreated>(call, LoungeRequestCreated.parse);
  }

  /// Get one of the caller's own requests.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `lounge_request_not_found`,
  /// `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`.
  Future<LoungeRequest> getLoungeRequest(String requestId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_lounge_request',
      method: 'GET',
      path: '/api/v1/lounge-requests/${segment(requestId)}',
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<LoungeRequest>(call, LoungeRequest.parse);
  }

  /// Withdraw a pending request.
  ///
  /// Problems: `account_suspended`, `already_decided`, `bad_request`, `headers_too_large`,
  /// `lounge_request_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> withdrawLoungeRequest(String requestId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'withdraw_lounge_request',
      method: 'DELETE',
      path: '/api/v1/lounge-requests/${segment(requestId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// The calls of `lounges`.
final class LoungesApi {
  /// Calls by a transport.
  const LoungesApi(this._transport);

  final Transport _transport;

  /// List all open lounges; with `q`, those whose names have all its words.
  ///
  /// If a lounge's popularity changes while you page, it may appear twice or not at all: drop
  /// duplicates by id.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Lounge>> listLounges({LoungeSort? sort, String? q, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_lounges',
      method: 'GET',
      path: '/api/v1/lounges',
      query: <String, Object?>{'sort': sort, 'q': q, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Lounge>>(call, pageOf<Lounge>(Lounge.parse));
  }

  /// List the caller's favorites, latest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Lounge>> listFavoriteLounges({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_favorite_lounges',
      method: 'GET',
      path: '/api/v1/lounges/favorites',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Lounge>>(call, pageOf<Lounge>(Lounge.parse));
  }

  /// List the open lounges that the caller opened last, each once, up to 50.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Lounge>> listRecentLounges({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_recent_lounges',
      method: 'GET',
      path: '/api/v1/lounges/recent',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Lounge>>(call, pageOf<Lounge>(Lounge.parse));
  }

  /// Clear the caller's recent lounges. `has_new` stays as it is.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> forgetRecentLounges({CallOptions? options}) {
    final Call call = Call(
      operation: 'forget_recent_lounges',
      method: 'DELETE',
      path: '/api/v1/lounges/recent',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Get a lounge. It becomes the first of the caller's recent lounges.
  ///
  /// `has_new` describes the time before this view. It does not count for the `ETag`.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `lounge_not_found`, `not_authenticated`,
  /// `not_found`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`.
  Future<Lounge> getLounge(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_lounge',
      method: 'GET',
      path: '/api/v1/lounges/${segment(loungeId)}',
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Lounge>(call, Lounge.parse);
  }

  /// Add a lounge to the favorites. Does nothing if it already is one.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_not_found`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> addFavoriteLounge(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'add_favorite_lounge',
      method: 'PUT',
      path: '/api/v1/lounges/${segment(loungeId)}/favorite',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Remove a lounge from the favorites.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_not_found`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> removeFavoriteLounge(String loungeId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'remove_favorite_lounge',
      method: 'DELETE',
      path: '/api/v1/lounges/${segment(loungeId)}/favorite',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Choose whether the caller is notified of the lounge's new posts.
  ///
  /// With `all`, each new post by another user is a notification (`lounge_post`). A lounge is
  /// pushed once an hour at most: the first push is sent immediately, with the post's title. The
  /// next says how many posts were added since. A closed lounge can't be set to `all`.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_closed`,
  /// `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<void> setLoungeNotifications(String loungeId, LoungeNotifications body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'set_lounge_notifications',
      method: 'PUT',
      path: '/api/v1/lounges/${segment(loungeId)}/notifications',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// The calls of `posts`.
final class PostsApi {
  /// Calls by a transport.
  const PostsApi(this._transport);

  final Transport _transport;

  /// List a lounge's posts, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `lounge_not_found`,
  /// `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
  Future<ResultPage<Post>> listLoungePosts(String loungeId, {int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_lounge_posts',
      method: 'GET',
      path: '/api/v1/lounges/${segment(loungeId)}/posts',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Post>>(call, pageOf<Post>(Post.parse));
  }

  /// List all posts that the caller may see, newest first. The parameters narrow the list.
  ///
  /// With `q` or `feed` a page may be short or empty before the end: only `next_cursor: null` marks
  /// the end. `sort=relevance` requires `q` and can't be combined with `feed`. Posts with the words
  /// in the title then come first, up to 200. If a post's text changes while you page, it may
  /// appear twice or not at all.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Post>> listPosts({String? q, String? loungeId, String? authorId, PostFeed? feed, PostSort? sort, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_posts',
      method: 'GET',
      path: '/api/v1/posts',
      query: <String, Object?>{'q': q, 'lounge_id': loungeId, 'author_id': authorId, 'feed': feed, 'sort': sort, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Post>>(call, pageOf<Post>(Post.parse));
  }

  /// Create a post with up to ten of the caller's uploaded images.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
  /// `image_not_available`, `lounge_closed`, `lounge_not_found`, `mfa_required`,
  /// `new_account_link`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<Post> createPost(PostCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'create_post',
      method: 'POST',
      path: '/api/v1/posts',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Post>(call, Post.parse);
  }

  /// Get a post.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `not_found`,
  /// `overloaded`, `post_not_found`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`.
  Future<Post> getPost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_post',
      method: 'GET',
      path: '/api/v1/posts/${segment(postId)}',
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Post>(call, Post.parse);
  }

  /// Edit the caller's own post. Fields that are not sent stay as they are.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `image_not_available`, `mfa_required`, `new_account_link`,
  /// `not_authenticated`, `not_author`, `not_found`, `overloaded`, `payload_too_large`,
  /// `post_not_found`, `precondition_failed`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Post> updatePost(String postId, PostUpdate body, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'update_post',
      method: 'PATCH',
      path: '/api/v1/posts/${segment(postId)}',
      headers: <String, String?>{'If-Match': ifMatch},
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Post>(call, Post.parse);
  }

  /// Delete the caller's own post and its images.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_author`, `not_found`, `overloaded`,
  /// `payload_too_large`, `post_not_found`, `precondition_failed`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> deletePost(String postId, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'delete_post',
      method: 'DELETE',
      path: '/api/v1/posts/${segment(postId)}',
      headers: <String, String?>{'If-Match': ifMatch},
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Replace the images of the caller's own post, in this order.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `image_not_available`, `mfa_required`, `not_authenticated`, `not_author`,
  /// `not_found`, `overloaded`, `payload_too_large`, `post_not_found`, `precondition_failed`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<Post> replacePostImages(String postId, PostImages body, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'replace_post_images',
      method: 'PUT',
      path: '/api/v1/posts/${segment(postId)}/images',
      headers: <String, String?>{'If-Match': ifMatch},
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Post>(call, Post.parse);
  }

  /// Like a post. Liking it again changes nothing.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
  /// `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> likePost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'like_post',
      method: 'PUT',
      path: '/api/v1/posts/${segment(postId)}/like',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Remove the caller's like from a post.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `post_not_found`, `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> unlikePost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'unlike_post',
      method: 'DELETE',
      path: '/api/v1/posts/${segment(postId)}/like',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Mute a post: hide it and its notifications from the caller.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> mutePost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'mute_post',
      method: 'PUT',
      path: '/api/v1/posts/${segment(postId)}/mute',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Unmute a post.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> unmutePost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'unmute_post',
      method: 'DELETE',
      path: '/api/v1/posts/${segment(postId)}/mute',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Watch a post: notify the caller of each new top-level comment (`watched`).
  ///
  /// The post's author gets `comment` as before, never both.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> watchPost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'watch_post',
      method: 'PUT',
      path: '/api/v1/posts/${segment(postId)}/watch',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Stop watching a post.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> unwatchPost(String postId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'unwatch_post',
      method: 'DELETE',
      path: '/api/v1/posts/${segment(postId)}/watch',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// List the posts that the caller likes, latest like first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Post>> listMyLikes({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_my_likes',
      method: 'GET',
      path: '/api/v1/users/me/likes',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Post>>(call, pageOf<Post>(Post.parse));
  }

  /// List the posts that the caller has muted, latest mute first.
  ///
  /// Posts that were deleted or hidden, or whose author the caller has blocked, are left out.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Mute>> listMutes({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_mutes',
      method: 'GET',
      path: '/api/v1/users/me/mutes',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Mute>>(call, pageOf<Mute>(Mute.parse));
  }

  /// List the caller's own posts, newest first, including those held for review.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Post>> listMyPosts({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_my_posts',
      method: 'GET',
      path: '/api/v1/users/me/posts',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Post>>(call, pageOf<Post>(Post.parse));
  }

  /// List a user's posts, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `not_found`, `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `user_not_found`, `validation_failed`.
  Future<ResultPage<Post>> listUserPosts(String userId, {int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_user_posts',
      method: 'GET',
      path: '/api/v1/users/${segment(userId)}/posts',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Post>>(call, pageOf<Post>(Post.parse));
  }

}

/// The calls of `meta`.
final class MetaApi {
  /// Calls by a transport.
  const MetaApi(this._transport);

  final Transport _transport;

  /// Get limits, sign-in methods, the oldest app version that works, terms and contact.
  ///
  /// Problems: `headers_too_large`, `overloaded`, `rate_limited`, `service_unavailable`.
  Future<Meta> getMeta({CallOptions? options}) {
    final Call call = Call(
      operation: 'get_meta',
      method: 'GET',
      path: '/api/v1/meta',
      isPublic: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Meta>(call, Meta.parse);
  }

}

/// The calls of `notifications`.
final class NotificationsApi {
  /// Calls by a transport.
  const NotificationsApi(this._transport);

  final Transport _transport;

  /// List the caller's notifications, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<NotificationItem>> listNotifications({bool? unread, int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_notifications',
      method: 'GET',
      path: '/api/v1/notifications',
      query: <String, Object?>{'unread': unread, 'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<NotificationItem>>(call, pageOf<NotificationItem>(NotificationItem.parse));
  }

  /// Register an installation for pushes. Call this at each start and when the value changes.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> registerDevice(String installId, DeviceRegistration body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'register_device',
      method: 'PUT',
      path: '/api/v1/notifications/devices/${segment(installId)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Stop pushing to this installation.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> removeDevice(String installId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'remove_device',
      method: 'DELETE',
      path: '/api/v1/notifications/devices/${segment(installId)}',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Mark the given notifications, or all, as read. Other users' ids are ignored.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> markNotificationsRead(MarkRead body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'mark_notifications_read',
      method: 'POST',
      path: '/api/v1/notifications/read',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Get what is pushed to the caller.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<NotificationSettings> getNotificationSettings({CallOptions? options}) {
    final Call call = Call(
      operation: 'get_notification_settings',
      method: 'GET',
      path: '/api/v1/notifications/settings',
      options: options ?? const CallOptions(),
    );
    return _transport.call<NotificationSettings>(call, NotificationSettings.parse);
  }

  /// Change what is pushed. Fields that are not sent stay as they are.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<NotificationSettings> updateNotificationSettings(NotificationSettingsUpdate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'update_notification_settings',
      method: 'PATCH',
      path: '/api/v1/notifications/settings',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<NotificationSettings>(call, NotificationSettings.parse);
  }

  /// Count the unread notifications, for the badge. The count stops at 999.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<UnreadCount> countUnreadNotifications({CallOptions? options}) {
    final Call call = Call(
      operation: 'count_unread_notifications',
      method: 'GET',
      path: '/api/v1/notifications/unread-count',
      options: options ?? const CallOptions(),
    );
    return _transport.call<UnreadCount>(call, UnreadCount.parse);
  }

  /// Record that the push of a notification was opened. Calling it again does nothing.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `notification_not_found`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<void> noteNotificationOpened(String notificationId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'note_notification_opened',
      method: 'POST',
      path: '/api/v1/notifications/${segment(notificationId)}/opened',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// The calls of `reports`.
final class ReportsApi {
  /// Calls by a transport.
  const ReportsApi(this._transport);

  final Transport _transport;

  /// List the caller's own reports, newest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Report>> listOwnReports({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_own_reports',
      method: 'GET',
      path: '/api/v1/reports',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Report>>(call, pageOf<Report>(Report.parse));
  }

  /// Report a post, a comment, a user or a lounge. The server keeps a copy of it.
  ///
  /// If the same user reports the same target again while the first report is open, the answer is
  /// that report (200). After the decision a new report opens a new case (201).
  ///
  /// Problems: `account_suspended`, `bad_request`, `cannot_report_self`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`, `not_authenticated`,
  /// `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `target_not_found`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Report> createReport(ReportCreate body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'create_report',
      method: 'POST',
      path: '/api/v1/reports',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Report>(call, Report.parse);
  }

}

/// The calls of `users`.
final class UsersApi {
  /// Calls by a transport.
  const UsersApi(this._transport);

  final Transport _transport;

  /// Get the caller's account.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<Me> getMe({CallOptions? options}) {
    final Call call = Call(
      operation: 'get_me',
      method: 'GET',
      path: '/api/v1/users/me',
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Me>(call, Me.parse);
  }

  /// Update the caller's account. Fields that are not sent (or null) stay as they are.
  ///
  /// A guest can change only `locale`.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `mfa_required`, `nickname_reserved`, `not_authenticated`, `overloaded`,
  /// `payload_too_large`, `precondition_failed`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `terms_required`, `text_not_allowed`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<Me> updateMe(MeUpdate body, {String? ifMatch, CallOptions? options}) {
    final Call call = Call(
      operation: 'update_me',
      method: 'PATCH',
      path: '/api/v1/users/me',
      headers: <String, String?>{'If-Match': ifMatch},
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Me>(call, Me.parse);
  }

  /// Delete the caller's account permanently. An account with a password must send it.
  ///
  /// One without needs a session that was verified within the last ten minutes, by its sign-in or
  /// by `POST /auth/proof`. A guest needs neither.
  ///
  /// Its content is hidden immediately, and its tokens stop working. Soon after, all of it is
  /// erased.
  ///
  /// Apple and LINE are notified that the app is disconnected. LINE needs a token of the user:
  /// `line_access_token` of its SDK, or what a sign-in in the browser left here. Without one
  /// `unlink_at_provider` is true: the user may unlink the app in LINE.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `last_admin`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `proof_required`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`, `wrong_password`.
  Future<Leaving> leave({Leave? body, CallOptions? options}) {
    final Call call = Call(
      operation: 'leave',
      method: 'DELETE',
      path: '/api/v1/users/me',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Leaving>(call, Leaving.parse);
  }

  /// Set the caller's avatar.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
  /// `headers_too_large`, `invalid_image`, `mfa_required`, `not_authenticated`, `overloaded`,
  /// `payload_too_large`, `picture_not_checked`, `picture_refused`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
  /// `token_expired`, `token_invalid`, `unsupported_image`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Me> changeAvatar(Upload file, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_avatar',
      method: 'PUT',
      path: '/api/v1/users/me/avatar',
      upload: file,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Me>(call, Me.parse);
  }

  /// Remove the caller's avatar.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Me> removeAvatar({CallOptions? options}) {
    final Call call = Call(
      operation: 'remove_avatar',
      method: 'DELETE',
      path: '/api/v1/users/me/avatar',
      options: options ?? const CallOptions(),
    );
    return _transport.call<Me>(call, Me.parse);
  }

  /// List the users whom the caller has blocked, latest first.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `not_authenticated`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `validation_failed`.
  Future<ResultPage<Author>> listBlocks({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_blocks',
      method: 'GET',
      path: '/api/v1/users/me/blocks',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Author>>(call, pageOf<Author>(Author.parse));
  }

  /// Export all data of the caller as one JSON object. A user gets one export at a time.
  ///
  /// Problems: `headers_too_large`, `mfa_required`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
  Future<Map<String, Object?>> exportMe({CallOptions? options}) {
    final Call call = Call(
      operation: 'export_me',
      method: 'GET',
      path: '/api/v1/users/me/export',
      options: options ?? const CallOptions(),
    );
    return _transport.call<Map<String, Object?>>(call, asObject);
  }

  /// Get a user's profile, as other users see it.
  ///
  /// Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `not_found`,
  /// `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `user_not_found`.
  Future<Profile> getProfile(String userId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'get_profile',
      method: 'GET',
      path: '/api/v1/users/${segment(userId)}',
      cached: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Profile>(call, Profile.parse);
  }

  /// Block a user: hide them, their posts and comments from the caller. They are not notified.
  ///
  /// A caller can block up to 5,000 users.
  ///
  /// Problems: `account_suspended`, `bad_request`, `cannot_block_self`, `headers_too_large`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `too_many_blocks`, `unsupported_media_type`, `user_not_found`,
  /// `validation_failed`.
  Future<void> blockUser(String userId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'block_user',
      method: 'PUT',
      path: '/api/v1/users/${segment(userId)}/block',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// Unblock a user. Nothing happens if the user was not blocked.
  ///
  /// Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
  /// `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
  /// `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<void> unblockUser(String userId, {CallOptions? options}) {
    final Call call = Call(
      operation: 'unblock_user',
      method: 'DELETE',
      path: '/api/v1/users/${segment(userId)}/block',
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// The calls of `identities`.
final class IdentitiesApi {
  /// Calls by a transport.
  const IdentitiesApi(this._transport);

  final Transport _transport;

  /// Request a change of address: the new one gets a link, and the old one a security notice.
  ///
  /// Nothing changes until the link is used. An account with a password must send it. One without
  /// needs a session that was verified within the last ten minutes, by its sign-in or by `POST
  /// /auth/proof`.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_taken`, `guest_not_allowed`,
  /// `headers_too_large`, `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`,
  /// `proof_required`, `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
  /// `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`,
  /// `wrong_password`.
  Future<void> changeMyEmail(EmailChange body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'change_my_email',
      method: 'POST',
      path: '/api/v1/users/me/email',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

  /// List the sign-in methods of the caller's account, oldest first.
  ///
  /// There are at most four, one of each kind. They come in one page, whatever `limit` says, and no
  /// cursor leads to another.
  ///
  /// Problems: `headers_too_large`, `invalid_cursor`, `not_authenticated`, `overloaded`,
  /// `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `validation_failed`.
  Future<ResultPage<Identity>> listIdentities({int? limit, String? cursor, CallOptions? options}) {
    final Call call = Call(
      operation: 'list_identities',
      method: 'GET',
      path: '/api/v1/users/me/identities',
      query: <String, Object?>{'limit': limit, 'cursor': cursor},
      options: options ?? const CallOptions(),
    );
    return _transport.call<ResultPage<Identity>>(call, pageOf<Identity>(Identity.parse));
  }

  /// Add an email address and password to an account without one. A link verifies the address.
  ///
  /// The password has 8 to 128 characters of any script and isn't easy to guess. The session must
  /// have been verified within the last ten minutes, by its sign-in or by `POST /auth/proof`.
  ///
  /// Problems: `account_suspended`, `bad_request`, `email_taken`, `guest_not_allowed`,
  /// `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `mail_busy`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `password_too_weak`, `payload_too_large`,
  /// `proof_required`, `provider_already_linked`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`.
  Future<Identity> addEmailIdentity(EmailAndPassword body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'add_email_identity',
      method: 'POST',
      path: '/api/v1/users/me/identities/email',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Identity>(call, Identity.parse);
  }

  /// Link the identity that a browser brought back, with the one-time code of `...callback`.
  ///
  /// The code works once, for 60 seconds, with the verifier of the app's challenge. It creates no
  /// account. The session must have been verified within the last ten minutes, by its sign-in or by
  /// `POST /auth/proof`; otherwise the code is not used up.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `identity_taken`, `invalid_code`,
  /// `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `proof_required`,
  /// `provider_already_linked`, `rate_limited`, `request_timeout`, `service_unavailable`,
  /// `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
  /// `validation_failed`.
  Future<Identity> linkIdentityByCode(Exchange body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'link_identity_by_code',
      method: 'POST',
      path: '/api/v1/users/me/identities/exchange',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Identity>(call, Identity.parse);
  }

  /// Link an identity with the ID token of LINE's, Google's or Apple's native SDK.
  ///
  /// The checks are those of a sign-in, including the nonce of `POST /auth/nonce`. A Google token
  /// may come without a nonce only if it was issued within the last ten minutes. An account has one
  /// identity of each kind. The session must have been verified within the last ten minutes, by its
  /// sign-in or by `POST /auth/proof`; otherwise the nonce is not used up.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `idempotency_in_progress`, `idempotency_key_reused`, `identity_taken`, `invalid_id_token`,
  /// `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
  /// `proof_required`, `provider_already_linked`, `provider_not_enabled`, `provider_unavailable`,
  /// `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
  /// `token_invalid`, `unsupported_media_type`, `validation_failed`.
  Future<Identity> linkIdentity(SocialProvider provider, LinkProvider body, {CallOptions? options}) {
    final Call call = Call(
      operation: 'link_identity',
      method: 'POST',
      path: '/api/v1/users/me/identities/${segment(provider)}',
      body: body,
      keyed: true,
      options: options ?? const CallOptions(),
    );
    return _transport.call<Identity>(call, Identity.parse);
  }

  /// Remove a sign-in method. An account with a password must send it. The last one stays.
  ///
  /// An account without a password needs a session that was verified within the last ten minutes,
  /// by its sign-in or by `POST /auth/proof`.
  ///
  /// The other sessions that began with it end, and Apple and LINE are notified that the app is
  /// disconnected. LINE needs a token of the user: `line_access_token` of its SDK, or what a
  /// sign-in in the browser left here. Without one the answer has `Linky-Unlink: line`: the user
  /// may unlink the app in LINE.
  ///
  /// Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
  /// `identity_not_found`, `last_identity`, `mfa_required`, `not_authenticated`, `not_found`,
  /// `overloaded`, `payload_too_large`, `proof_required`, `rate_limited`, `request_timeout`,
  /// `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
  /// `unsupported_media_type`, `validation_failed`, `wrong_password`.
  Future<void> unlinkIdentity(DoorChoice provider, {Unlink? body, CallOptions? options}) {
    final Call call = Call(
      operation: 'unlink_identity',
      method: 'DELETE',
      path: '/api/v1/users/me/identities/${segment(provider)}',
      body: body,
      options: options ?? const CallOptions(),
    );
    return _transport.send(call);
  }

}

/// All calls, by their groups.
class Apis {
  /// Calls by a transport.
  Apis(Transport transport)
      : admin = AdminApi(transport),
        appeals = AppealsApi(transport),
        auth = AuthApi(transport),
        live = LiveApi(transport),
        comments = CommentsApi(transport),
        images = ImagesApi(transport),
        loungeRequests = LoungeRequestsApi(transport),
        lounges = LoungesApi(transport),
        posts = PostsApi(transport),
        meta = MetaApi(transport),
        notifications = NotificationsApi(transport),
        reports = ReportsApi(transport),
        users = UsersApi(transport),
        identities = IdentitiesApi(transport);

  /// The calls of `admin`.
  final AdminApi admin;

  /// The calls of `appeals`.
  final AppealsApi appeals;

  /// The calls of `auth`.
  final AuthApi auth;

  /// The calls of `live`.
  final LiveApi live;

  /// The calls of `comments`.
  final CommentsApi comments;

  /// The calls of `images`.
  final ImagesApi images;

  /// The calls of `lounge_requests`.
  final LoungeRequestsApi loungeRequests;

  /// The calls of `lounges`.
  final LoungesApi lounges;

  /// The calls of `posts`.
  final PostsApi posts;

  /// The calls of `meta`.
  final MetaApi meta;

  /// The calls of `notifications`.
  final NotificationsApi notifications;

  /// The calls of `reports`.
  final ReportsApi reports;

  /// The calls of `users`.
  final UsersApi users;

  /// The calls of `identities`.
  final IdentitiesApi identities;

}
