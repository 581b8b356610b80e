"""The calls. Written by `make client`: edit openapi.json, not this file."""

from urllib.parse import quote

from linky_client.errors import JsonObject
from linky_client.generated import enums, models
from linky_client.reading import as_object
from linky_client.transport import Transport
from linky_client.values import NO_OPTIONS, Call, CallOptions, Page, Upload, page_of


def segment(value: object) -> str:
    """A value as a part of a path."""
    return quote(str(value), safe="")


class AdminApi:
    """The calls of `admin`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_announcements(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Announcement]:
        """All announcements, published and scheduled, newest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_announcements",
            method="GET",
            path="/api/v1/admin/announcements",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Announcement.parse))

    async def make_announcement(
        self, body: models.AnnouncementCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Announcement:
        """Publish an announcement to everyone's notifications.

        With `publish_at`, at most ten years ahead, it is published then, within seconds. It
        gets a new id at that time; the old one can still be used to delete it.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `too_late`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="make_announcement",
            method="POST",
            path="/api/v1/admin/announcements",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Announcement.parse)

    async def change_announcement(
        self,
        announcement_id: str,
        body: models.AnnouncementUpdate,
        *,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Announcement:
        """Change a scheduled announcement, until it is published.

        Problems: `account_suspended`, `admin_only`, `already_published`,
        `announcement_not_found`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `too_late`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="change_announcement",
            method="PATCH",
            path=f"/api/v1/admin/announcements/{segment(announcement_id)}",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Announcement.parse)

    async def delete_announcement(
        self, announcement_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Withdraw an announcement, published or scheduled.

        Problems: `account_suspended`, `admin_only`, `announcement_not_found`, `bad_request`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="delete_announcement",
            method="DELETE",
            path=f"/api/v1/admin/announcements/{segment(announcement_id)}",
            options=options,
        )
        await self._transport.send(call)

    async def list_all_appeals(
        self,
        *,
        status: enums.AppealStatusChoice | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ManagedAppeal]:
        """All appeals, oldest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_all_appeals",
            method="GET",
            path="/api/v1/admin/appeals",
            query={"status": status, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.ManagedAppeal.parse))

    async def decide_appeal(
        self, appeal_id: str, body: models.AppealDecide, *, options: CallOptions = NO_OPTIONS
    ) -> models.ManagedAppeal:
        """Decide on an appeal, and notify the user.

        `overturn` reverses the decision: hidden content is unhidden, a warning is withdrawn, a
        suspension ends. If two admins decide at the same time, only one succeeds. You can't
        decide on your own appeal. Moderators can't decide on a moderator's or an admin's appeal
        against a warning or a suspension.

        Problems: `account_suspended`, `admin_only`, `already_decided`, `appeal_not_found`,
        `bad_request`, `headers_too_large`, `last_admin`, `mfa_required`, `not_authenticated`,
        `not_found`, `not_registered`, `overloaded`, `own_appeal`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `user_not_found`,
        `validation_failed`.
        """
        call = Call(
            operation="decide_appeal",
            method="POST",
            path=f"/api/v1/admin/appeals/{segment(appeal_id)}/decide",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.ManagedAppeal.parse)

    async def list_audit_log(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.AuditEntry]:
        """The audit log, newest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_audit_log",
            method="GET",
            path="/api/v1/admin/audit-log",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.AuditEntry.parse))

    async def list_banned_words(self, *, options: CallOptions = NO_OPTIONS) -> models.BannedWords:
        """The banned words and their exceptions.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="list_banned_words",
            method="GET",
            path="/api/v1/admin/banned-words",
            options=options,
        )
        return await self._transport.call(call, models.BannedWords.parse)

    async def replace_banned_words(
        self, body: models.BannedWordsUpdate, *, options: CallOptions = NO_OPTIONS
    ) -> models.BannedWords:
        """Replace the banned words.

        Screening ignores width, case, kana type, and symbols between letters. Posts and
        comments that contain one are held; nicknames and bios can't contain one. A job opens a
        case about each user whose nickname does.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="replace_banned_words",
            method="PUT",
            path="/api/v1/admin/banned-words",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.BannedWords.parse)

    async def find_comments(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        q: str | None = None,
        author_id: str | None = None,
        lounge_id: str | None = None,
        moderation: enums.ModerationChoice | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ManagedComment]:
        """All comments that aren't deleted, including hidden and held ones, newest first.

        A search starts with the newest ones: a page may be empty and still have a cursor.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="find_comments",
            method="GET",
            path="/api/v1/admin/comments",
            query={
                "limit": limit,
                "cursor": cursor,
                "q": q,
                "author_id": author_id,
                "lounge_id": lounge_id,
                "moderation": moderation,
            },
            options=options,
        )
        return await self._transport.call(call, page_of(models.ManagedComment.parse))

    async def get_managed_comment(
        self, comment_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.ModeratedComment:
        """A comment in any state but deleted, with the last decision about it.

        Problems: `account_suspended`, `admin_only`, `comment_not_found`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_managed_comment",
            method="GET",
            path=f"/api/v1/admin/comments/{segment(comment_id)}",
            options=options,
        )
        return await self._transport.call(call, models.ModeratedComment.parse)

    async def hide_comment(
        self, comment_id: str, body: models.WithReason, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Hide a comment, and notify its author of the reason.

        Moderators can't hide an admin's content.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `comment_not_found`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="hide_comment",
            method="POST",
            path=f"/api/v1/admin/comments/{segment(comment_id)}/hide",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def restore_comment(
        self, comment_id: str, body: models.WithReason, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Unhide a hidden comment, or release one that is held for review.

        While a suspension hides all content of its author, it stays hidden. It becomes visible,
        and notifications go out, when the suspension ends.

        You can't restore your own content, unless there is no other active admin. Moderators
        can't restore an admin's content.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `comment_not_found`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `own_content`, `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="restore_comment",
            method="POST",
            path=f"/api/v1/admin/comments/{segment(comment_id)}/restore",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def list_held_content(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.HeldContent]:
        """Posts and comments held for review, oldest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_held_content",
            method="GET",
            path="/api/v1/admin/held-content",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.HeldContent.parse))

    async def list_all_lounge_requests(
        self,
        *,
        status: enums.RequestStatusChoice | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.LoungeRequest]:
        """All lounge requests, newest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_all_lounge_requests",
            method="GET",
            path="/api/v1/admin/lounge-requests",
            query={"status": status, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.LoungeRequest.parse))

    async def approve_lounge_request(
        self, request_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.LoungeRequest:
        """Approve a request: create the lounge and notify the requester.

        If two admins decide at the same time, only one succeeds. You can't decide on your own
        request, unless there is no other active admin. Moderators can't decide on an admin's
        request.

        Problems: `account_suspended`, `admin_only`, `already_decided`, `bad_request`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
        `lounge_name_taken`, `lounge_request_not_found`, `mfa_required`, `not_authenticated`,
        `not_found`, `overloaded`, `own_content`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="approve_lounge_request",
            method="POST",
            path=f"/api/v1/admin/lounge-requests/{segment(request_id)}/approve",
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.LoungeRequest.parse)

    async def reject_lounge_request(
        self, request_id: str, body: models.WithReason, *, options: CallOptions = NO_OPTIONS
    ) -> models.LoungeRequest:
        """Reject a request, and notify the requester of the reason.

        The rules of `approve` for your own and an admin's requests apply.

        Problems: `account_suspended`, `admin_only`, `already_decided`, `bad_request`,
        `headers_too_large`, `lounge_request_not_found`, `mfa_required`, `not_authenticated`,
        `not_found`, `overloaded`, `own_content`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="reject_lounge_request",
            method="POST",
            path=f"/api/v1/admin/lounge-requests/{segment(request_id)}/reject",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.LoungeRequest.parse)

    async def list_all_lounges(
        self,
        *,
        q: str | None = None,
        closed: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ManagedLounge]:
        """All lounges, including closed ones, newest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_all_lounges",
            method="GET",
            path="/api/v1/admin/lounges",
            query={"q": q, "closed": closed, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.ManagedLounge.parse))

    async def open_lounge(
        self, body: models.LoungeCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Create a lounge.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `lounge_name_taken`,
        `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="open_lounge",
            method="POST",
            path="/api/v1/admin/lounges",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def change_lounge(
        self, lounge_id: str, body: models.LoungeUpdate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Change a lounge's name or description.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `lounge_name_taken`, `lounge_not_found`, `mfa_required`, `not_authenticated`,
        `not_found`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="change_lounge",
            method="PATCH",
            path=f"/api/v1/admin/lounges/{segment(lounge_id)}",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def close_lounge(self, lounge_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Close a lounge. Its posts stay readable; no posts or comments can be added.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="close_lounge",
            method="DELETE",
            path=f"/api/v1/admin/lounges/{segment(lounge_id)}",
            options=options,
        )
        await self._transport.send(call)

    async def change_lounge_cover(
        self, lounge_id: str, file: Upload, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Set a lounge's cover image. The previous one is deleted.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `invalid_image`, `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`,
        `overloaded`, `payload_too_large`, `picture_refused`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_image`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="change_lounge_cover",
            method="PUT",
            path=f"/api/v1/admin/lounges/{segment(lounge_id)}/cover",
            upload=file,
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def remove_lounge_cover(
        self, lounge_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Remove a lounge's cover image, if it has one.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="remove_lounge_cover",
            method="DELETE",
            path=f"/api/v1/admin/lounges/{segment(lounge_id)}/cover",
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def reopen_lounge(
        self, lounge_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Reopen a closed lounge: posts and comments can be added again.

        An open lounge stays as it is.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="reopen_lounge",
            method="POST",
            path=f"/api/v1/admin/lounges/{segment(lounge_id)}/reopen",
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def get_picture(self, *, url: str, options: CallOptions = NO_OPTIONS) -> bytes:
        """An image by its public URL, even while its post is hidden.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="get_picture",
            method="GET",
            path="/api/v1/admin/pictures",
            query={"url": url},
            options=options,
        )
        return await self._transport.fetch(call)

    async def find_posts(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        q: str | None = None,
        author_id: str | None = None,
        lounge_id: str | None = None,
        moderation: enums.ModerationChoice | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ManagedPost]:
        """All posts that aren't deleted, including hidden and held ones, newest first.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="find_posts",
            method="GET",
            path="/api/v1/admin/posts",
            query={
                "limit": limit,
                "cursor": cursor,
                "q": q,
                "author_id": author_id,
                "lounge_id": lounge_id,
                "moderation": moderation,
            },
            options=options,
        )
        return await self._transport.call(call, page_of(models.ManagedPost.parse))

    async def get_managed_post(
        self, post_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.ModeratedPost:
        """A post in any state but deleted, with the last decision about it.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `post_not_found`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_managed_post",
            method="GET",
            path=f"/api/v1/admin/posts/{segment(post_id)}",
            options=options,
        )
        return await self._transport.call(call, models.ModeratedPost.parse)

    async def hide_post(
        self, post_id: str, body: models.WithReason, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Hide a post, and notify its author of the reason.

        Moderators can't hide an admin's content.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
        `post_not_found`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="hide_post",
            method="POST",
            path=f"/api/v1/admin/posts/{segment(post_id)}/hide",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def restore_post(
        self, post_id: str, body: models.WithReason, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Unhide a hidden post, or release one that is held for review.

        While a suspension hides all content of its author, it stays hidden. It becomes visible,
        and notifications go out, when the suspension ends.

        You can't restore your own content, unless there is no other active admin. Moderators
        can't restore an admin's content.

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `own_content`,
        `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="restore_post",
            method="POST",
            path=f"/api/v1/admin/posts/{segment(post_id)}/restore",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def list_reports(
        self,
        *,
        status: enums.CaseStatusChoice | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ReportCase]:
        """The review queue: one case per target, most severe first, then oldest first.

        For a case about the caller, `details` is empty. A case whose severity changes while you
        page may appear twice or not at all: drop duplicates by id.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_reports",
            method="GET",
            path="/api/v1/admin/reports",
            query={"status": status, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.ReportCase.parse))

    async def list_reports_of_case(
        self,
        report_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ReportOfCase]:
        """The reports of a case, oldest first, each with what its reporter saw.

        For a case about the caller, `detail` is empty.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `rate_limited`,
        `report_not_found`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_reports_of_case",
            method="GET",
            path=f"/api/v1/admin/reports/{segment(report_id)}/reports",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.ReportOfCase.parse))

    async def resolve_report(
        self, report_id: str, body: models.Resolve, *, options: CallOptions = NO_OPTIONS
    ) -> models.ReportCase:
        """Close all open reports on a target, and notify the reporters.

        `suspend` takes `until`, `permanent` and `hide_content` as `PATCH
        /admin/users/{user_id}` does.

        Moderators can't suspend moderators or admins, or resolve a case about an admin or an
        admin's content. You can't resolve a case about yourself or your own content, or one
        that you reported, unless there is no other active admin.

        Problems: `account_suspended`, `action_not_possible`, `admin_only`, `already_resolved`,
        `bad_request`, `comment_not_found`, `headers_too_large`, `last_admin`, `mfa_required`,
        `not_authenticated`, `not_found`, `not_registered`, `overloaded`, `own_content`,
        `payload_too_large`, `post_not_found`, `rate_limited`, `report_not_found`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `too_late`, `unsupported_media_type`, `user_not_found`,
        `validation_failed`.
        """
        call = Call(
            operation="resolve_report",
            method="POST",
            path=f"/api/v1/admin/reports/{segment(report_id)}/resolve",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.ReportCase.parse)

    async def get_stats(self, *, options: CallOptions = NO_OPTIONS) -> models.Stats:
        """Statistics of the last 30 days: activity, retention, and time to decision.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_stats",
            method="GET",
            path="/api/v1/admin/stats",
            options=options,
        )
        return await self._transport.call(call, models.Stats.parse)

    async def list_users(
        self,
        *,
        q: str | None = None,
        role: enums.RoleChoice | None = None,
        status: enums.UserStatusChoice | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.ManagedUser]:
        """All users, newest first.

        `q` matches parts of nicknames and email addresses, or an id. For moderators it doesn't
        search addresses, and addresses are masked.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `invalid_cursor`,
        `mfa_required`, `not_authenticated`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_users",
            method="GET",
            path="/api/v1/admin/users",
            query={"q": q, "role": role, "status": status, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.ManagedUser.parse))

    async def get_managed_user(
        self, user_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.ManagedUser:
        """A user, as admins see them.

        Problems: `account_suspended`, `admin_only`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `user_not_found`.
        """
        call = Call(
            operation="get_managed_user",
            method="GET",
            path=f"/api/v1/admin/users/{segment(user_id)}",
            options=options,
        )
        return await self._transport.call(call, models.ManagedUser.parse)

    async def change_user(
        self, user_id: str, body: models.ManagedUserUpdate, *, options: CallOptions = NO_OPTIONS
    ) -> models.ManagedUser:
        """Suspend or restore a user, or change their role.

        Changes take effect immediately, for issued tokens too. A suspension with `until`, at
        most ten years ahead, ends automatically. `suspended` again without `until` keeps the
        end of a running suspension; `permanent: true` removes it. With `hide_content` a job
        hides all posts and comments of the user. Exactly these are unhidden when the suspension
        ends.

        Moderators can't assign roles, or change moderators and admins. To become a moderator or
        an admin, a user needs a confirmed email address, or signs in with LINE, Google or
        Apple.

        Problems: `account_suspended`, `address_unverified`, `admin_only`, `bad_request`,
        `headers_too_large`, `last_admin`, `mfa_required`, `not_authenticated`, `not_found`,
        `not_registered`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`, `too_late`,
        `unsupported_media_type`, `user_not_found`, `validation_failed`.
        """
        call = Call(
            operation="change_user",
            method="PATCH",
            path=f"/api/v1/admin/users/{segment(user_id)}",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.ManagedUser.parse)

    async def warn_user(
        self, user_id: str, body: models.Warn, *, options: CallOptions = NO_OPTIONS
    ) -> models.GivenWarning:
        """Warn a user. They will see the reason, and can appeal.

        A post or comment that the warning names must be the user's. Moderators can't warn
        moderators or admins. The same warning by the same admin within a minute returns the
        first one (200).

        Problems: `account_suspended`, `admin_only`, `bad_request`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `user_not_found`, `validation_failed`,
        `warned_about_not_found`.
        """
        call = Call(
            operation="warn_user",
            method="POST",
            path=f"/api/v1/admin/users/{segment(user_id)}/warn",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.GivenWarning.parse)


class AppealsApi:
    """The calls of `appeals`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_appeals(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Appeal]:
        """List the caller's own appeals, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_appeals",
            method="GET",
            path="/api/v1/appeals",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Appeal.parse))

    async def create_appeal(
        self, body: models.AppealCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Appeal:
        """Appeal a decision that a notification is about. Each decision can be appealed once.

        A suspended user appeals on the page at `appeal_url` of `account_suspended`.

        Problems: `account_suspended`, `already_appealed`, `bad_request`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`, `not_appealable`,
        `not_authenticated`, `notification_not_found`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="create_appeal",
            method="POST",
            path="/api/v1/appeals",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Appeal.parse)


class AuthApi:
    """The calls of `auth`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def change_email(
        self, body: models.EmailChangeConfirmation, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Change the address with an emailed token. Other sessions end.

        The token works once, for 30 minutes, while the session that requested it lives. A
        suspended user can't change the address. That answer has neither the reason nor
        `appeal_url`, because the address that the token was sent to may be a stranger's.

        Problems: `account_suspended`, `bad_request`, `email_taken`, `headers_too_large`,
        `invalid_token`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="change_email",
            method="POST",
            path="/api/v1/auth/email/change",
            body=body,
            is_public=True,
            options=options,
        )
        await self._transport.send(call)

    async def resend_verification(self, *, options: CallOptions = NO_OPTIONS) -> None:
        """Email the link again if the address isn't confirmed yet.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="resend_verification",
            method="POST",
            path="/api/v1/auth/email/resend",
            options=options,
        )
        await self._transport.send(call)

    async def verify_email(
        self, body: models.EmailVerification, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Confirm the address with an emailed token. This alone signs nobody out.

        With `mine: false` the reader says that the account isn't theirs: all other sign-in
        methods and all sessions are ended, and the password stops working. `POST
        /auth/password/forgot` then emails a link to set a new one. An account that began with
        another sign-in method and had the address added only loses the address.

        Problems: `bad_request`, `headers_too_large`, `invalid_token`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="verify_email",
            method="POST",
            path="/api/v1/auth/email/verify",
            body=body,
            is_public=True,
            options=options,
        )
        await self._transport.send(call)

    async def enter_as_guest(self, *, options: CallOptions = NO_OPTIONS) -> models.SignedIn:
        """Use the app without an account. A guest can sign up later and keeps their favorites.

        Problems: `app_check_failed`, `bad_request`, `headers_too_large`, `overloaded`,
        `payload_too_large`, `provider_unavailable`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="enter_as_guest",
            method="POST",
            path="/api/v1/auth/guest",
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def upgrade_guest(
        self, body: models.Register, *, options: CallOptions = NO_OPTIONS
    ) -> models.SignedIn:
        """Turn a guest into a member with the same id. Favorites stay; the old tokens stop
        working.

        Problems: `account_suspended`, `bad_request`, `email_taken`, `headers_too_large`,
        `mail_busy`, `mfa_required`, `nickname_reserved`, `not_a_guest`, `not_authenticated`,
        `overloaded`, `password_too_weak`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `sign_up_closed`,
        `text_not_allowed`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="upgrade_guest",
            method="POST",
            path="/api/v1/auth/guest/upgrade",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def upgrade_guest_with_provider(
        self,
        provider: enums.SocialProvider,
        body: models.NativeSignIn,
        *,
        options: CallOptions = NO_OPTIONS,
    ) -> models.SignedIn:
        """Turn a guest into a member with the same id, by an ID token of LINE, Google or Apple.

        Everything the guest has stays; the old tokens stop working. An identity that already
        has an account is refused: sign in with it instead.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `identity_taken`,
        `invalid_id_token`, `mfa_required`, `not_a_guest`, `not_authenticated`, `not_found`,
        `overloaded`, `payload_too_large`, `provider_not_enabled`, `provider_unavailable`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `sign_up_closed`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="upgrade_guest_with_provider",
            method="POST",
            path=f"/api/v1/auth/guest/upgrade/{segment(provider)}",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def login(
        self, body: models.Login, *, options: CallOptions = NO_OPTIONS
    ) -> models.SignedIn:
        """Sign in by email.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`,
        `invalid_credentials`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="login",
            method="POST",
            path="/api/v1/auth/login",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def logout(
        self, body: models.RefreshRequest, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """End this session and delete its device. An unknown token is accepted, too.

        Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="logout",
            method="POST",
            path="/api/v1/auth/logout",
            body=body,
            is_public=True,
            options=options,
        )
        await self._transport.send(call)

    async def pass_mfa(self, body: models.MfaCode, *, options: CallOptions = NO_OPTIONS) -> None:
        """Pass two-factor authentication for this session, for the next twelve hours.

        Until then, a user who has set it up may read, sign out and end sessions; everything
        else is refused. A code of the authenticator app works once, and so does each recovery
        code. In a session that has passed, a repeated call is accepted and changes nothing. The
        session stays verified when its tokens are refreshed. After five wrong codes in a row,
        the next attempt has to wait. Admins set up two-factor authentication in the console.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
        `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`, `wrong_code`.
        """
        call = Call(
            operation="pass_mfa",
            method="POST",
            path="/api/v1/auth/mfa",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def create_nonce(self, *, options: CallOptions = NO_OPTIONS) -> models.NonceCreated:
        """Create a nonce for the ID token of a provider's SDK. It works once, for ten minutes.

        Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="create_nonce",
            method="POST",
            path="/api/v1/auth/nonce",
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.NonceCreated.parse)

    async def hear_apple(
        self, body: models.ProviderNotification, *, options: CallOptions = NO_OPTIONS
    ) -> models.Heard:
        """Receive Apple's server-to-server notifications about users who signed in with Apple.

        Apple's signature is checked as in an ID token, and each notification works once. A user
        who has withdrawn their consent loses this sign-in method and the sessions that began
        with it. If it is the only sign-in method, it stays for when they come back. If their
        Apple account was deleted, their account here is deleted, too. Nothing is emailed to an
        address that Apple has stopped forwarding to. Unknown notifications are accepted and
        change nothing.

        Problems: `bad_request`, `headers_too_large`, `invalid_id_token`, `overloaded`,
        `payload_too_large`, `provider_not_enabled`, `provider_unavailable`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="hear_apple",
            method="POST",
            path="/api/v1/auth/oauth/apple/notifications",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.Heard.parse)

    async def exchange_oauth_code(
        self, body: models.Exchange, *, options: CallOptions = NO_OPTIONS
    ) -> models.SignedIn:
        """Exchange the one-time code of a sign-in in the browser for tokens.

        The code works once, for 60 seconds, with the verifier of the app's challenge.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `invalid_code`,
        `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `sign_up_closed`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="exchange_oauth_code",
            method="POST",
            path="/api/v1/auth/oauth/exchange",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def sign_in_with_provider(
        self,
        provider: enums.SocialProvider,
        body: models.NativeSignIn,
        *,
        options: CallOptions = NO_OPTIONS,
    ) -> models.SignedIn:
        """Sign in with the ID token of LINE's, Google's or Apple's native SDK.

        `nonce` comes from `POST /auth/nonce` and must be in the token.

        Problems: `account_suspended`, `app_check_failed`, `bad_request`, `headers_too_large`,
        `invalid_id_token`, `not_found`, `overloaded`, `payload_too_large`,
        `provider_not_enabled`, `provider_unavailable`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `sign_up_closed`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="sign_in_with_provider",
            method="POST",
            path=f"/api/v1/auth/oauth/{segment(provider)}",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def change_password(
        self, body: models.PasswordChange, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Change the password. The caller's other sessions and emailed reset links end.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `password_too_weak`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`,
        `wrong_password`.
        """
        call = Call(
            operation="change_password",
            method="POST",
            path="/api/v1/auth/password/change",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def forget_password(
        self, body: models.PasswordForgotten, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Email a link to set a new password. The answer is the same for any address.

        Problems: `bad_request`, `headers_too_large`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="forget_password",
            method="POST",
            path="/api/v1/auth/password/forgot",
            body=body,
            is_public=True,
            options=options,
        )
        await self._transport.send(call)

    async def reset_password(
        self, body: models.PasswordReset, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Set a new password with an emailed token. It works once, for 30 minutes. All sessions
        end.

        All other sign-in methods that were added before the address was confirmed are removed.

        Problems: `bad_request`, `headers_too_large`, `invalid_token`, `overloaded`,
        `password_too_weak`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="reset_password",
            method="POST",
            path="/api/v1/auth/password/reset",
            body=body,
            is_public=True,
            options=options,
        )
        await self._transport.send(call)

    async def prove_session(self, body: models.Proof, *, options: CallOptions = NO_OPTIONS) -> None:
        """Verify again who is using this session. It counts for the next ten minutes.

        Send the password, an ID token of a sign-in method that the account has, or the one-time
        code of such a sign-in in the browser. A Google token needs the nonce of `POST
        /auth/nonce`, or must have been issued within the last ten minutes. Linking, unlinking,
        changing the address and deleting the account need this if the sign-in is older and the
        call itself takes no password of the account. A refresh doesn't count. Wrong passwords
        count as at a sign-in.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `invalid_code`, `invalid_id_token`, `mfa_required`, `not_authenticated`, `overloaded`,
        `payload_too_large`, `provider_not_enabled`, `provider_unavailable`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`, `wrong_password`.
        """
        call = Call(
            operation="prove_session",
            method="POST",
            path="/api/v1/auth/proof",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def refresh_tokens(
        self, body: models.RefreshRequest, *, options: CallOptions = NO_OPTIONS
    ) -> models.TokenPair:
        """Get the next pair. A refresh token works once, and again for 30 seconds after that.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`,
        `invalid_refresh_token`, `overloaded`, `payload_too_large`, `rate_limited`,
        `refresh_token_reused`, `request_timeout`, `service_unavailable`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="refresh_tokens",
            method="POST",
            path="/api/v1/auth/refresh",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.TokenPair.parse)

    async def register(
        self, body: models.Register, *, options: CallOptions = NO_OPTIONS
    ) -> models.SignedIn:
        """Sign up by email. The password has 8 to 128 characters and isn't easy to guess.

        Problems: `app_check_failed`, `bad_request`, `email_taken`, `headers_too_large`,
        `mail_busy`, `nickname_reserved`, `overloaded`, `password_too_weak`,
        `payload_too_large`, `provider_unavailable`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `sign_up_closed`, `text_not_allowed`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="register",
            method="POST",
            path="/api/v1/auth/register",
            body=body,
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.SignedIn.parse)

    async def list_sessions(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Session]:
        """List the caller's sessions, newest first.

        Problems: `headers_too_large`, `invalid_cursor`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_sessions",
            method="GET",
            path="/api/v1/auth/sessions",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Session.parse))

    async def end_other_sessions(self, *, options: CallOptions = NO_OPTIONS) -> None:
        """Sign out of all other devices.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
        `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="end_other_sessions",
            method="DELETE",
            path="/api/v1/auth/sessions",
            options=options,
        )
        await self._transport.send(call)

    async def end_session(self, session_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Sign out one device.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `not_authenticated`,
        `not_found`, `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_not_found`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="end_session",
            method="DELETE",
            path=f"/api/v1/auth/sessions/{segment(session_id)}",
            options=options,
        )
        await self._transport.send(call)


class LiveApi:
    """The calls of `live`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_changes(
        self,
        *,
        since: str | None = None,
        topics: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Changes:
        """List what changed since a cursor, in some posts and lounges and for the caller.

        Without `since` the answer is only the current cursor. What concerns the caller
        (notifications, the badge, blocks) is always included. Each thing comes once, as the
        caller sees it now: `put`, or `gone`. A topic that the caller can't see is followed all
        the same, and reports nothing. While `more` is true, call again with the new cursor.
        After a `reset`, load the lists of its topics again (of all, if it names none), and
        continue from the cursor. The log reaches back 24 hours.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`, `invalid_topic`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `too_many_topics`,
        `validation_failed`.
        """
        call = Call(
            operation="list_changes",
            method="GET",
            path="/api/v1/changes",
            query={"since": since, "topics": topics},
            options=options,
        )
        return await self._transport.call(call, models.Changes.parse)


class CommentsApi:
    """The calls of `comments`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get_comment(
        self, comment_id: str, *, context: bool | None = None, options: CallOptions = NO_OPTIONS
    ) -> models.CommentInContext:
        """Get a comment or reply, as its list shows it.

        A reply to a comment that the caller can't see is not found, unless it is the caller's
        own.

        Problems: `account_suspended`, `comment_not_found`, `headers_too_large`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="get_comment",
            method="GET",
            path=f"/api/v1/comments/{segment(comment_id)}",
            query={"context": context},
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.CommentInContext.parse)

    async def update_comment(
        self,
        comment_id: str,
        body: models.CommentUpdate,
        *,
        if_match: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Comment:
        """Edit the caller's own comment.

        Problems: `account_suspended`, `bad_request`, `comment_not_found`, `email_unverified`,
        `guest_not_allowed`, `headers_too_large`, `mfa_required`, `new_account_link`,
        `not_authenticated`, `not_author`, `not_found`, `overloaded`, `payload_too_large`,
        `post_not_found`, `precondition_failed`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="update_comment",
            method="PATCH",
            path=f"/api/v1/comments/{segment(comment_id)}",
            headers={"If-Match": if_match},
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Comment.parse)

    async def delete_comment(
        self, comment_id: str, *, if_match: str | None = None, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Delete the caller's own comment. If it has replies, an empty placeholder remains.

        Authors can also delete what they wrote below a post that is deleted, hidden or held,
        though the comment can't be read there.

        Problems: `account_suspended`, `bad_request`, `comment_not_found`, `guest_not_allowed`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `not_author`, `not_found`,
        `overloaded`, `payload_too_large`, `precondition_failed`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="delete_comment",
            method="DELETE",
            path=f"/api/v1/comments/{segment(comment_id)}",
            headers={"If-Match": if_match},
            options=options,
        )
        await self._transport.send(call)

    async def list_comments(
        self,
        post_id: str,
        *,
        parent_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Comment]:
        """List a post's top-level comments, or the replies to one of them, oldest first.

        Problems: `account_suspended`, `comment_not_found`, `headers_too_large`,
        `invalid_cursor`, `not_authenticated`, `not_found`, `overloaded`, `post_not_found`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_comments",
            method="GET",
            path=f"/api/v1/posts/{segment(post_id)}/comments",
            query={"parent_id": parent_id, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Comment.parse))

    async def create_comment(
        self, post_id: str, body: models.CommentCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Comment:
        """Comment on a post, or reply to a comment.

        Notifies the post's author; of a reply, also the author of the parent comment; of a top-
        level comment, also those who watch the post. A held comment notifies only once it is
        released.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
        `invalid_parent`, `lounge_closed`, `mfa_required`, `new_account_link`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `terms_required`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="create_comment",
            method="POST",
            path=f"/api/v1/posts/{segment(post_id)}/comments",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Comment.parse)

    async def list_my_comments(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Comment]:
        """List the caller's own comments, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_my_comments",
            method="GET",
            path="/api/v1/users/me/comments",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Comment.parse))


