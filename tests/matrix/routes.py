"""Every route of the API: who may call it, and the rule for each of its ids.

Here a new route is added. An id is a parameter in the path, the query or the body that ends in `id`
or `ids`, or has the format of a UUID. In `body` stands what else the route needs; `{post_id}` is
filled with the caller's or the thing's.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.matrix import rules
from tests.matrix.rules import Rule, nothing_refused
from tests.matrix.things import Kind
from tests.support.world import picture


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "all, without a token"
    USER = "guests and users"
    OWNER = "the holder of an open session, suspended or not"
    OWNER_OR_NOBODY = "the same; without a token the thing is not found"
    PRESENT = "the holder of an open session who is not suspended"
    MEMBER = "users who are not guests"
    AUTHOR = "users who have accepted the terms, too"
    ADMIN = "admins"


@dataclass(frozen=True)
class Route:
    access: Access
    rules: dict[str, Rule]
    body: dict[str, Any] = field(default_factory=dict)


def public(**rules: Rule) -> Route:
    return Route(Access.PUBLIC, rules)


def user(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.USER, rules, body or {})


def owner(**rules: Rule) -> Route:
    return Route(Access.OWNER, rules)


def owner_or_nobody(**rules: Rule) -> Route:
    return Route(Access.OWNER_OR_NOBODY, rules)


def present(**rules: Rule) -> Route:
    return Route(Access.PRESENT, rules)


def member(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.MEMBER, rules, body or {})


def author(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.AUTHOR, rules, body or {})


def admin(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.ADMIN, rules, body or {})


BODY = {"body": "言葉"}
POST = {"lounge_id": "{lounge_id}", "title": "題", "body": "言葉"}
REASON = {"reason": "理由"}
WARNING = {**REASON, "target_type": "{target_type}", "target_id": "{user_id}"}
DEVICE = {"kind": "fid", "value": "push-value", "platform": "ios"}
FILE = {"file": picture()}
REPORT = {"target_type": "{target_type}", "reason": "spam"}

ROUTES: dict[str, Route] = {
    # Signing in
    "POST /auth/register": public(),
    "POST /auth/login": public(),
    "POST /auth/guest": public(),
    "POST /auth/guest/upgrade": user(),
    "POST /auth/guest/upgrade/{provider}": user(),
    "POST /auth/refresh": public(),
    "POST /auth/logout": public(),
    "POST /auth/nonce": public(),
    "POST /auth/oauth/exchange": public(),
    "POST /auth/oauth/{provider}": public(),
    "GET /auth/oauth/{provider}/authorize": public(),
    "GET /auth/oauth/{provider}/callback": public(),
    "POST /auth/oauth/apple/callback": public(),
    "POST /auth/password/forgot": public(),
    "POST /auth/password/reset": public(),
    "POST /auth/email/change": public(),
    # The doors to the caller's own account
    "GET /users/me/identities": owner(),
    "POST /users/me/identities/{provider}": member(),
    "POST /users/me/identities/exchange": member(),
    "POST /users/me/identities/email": member(),
    "DELETE /users/me/identities/{provider}": member(),
    "POST /users/me/email": member(),
    "POST /auth/password/change": user(),
    "POST /auth/mfa": user(),
    "POST /auth/proof": member(),
    "POST /auth/email/verify": public(),
    "POST /auth/email/resend": user(),
    "GET /auth/sessions": owner(),
    "DELETE /auth/sessions": user(),
    "DELETE /auth/sessions/{session_id}": user(session_id=rules.end_session),
    # Users
    "GET /users/me": user(),
    "PATCH /users/me": user(),
    "DELETE /users/me": user(),
    "PUT /users/me/avatar": author(),
    "DELETE /users/me/avatar": member(),
    "GET /users/me/export": owner(),
    "GET /users/me/posts": user(),
    "GET /users/me/comments": user(),
    "GET /users/me/likes": user(),
    "GET /users/me/mutes": user(),
    "GET /users/me/blocks": user(),
    "GET /users/{user_id}": user(user_id=rules.read_user),
    "GET /users/{user_id}/posts": user(user_id=rules.read_user),
    "PUT /users/{user_id}/block": user(user_id=rules.block_user),
    "DELETE /users/{user_id}/block": user(user_id=rules.unblock_user),
    # Lounges
    "GET /lounges": user(),
    "GET /lounges/favorites": user(),
    "GET /lounges/recent": user(),
    "DELETE /lounges/recent": user(),
    "GET /lounges/{lounge_id}": user(lounge_id=rules.read_lounge),
    "GET /lounges/{lounge_id}/posts": user(lounge_id=rules.read_lounge),
    "PUT /lounges/{lounge_id}/favorite": user(lounge_id=rules.read_lounge),
    "DELETE /lounges/{lounge_id}/favorite": user(lounge_id=rules.read_lounge),
    "PUT /lounges/{lounge_id}/notifications": user({"level": "all"}, lounge_id=rules.read_lounge),
    # Posts
    "POST /images": author(),
    "GET /images/{image_id}/{size}": owner_or_nobody(image_id=rules.read_image),
    "GET /posts": user(
        lounge_id=nothing_refused(Kind.LOUNGE), author_id=nothing_refused(Kind.USER)
    ),
    "POST /posts": author(POST, lounge_id=rules.post_in_lounge, image_ids=rules.take_image),
    "GET /posts/{post_id}": user(post_id=rules.read_post),
    "PATCH /posts/{post_id}": author(BODY, post_id=rules.change_post, image_ids=rules.take_image),
    "PUT /posts/{post_id}/images": author(
        {"image_ids": []}, post_id=rules.change_post, image_ids=rules.take_image
    ),
    "DELETE /posts/{post_id}": member(post_id=rules.change_post),
    "PUT /posts/{post_id}/like": author(post_id=rules.read_post),
    "DELETE /posts/{post_id}/like": member(post_id=rules.unmark_post),
    "PUT /posts/{post_id}/mute": user(post_id=rules.mute_post),
    "DELETE /posts/{post_id}/mute": user(post_id=rules.unmark_post),
    "PUT /posts/{post_id}/watch": user(post_id=rules.read_post),
    "DELETE /posts/{post_id}/watch": user(post_id=rules.unmark_post),
    # Comments
    "GET /posts/{post_id}/comments": user(post_id=rules.read_post, parent_id=rules.list_replies),
    "POST /posts/{post_id}/comments": author(
        BODY, post_id=rules.comment_on_post, parent_id=rules.reply
    ),
    "GET /comments/{comment_id}": user(comment_id=rules.read_comment),
    "PATCH /comments/{comment_id}": author(BODY, comment_id=rules.change_comment),
    "DELETE /comments/{comment_id}": member(comment_id=rules.delete_comment),
    # Notifications
    "GET /notifications": user(),
    "GET /notifications/unread-count": user(),
    "GET /notifications/settings": user(),
    "GET /changes": present(),
    "GET /live": present(),
    "PATCH /notifications/settings": user(),
    "POST /notifications/read": user(ids=nothing_refused(Kind.NOTIFICATION)),
    "POST /notifications/{notification_id}/opened": user(notification_id=rules.open_notification),
    "PUT /notifications/devices/{install_id}": user(
        DEVICE, install_id=nothing_refused(Kind.DEVICE)
    ),
    "DELETE /notifications/devices/{install_id}": user(install_id=nothing_refused(Kind.DEVICE)),
    # Requests and reports
    "GET /lounge-requests": user(),
    "POST /lounge-requests": author(),
    "GET /lounge-requests/{request_id}": user(request_id=rules.read_request),
    "DELETE /lounge-requests/{request_id}": user(request_id=rules.withdraw_request),
    "POST /reports": user(REPORT, target_id=rules.report),
    "GET /appeals": user(),
    "POST /appeals": user({"text": "誤解です"}, notification_id=rules.appeal),
    # Admins
    "GET /admin/lounge-requests": admin(),
    "POST /admin/lounge-requests/{request_id}/approve": admin(request_id=rules.decide_request),
    "POST /admin/lounge-requests/{request_id}/reject": admin(
        REASON, request_id=rules.decide_request
    ),
    "GET /admin/users": admin(),
    "GET /admin/users/{user_id}": admin(user_id=rules.manage_user),
    "PATCH /admin/users/{user_id}": admin(REASON, user_id=rules.manage_user),
    "POST /admin/users/{user_id}/warn": admin(
        WARNING, user_id=rules.manage_user, target_id=rules.warn_about
    ),
    "GET /admin/appeals": admin(),
    "POST /admin/appeals/{appeal_id}/decide": admin(
        {"decision": "uphold"}, appeal_id=rules.no_appeal
    ),
    "GET /admin/announcements": admin(),
    "POST /admin/announcements": admin(),
    "DELETE /admin/announcements/{announcement_id}": admin(announcement_id=rules.no_announcement),
    "POST /admin/lounges": admin(),
    "PATCH /admin/lounges/{lounge_id}": admin({"description": "説明"}, lounge_id=rules.read_lounge),
    "PUT /admin/lounges/{lounge_id}/cover": admin(FILE, lounge_id=rules.read_lounge),
    "DELETE /admin/lounges/{lounge_id}/cover": admin(lounge_id=rules.read_lounge),
    "DELETE /admin/lounges/{lounge_id}": admin(lounge_id=rules.read_lounge),
    "POST /admin/posts/{post_id}/hide": admin(REASON, post_id=rules.moderate_post),
    "POST /admin/posts/{post_id}/restore": admin(REASON, post_id=rules.moderate_post),
    "POST /admin/comments/{comment_id}/hide": admin(REASON, comment_id=rules.moderate_comment),
    "POST /admin/comments/{comment_id}/restore": admin(REASON, comment_id=rules.moderate_comment),
    "GET /admin/pictures": admin(),
    "GET /admin/held-content": admin(),
    "GET /admin/reports": admin(),
    "GET /admin/reports/{report_id}/reports": admin(report_id=rules.read_case),
    "POST /admin/reports/{report_id}/resolve": admin(
        {"action": "dismiss"}, report_id=rules.resolve_case
    ),
    "GET /admin/banned-words": admin(),
    "PUT /admin/banned-words": admin(),
    "GET /admin/stats": admin(),
    "GET /admin/audit-log": admin(),
    "GET /meta": public(),
}