class ImagesApi:
    """The calls of `images`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def upload_image(
        self, file: Upload, *, options: CallOptions = NO_OPTIONS
    ) -> models.PostImage:
        """Upload an image for a post. An image that no post uses within 24 hours is deleted.

        The server encodes it again: upright, in sRGB, without any metadata, in two sizes. The
        operator may have images checked. An image can then be refused, or a post with it held
        for review. Until an admin releases it, the URLs of that image are those of `GET
        /images/{image_id}/{size}`.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
        `invalid_image`, `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`,
        `picture_refused`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
        `unsupported_image`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="upload_image",
            method="POST",
            path="/api/v1/images",
            upload=file,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.PostImage.parse)

    async def get_image(
        self, image_id: str, size: enums.PictureSize, *, options: CallOptions = NO_OPTIONS
    ) -> bytes:
        """Get an image that is held for review. Only its owner and admins find it.

        Send the bearer token. Once its post is released, answers have the image's public URL.

        Problems: `headers_too_large`, `not_found`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_image",
            method="GET",
            path=f"/api/v1/images/{segment(image_id)}/{segment(size)}",
            options=options,
        )
        return await self._transport.fetch(call)


class LoungeRequestsApi:
    """The calls of `lounge_requests`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_lounge_requests(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.LoungeRequest]:
        """List the caller's own requests, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_lounge_requests",
            method="GET",
            path="/api/v1/lounge-requests",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.LoungeRequest.parse))

    async def create_lounge_request(
        self, body: models.LoungeRequestCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.LoungeRequestCreated:
        """Request a new lounge. The answer lists existing lounges with similar names.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
        `lounge_name_taken`, `mfa_required`, `not_authenticated`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
        `too_many_pending`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="create_lounge_request",
            method="POST",
            path="/api/v1/lounge-requests",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.LoungeRequestCreated.parse)

    async def get_lounge_request(
        self, request_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.LoungeRequest:
        """Get one of the caller's own requests.

        Problems: `account_suspended`, `headers_too_large`, `lounge_request_not_found`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_lounge_request",
            method="GET",
            path=f"/api/v1/lounge-requests/{segment(request_id)}",
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.LoungeRequest.parse)

    async def withdraw_lounge_request(
        self, request_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Withdraw a pending request.

        Problems: `account_suspended`, `already_decided`, `bad_request`, `headers_too_large`,
        `lounge_request_not_found`, `mfa_required`, `not_authenticated`, `not_found`,
        `overloaded`, `payload_too_large`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="withdraw_lounge_request",
            method="DELETE",
            path=f"/api/v1/lounge-requests/{segment(request_id)}",
            options=options,
        )
        await self._transport.send(call)


class LoungesApi:
    """The calls of `lounges`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_lounges(
        self,
        *,
        sort: enums.LoungeSort | None = None,
        q: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Lounge]:
        """List all open lounges; with `q`, those whose names have all its words.

        If a lounge's popularity changes while you page, it may appear twice or not at all: drop
        duplicates by id.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_lounges",
            method="GET",
            path="/api/v1/lounges",
            query={"sort": sort, "q": q, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Lounge.parse))

    async def list_favorite_lounges(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Lounge]:
        """List the caller's favorites, latest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_favorite_lounges",
            method="GET",
            path="/api/v1/lounges/favorites",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Lounge.parse))

    async def list_recent_lounges(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Lounge]:
        """List the open lounges that the caller opened last, each once, up to 50.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_recent_lounges",
            method="GET",
            path="/api/v1/lounges/recent",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Lounge.parse))

    async def forget_recent_lounges(self, *, options: CallOptions = NO_OPTIONS) -> None:
        """Clear the caller's recent lounges. `has_new` stays as it is.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="forget_recent_lounges",
            method="DELETE",
            path="/api/v1/lounges/recent",
            options=options,
        )
        await self._transport.send(call)

    async def get_lounge(
        self, lounge_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.Lounge:
        """Get a lounge. It becomes the first of the caller's recent lounges.

        `has_new` describes the time before this view. It does not count for the `ETag`.

        Problems: `account_suspended`, `headers_too_large`, `lounge_not_found`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_lounge",
            method="GET",
            path=f"/api/v1/lounges/{segment(lounge_id)}",
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.Lounge.parse)

    async def add_favorite_lounge(
        self, lounge_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Add a lounge to the favorites. Does nothing if it already is one.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_not_found`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="add_favorite_lounge",
            method="PUT",
            path=f"/api/v1/lounges/{segment(lounge_id)}/favorite",
            options=options,
        )
        await self._transport.send(call)

    async def remove_favorite_lounge(
        self, lounge_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Remove a lounge from the favorites.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_not_found`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="remove_favorite_lounge",
            method="DELETE",
            path=f"/api/v1/lounges/{segment(lounge_id)}/favorite",
            options=options,
        )
        await self._transport.send(call)

    async def set_lounge_notifications(
        self, lounge_id: str, body: models.LoungeNotifications, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Choose whether the caller is notified of the lounge's new posts.

        With `all`, each new post by another user is a notification (`lounge_post`). A lounge is
        pushed once an hour at most: the first push is sent immediately, with the post's title.
        The next says how many posts were added since. A closed lounge can't be set to `all`.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `lounge_closed`,
        `lounge_not_found`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="set_lounge_notifications",
            method="PUT",
            path=f"/api/v1/lounges/{segment(lounge_id)}/notifications",
            body=body,
            options=options,
        )
        await self._transport.send(call)


class PostsApi:
    """The calls of `posts`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_lounge_posts(
        self,
        lounge_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Post]:
        """List a lounge's posts, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `lounge_not_found`, `not_authenticated`, `not_found`, `overloaded`, `rate_limited`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `validation_failed`.
        """
        call = Call(
            operation="list_lounge_posts",
            method="GET",
            path=f"/api/v1/lounges/{segment(lounge_id)}/posts",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Post.parse))

    async def list_posts(
        self,
        *,
        q: str | None = None,
        lounge_id: str | None = None,
        author_id: str | None = None,
        feed: enums.PostFeed | None = None,
        sort: enums.PostSort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Post]:
        """List all posts that the caller may see, newest first. The parameters narrow the list.

        With `q` or `feed` a page may be short or empty before the end: only `next_cursor: null`
        marks the end. `sort=relevance` requires `q` and can't be combined with `feed`. Posts
        with the words in the title then come first, up to 200. If a post's text changes while
        you page, it may appear twice or not at all.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_posts",
            method="GET",
            path="/api/v1/posts",
            query={
                "q": q,
                "lounge_id": lounge_id,
                "author_id": author_id,
                "feed": feed,
                "sort": sort,
                "limit": limit,
                "cursor": cursor,
            },
            options=options,
        )
        return await self._transport.call(call, page_of(models.Post.parse))

    async def create_post(
        self, body: models.PostCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Post:
        """Create a post with up to ten of the caller's uploaded images.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`,
        `image_not_available`, `lounge_closed`, `lounge_not_found`, `mfa_required`,
        `new_account_link`, `not_authenticated`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `terms_required`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="create_post",
            method="POST",
            path="/api/v1/posts",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Post.parse)

    async def get_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> models.Post:
        """Get a post.

        Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `not_found`,
        `overloaded`, `post_not_found`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`.
        """
        call = Call(
            operation="get_post",
            method="GET",
            path=f"/api/v1/posts/{segment(post_id)}",
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.Post.parse)

    async def update_post(
        self,
        post_id: str,
        body: models.PostUpdate,
        *,
        if_match: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Post:
        """Edit the caller's own post. Fields that are not sent stay as they are.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `image_not_available`, `mfa_required`, `new_account_link`,
        `not_authenticated`, `not_author`, `not_found`, `overloaded`, `payload_too_large`,
        `post_not_found`, `precondition_failed`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="update_post",
            method="PATCH",
            path=f"/api/v1/posts/{segment(post_id)}",
            headers={"If-Match": if_match},
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Post.parse)

    async def delete_post(
        self, post_id: str, *, if_match: str | None = None, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Delete the caller's own post and its images.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_author`, `not_found`, `overloaded`,
        `payload_too_large`, `post_not_found`, `precondition_failed`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="delete_post",
            method="DELETE",
            path=f"/api/v1/posts/{segment(post_id)}",
            headers={"If-Match": if_match},
            options=options,
        )
        await self._transport.send(call)

    async def replace_post_images(
        self,
        post_id: str,
        body: models.PostImages,
        *,
        if_match: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Post:
        """Replace the images of the caller's own post, in this order.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `image_not_available`, `mfa_required`, `not_authenticated`,
        `not_author`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `precondition_failed`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `terms_required`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="replace_post_images",
            method="PUT",
            path=f"/api/v1/posts/{segment(post_id)}/images",
            headers={"If-Match": if_match},
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Post.parse)

    async def like_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Like a post. Liking it again changes nothing.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `post_not_found`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `terms_required`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="like_post",
            method="PUT",
            path=f"/api/v1/posts/{segment(post_id)}/like",
            options=options,
        )
        await self._transport.send(call)

    async def unlike_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Remove the caller's like from a post.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
        `post_not_found`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="unlike_post",
            method="DELETE",
            path=f"/api/v1/posts/{segment(post_id)}/like",
            options=options,
        )
        await self._transport.send(call)

    async def mute_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Mute a post: hide it and its notifications from the caller.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="mute_post",
            method="PUT",
            path=f"/api/v1/posts/{segment(post_id)}/mute",
            options=options,
        )
        await self._transport.send(call)

    async def unmute_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Unmute a post.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="unmute_post",
            method="DELETE",
            path=f"/api/v1/posts/{segment(post_id)}/mute",
            options=options,
        )
        await self._transport.send(call)

    async def watch_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Watch a post: notify the caller of each new top-level comment (`watched`).

        The post's author gets `comment` as before, never both.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="watch_post",
            method="PUT",
            path=f"/api/v1/posts/{segment(post_id)}/watch",
            options=options,
        )
        await self._transport.send(call)

    async def unwatch_post(self, post_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Stop watching a post.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `post_not_found`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="unwatch_post",
            method="DELETE",
            path=f"/api/v1/posts/{segment(post_id)}/watch",
            options=options,
        )
        await self._transport.send(call)

    async def list_my_likes(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Post]:
        """List the posts that the caller likes, latest like first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_my_likes",
            method="GET",
            path="/api/v1/users/me/likes",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Post.parse))

    async def list_mutes(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Mute]:
        """List the posts that the caller has muted, latest mute first.

        Posts that were deleted or hidden, or whose author the caller has blocked, are left out.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_mutes",
            method="GET",
            path="/api/v1/users/me/mutes",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Mute.parse))

    async def list_my_posts(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Post]:
        """List the caller's own posts, newest first, including those held for review.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_my_posts",
            method="GET",
            path="/api/v1/users/me/posts",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Post.parse))

    async def list_user_posts(
        self,
        user_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Post]:
        """List a user's posts, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `not_found`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `user_not_found`,
        `validation_failed`.
        """
        call = Call(
            operation="list_user_posts",
            method="GET",
            path=f"/api/v1/users/{segment(user_id)}/posts",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Post.parse))


class MetaApi:
    """The calls of `meta`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get_meta(self, *, options: CallOptions = NO_OPTIONS) -> models.Meta:
        """Get limits, sign-in methods, the oldest app version that works, terms and contact.

        Problems: `headers_too_large`, `overloaded`, `rate_limited`, `service_unavailable`.
        """
        call = Call(
            operation="get_meta",
            method="GET",
            path="/api/v1/meta",
            is_public=True,
            options=options,
        )
        return await self._transport.call(call, models.Meta.parse)


class NotificationsApi:
    """The calls of `notifications`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_notifications(
        self,
        *,
        unread: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.NotificationItem]:
        """List the caller's notifications, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_notifications",
            method="GET",
            path="/api/v1/notifications",
            query={"unread": unread, "limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.NotificationItem.parse))

    async def register_device(
        self, install_id: str, body: models.DeviceRegistration, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Register an installation for pushes. Call this at each start and when the value changes.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="register_device",
            method="PUT",
            path=f"/api/v1/notifications/devices/{segment(install_id)}",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def remove_device(self, install_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Stop pushing to this installation.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="remove_device",
            method="DELETE",
            path=f"/api/v1/notifications/devices/{segment(install_id)}",
            options=options,
        )
        await self._transport.send(call)

    async def mark_notifications_read(
        self, body: models.MarkRead, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Mark the given notifications, or all, as read. Other users' ids are ignored.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="mark_notifications_read",
            method="POST",
            path="/api/v1/notifications/read",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def get_notification_settings(
        self, *, options: CallOptions = NO_OPTIONS
    ) -> models.NotificationSettings:
        """Get what is pushed to the caller.

        Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`.
        """
        call = Call(
            operation="get_notification_settings",
            method="GET",
            path="/api/v1/notifications/settings",
            options=options,
        )
        return await self._transport.call(call, models.NotificationSettings.parse)

    async def update_notification_settings(
        self, body: models.NotificationSettingsUpdate, *, options: CallOptions = NO_OPTIONS
    ) -> models.NotificationSettings:
        """Change what is pushed. Fields that are not sent stay as they are.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="update_notification_settings",
            method="PATCH",
            path="/api/v1/notifications/settings",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.NotificationSettings.parse)

    async def count_unread_notifications(
        self, *, options: CallOptions = NO_OPTIONS
    ) -> models.UnreadCount:
        """Count the unread notifications, for the badge. The count stops at 999.

        Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`.
        """
        call = Call(
            operation="count_unread_notifications",
            method="GET",
            path="/api/v1/notifications/unread-count",
            options=options,
        )
        return await self._transport.call(call, models.UnreadCount.parse)

    async def note_notification_opened(
        self, notification_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Record that the push of a notification was opened. Calling it again does nothing.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `notification_not_found`, `overloaded`,
        `payload_too_large`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="note_notification_opened",
            method="POST",
            path=f"/api/v1/notifications/{segment(notification_id)}/opened",
            options=options,
        )
        await self._transport.send(call)


class ReportsApi:
    """The calls of `reports`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_own_reports(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Report]:
        """List the caller's own reports, newest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_own_reports",
            method="GET",
            path="/api/v1/reports",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Report.parse))

    async def create_report(
        self, body: models.ReportCreate, *, options: CallOptions = NO_OPTIONS
    ) -> models.Report:
        """Report a post, a comment, a user or a lounge. The server keeps a copy of it.

        If the same user reports the same target again while the first report is open, the
        answer is that report (200). After the decision a new report opens a new case (201).

        Problems: `account_suspended`, `bad_request`, `cannot_report_self`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `mfa_required`,
        `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `target_not_found`,
        `token_expired`, `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="create_report",
            method="POST",
            path="/api/v1/reports",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Report.parse)


class UsersApi:
    """The calls of `users`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get_me(self, *, options: CallOptions = NO_OPTIONS) -> models.Me:
        """Get the caller's account.

        Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`.
        """
        call = Call(
            operation="get_me",
            method="GET",
            path="/api/v1/users/me",
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.Me.parse)

    async def update_me(
        self,
        body: models.MeUpdate,
        *,
        if_match: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Me:
        """Update the caller's account. Fields that are not sent (or null) stay as they are.

        A guest can change only `locale`.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `mfa_required`, `nickname_reserved`, `not_authenticated`,
        `overloaded`, `payload_too_large`, `precondition_failed`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
        `text_not_allowed`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="update_me",
            method="PATCH",
            path="/api/v1/users/me",
            headers={"If-Match": if_match},
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Me.parse)

    async def leave(
        self, body: models.Leave | None | None = None, *, options: CallOptions = NO_OPTIONS
    ) -> models.Leaving:
        """Delete the caller's account permanently. An account with a password must send it.

        One without needs a session that was verified within the last ten minutes, by its sign-
        in or by `POST /auth/proof`. A guest needs neither.

        Its content is hidden immediately, and its tokens stop working. Soon after, all of it is
        erased.

        Apple and LINE are notified that the app is disconnected. LINE needs a token of the
        user: `line_access_token` of its SDK, or what a sign-in in the browser left here.
        Without one `unlink_at_provider` is true: the user may unlink the app in LINE.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `last_admin`,
        `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`,
        `proof_required`, `rate_limited`, `request_timeout`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `unsupported_media_type`,
        `validation_failed`, `wrong_password`.
        """
        call = Call(
            operation="leave",
            method="DELETE",
            path="/api/v1/users/me",
            body=body,
            options=options,
        )
        return await self._transport.call(call, models.Leaving.parse)

    async def change_avatar(self, file: Upload, *, options: CallOptions = NO_OPTIONS) -> models.Me:
        """Set the caller's avatar.

        Problems: `account_suspended`, `bad_request`, `email_unverified`, `guest_not_allowed`,
        `headers_too_large`, `invalid_image`, `mfa_required`, `not_authenticated`, `overloaded`,
        `payload_too_large`, `picture_not_checked`, `picture_refused`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `terms_required`,
        `token_expired`, `token_invalid`, `unsupported_image`, `unsupported_media_type`,
        `validation_failed`.
        """
        call = Call(
            operation="change_avatar",
            method="PUT",
            path="/api/v1/users/me/avatar",
            upload=file,
            options=options,
        )
        return await self._transport.call(call, models.Me.parse)

    async def remove_avatar(self, *, options: CallOptions = NO_OPTIONS) -> models.Me:
        """Remove the caller's avatar.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="remove_avatar",
            method="DELETE",
            path="/api/v1/users/me/avatar",
            options=options,
        )
        return await self._transport.call(call, models.Me.parse)

    async def list_blocks(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Author]:
        """List the users whom the caller has blocked, latest first.

        Problems: `account_suspended`, `headers_too_large`, `invalid_cursor`,
        `not_authenticated`, `overloaded`, `rate_limited`, `service_unavailable`,
        `session_revoked`, `token_expired`, `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_blocks",
            method="GET",
            path="/api/v1/users/me/blocks",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Author.parse))

    async def export_me(self, *, options: CallOptions = NO_OPTIONS) -> JsonObject:
        """Export all data of the caller as one JSON object. A user gets one export at a time.

        Problems: `headers_too_large`, `mfa_required`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`.
        """
        call = Call(
            operation="export_me",
            method="GET",
            path="/api/v1/users/me/export",
            options=options,
        )
        return await self._transport.call(call, as_object)

    async def get_profile(
        self, user_id: str, *, options: CallOptions = NO_OPTIONS
    ) -> models.Profile:
        """Get a user's profile, as other users see it.

        Problems: `account_suspended`, `headers_too_large`, `not_authenticated`, `not_found`,
        `overloaded`, `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `user_not_found`.
        """
        call = Call(
            operation="get_profile",
            method="GET",
            path=f"/api/v1/users/{segment(user_id)}",
            cached=True,
            options=options,
        )
        return await self._transport.call(call, models.Profile.parse)

    async def block_user(self, user_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Block a user: hide them, their posts and comments from the caller. They are not
        notified.

        A caller can block up to 5,000 users.

        Problems: `account_suspended`, `bad_request`, `cannot_block_self`, `headers_too_large`,
        `mfa_required`, `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`,
        `rate_limited`, `request_timeout`, `service_unavailable`, `session_revoked`,
        `token_expired`, `token_invalid`, `too_many_blocks`, `unsupported_media_type`,
        `user_not_found`, `validation_failed`.
        """
        call = Call(
            operation="block_user",
            method="PUT",
            path=f"/api/v1/users/{segment(user_id)}/block",
            options=options,
        )
        await self._transport.send(call)

    async def unblock_user(self, user_id: str, *, options: CallOptions = NO_OPTIONS) -> None:
        """Unblock a user. Nothing happens if the user was not blocked.

        Problems: `account_suspended`, `bad_request`, `headers_too_large`, `mfa_required`,
        `not_authenticated`, `not_found`, `overloaded`, `payload_too_large`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="unblock_user",
            method="DELETE",
            path=f"/api/v1/users/{segment(user_id)}/block",
            options=options,
        )
        await self._transport.send(call)


class IdentitiesApi:
    """The calls of `identities`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def change_my_email(
        self, body: models.EmailChange, *, options: CallOptions = NO_OPTIONS
    ) -> None:
        """Request a change of address: the new one gets a link, and the old one a security notice.

        Nothing changes until the link is used. An account with a password must send it. One
        without needs a session that was verified within the last ten minutes, by its sign-in or
        by `POST /auth/proof`.

        Problems: `account_suspended`, `bad_request`, `email_taken`, `guest_not_allowed`,
        `headers_too_large`, `mfa_required`, `not_authenticated`, `overloaded`,
        `payload_too_large`, `proof_required`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`, `wrong_password`.
        """
        call = Call(
            operation="change_my_email",
            method="POST",
            path="/api/v1/users/me/email",
            body=body,
            options=options,
        )
        await self._transport.send(call)

    async def list_identities(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        options: CallOptions = NO_OPTIONS,
    ) -> Page[models.Identity]:
        """List the sign-in methods of the caller's account, oldest first.

        There are at most four, one of each kind. They come in one page, whatever `limit` says,
        and no cursor leads to another.

        Problems: `headers_too_large`, `invalid_cursor`, `not_authenticated`, `overloaded`,
        `rate_limited`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `validation_failed`.
        """
        call = Call(
            operation="list_identities",
            method="GET",
            path="/api/v1/users/me/identities",
            query={"limit": limit, "cursor": cursor},
            options=options,
        )
        return await self._transport.call(call, page_of(models.Identity.parse))

    async def add_email_identity(
        self, body: models.EmailAndPassword, *, options: CallOptions = NO_OPTIONS
    ) -> models.Identity:
        """Add an email address and password to an account without one. A link verifies the
        address.

        The password has 8 to 128 characters of any script and isn't easy to guess. The session
        must have been verified within the last ten minutes, by its sign-in or by `POST
        /auth/proof`.

        Problems: `account_suspended`, `bad_request`, `email_taken`, `guest_not_allowed`,
        `headers_too_large`, `idempotency_in_progress`, `idempotency_key_reused`, `mail_busy`,
        `mfa_required`, `not_authenticated`, `overloaded`, `password_too_weak`,
        `payload_too_large`, `proof_required`, `provider_already_linked`, `rate_limited`,
        `request_timeout`, `service_unavailable`, `session_revoked`, `token_expired`,
        `token_invalid`, `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="add_email_identity",
            method="POST",
            path="/api/v1/users/me/identities/email",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Identity.parse)

    async def link_identity_by_code(
        self, body: models.Exchange, *, options: CallOptions = NO_OPTIONS
    ) -> models.Identity:
        """Link the identity that a browser brought back, with the one-time code of `...callback`.

        The code works once, for 60 seconds, with the verifier of the app's challenge. It
        creates no account. The session must have been verified within the last ten minutes, by
        its sign-in or by `POST /auth/proof`; otherwise the code is not used up.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `identity_taken`, `invalid_code`,
        `mfa_required`, `not_authenticated`, `overloaded`, `payload_too_large`,
        `proof_required`, `provider_already_linked`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="link_identity_by_code",
            method="POST",
            path="/api/v1/users/me/identities/exchange",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Identity.parse)

    async def link_identity(
        self,
        provider: enums.SocialProvider,
        body: models.LinkProvider,
        *,
        options: CallOptions = NO_OPTIONS,
    ) -> models.Identity:
        """Link an identity with the ID token of LINE's, Google's or Apple's native SDK.

        The checks are those of a sign-in, including the nonce of `POST /auth/nonce`. A Google
        token may come without a nonce only if it was issued within the last ten minutes. An
        account has one identity of each kind. The session must have been verified within the
        last ten minutes, by its sign-in or by `POST /auth/proof`; otherwise the nonce is not
        used up.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `idempotency_in_progress`, `idempotency_key_reused`, `identity_taken`,
        `invalid_id_token`, `mfa_required`, `not_authenticated`, `not_found`, `overloaded`,
        `payload_too_large`, `proof_required`, `provider_already_linked`,
        `provider_not_enabled`, `provider_unavailable`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`.
        """
        call = Call(
            operation="link_identity",
            method="POST",
            path=f"/api/v1/users/me/identities/{segment(provider)}",
            body=body,
            keyed=True,
            options=options,
        )
        return await self._transport.call(call, models.Identity.parse)

    async def unlink_identity(
        self,
        provider: enums.DoorChoice,
        body: models.Unlink | None | None = None,
        *,
        options: CallOptions = NO_OPTIONS,
    ) -> None:
        """Remove a sign-in method. An account with a password must send it. The last one stays.

        An account without a password needs a session that was verified within the last ten
        minutes, by its sign-in or by `POST /auth/proof`.

        The other sessions that began with it end, and Apple and LINE are notified that the app
        is disconnected. LINE needs a token of the user: `line_access_token` of its SDK, or what
        a sign-in in the browser left here. Without one the answer has `Linky-Unlink: line`: the
        user may unlink the app in LINE.

        Problems: `account_suspended`, `bad_request`, `guest_not_allowed`, `headers_too_large`,
        `identity_not_found`, `last_identity`, `mfa_required`, `not_authenticated`, `not_found`,
        `overloaded`, `payload_too_large`, `proof_required`, `rate_limited`, `request_timeout`,
        `service_unavailable`, `session_revoked`, `token_expired`, `token_invalid`,
        `unsupported_media_type`, `validation_failed`, `wrong_password`.
        """
        call = Call(
            operation="unlink_identity",
            method="DELETE",
            path=f"/api/v1/users/me/identities/{segment(provider)}",
            body=body,
            options=options,
        )
        await self._transport.send(call)


class Apis:
    """All calls, by their groups."""

    def __init__(self, transport: Transport) -> None:
        self.admin = AdminApi(transport)
        self.appeals = AppealsApi(transport)
        self.auth = AuthApi(transport)
        self.live = LiveApi(transport)
        self.comments = CommentsApi(transport)
        self.images = ImagesApi(transport)
        self.lounge_requests = LoungeRequestsApi(transport)
        self.lounges = LoungesApi(transport)
        self.posts = PostsApi(transport)
        self.meta = MetaApi(transport)
        self.notifications = NotificationsApi(transport)
        self.reports = ReportsApi(transport)
        self.users = UsersApi(transport)
        self.identities = IdentitiesApi(transport)
