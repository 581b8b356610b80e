"""Every route of the API: who may call it, and the rule for each of its ids.

Here a new route is added; those of marks are made from their declarations. An id is a parameter in
the path, the query or the body that ends in `id` or `ids`, or has the format of a UUID. In `body`
stands what the route needs; `{post_id}` is filled with the caller's or the thing's. `WRITES` are
those that a user who leaves must not get by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.user_marks import MarkTable, mark_tables
from app.post.models import POST_MARKS
from tests.matrix import rules
from tests.matrix.rules import Rule, nothing_refused
from tests.matrix.things import Kind
from tests.support.world import PASSWORD, picture


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "all, without a token"
    USER = "guests and users"
    OWNER = "the holder of an open session, suspended or not"
    OWNER_OR_NOBODY = "the same; without a token the thing is not found"
    PRESENT = "the holder of an open session who is not suspended"
    MEMBER = "users who are not guests"
    AUTHOR = "users who have accepted the terms, too"
    MODERATOR = "admins and moderators"
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


def moderator(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.MODERATOR, rules, body or {})


def admin(body: dict[str, Any] | None = None, **rules: Rule) -> Route:
    return Route(Access.ADMIN, rules, body or {})


BODY = {"body": "言葉"}
POST = {"lounge_id": "{lounge_id}", "title": "題", "body": "言葉"}
REASON = {"reason": "理由"}
WARNING = {**REASON, "target_type": "{target_type}", "target_id": "{user_id}"}
DEVICE = {"kind": "fid", "value": "push-value", "platform": "ios"}
FILE = {"file": picture()}
REPORT = {"target_type": "{target_type}", "target_id": "{post_id}", "reason": "spam"}
WISH = {"name": "部屋", "description": "説明", "reason": "理由"}
ADDRESS = {"email": "late@example.com", "password": PASSWORD}


def routes_of_mark(table: type[MarkTable]) -> dict[str, Route]:
    """Who may set it, take it back, and list what they have marked."""
    mark, subject = table.mark, f"{table.thing}_id"
    on, off = rules.read_lounge, rules.read_lounge
    if table.thing == "post":
        on, off = (rules.read_post if mark.field else rules.mute_post), rules.unmark_post
    setter = Access[mark.setter.name]
    # A member may take back what they have set before there were new terms to accept.
    ending = Access.MEMBER if setter == Access.AUTHOR else setter
    return {
        f"PUT {table.path()}": Route(setter, {subject: on}),
        f"DELETE {table.path()}": Route(ending, {subject: off}),
        **({f"GET {mark.listed_at}": user()} if mark.listed_at else {}),
    }


ROUTES: dict[str, Route] = {
    # Signing in
    "POST /auth/register": public(),
    "POST /auth/login": public(),
    "POST /auth/guest": public(),
    "POST /auth/guest/upgrade": user({**ADDRESS, "nickname": "遅い人"}),
    "POST /auth/guest/upgrade/{provider}": user(),
    "POST /auth/refresh": public(),
    "POST /auth/logout": public(),
    "POST /auth/nonce": public(),
    "POST /auth/oauth/exchange": public(),
    "POST /auth/oauth/{provider}": public(),
    "GET /auth/oauth/{provider}/authorize": public(),
    "GET /auth/oauth/{provider}/callback": public(),
    "POST /auth/oauth/apple/callback": public(),
    "POST /auth/oauth/apple/notifications": public(),
    "POST /auth/password/forgot": public(),
    "POST /auth/password/reset": public(),
    "POST /auth/email/change": public(),
    # The sign-in methods to the caller's own account
    "GET /users/me/identities": owner(),
    "POST /users/me/identities/{provider}": member(),
    "POST /users/me/identities/exchange": member(),
    "POST /users/me/identities/email": member(),
    "DELETE /users/me/identities/{provider}": member({"password": PASSWORD}),
    "POST /users/me/email": member(ADDRESS),
    "POST /auth/password/change": user(
        {"current_password": PASSWORD, "new_password": "atarashii-kotoba-9"}
    ),
    "POST /auth/mfa": user({"code": "123456"}),
    "POST /auth/proof": member({"password": PASSWORD}),
    "POST /auth/email/verify": public(),
    "POST /auth/email/resend": user(),
    "GET /auth/sessions": owner(),
    "DELETE /auth/sessions": user(),
    "DELETE /auth/sessions/{session_id}": user(session_id=rules.end_session),
    # Users
    "GET /users/me": user(),
    "PATCH /users/me": user({"locale": "en"}),
    "DELETE /users/me": user(),
    "PUT /users/me/avatar": author(FILE),
    "DELETE /users/me/avatar": member(),
    "GET /users/me/export": owner(),
    "GET /users/me/posts": user(),
    "GET /users/me/comments": user(),
    "GET /users/me/blocks": user(),
    "GET /users/{user_id}": user(user_id=rules.read_user),
    "GET /users/{user_id}/posts": user(user_id=rules.read_user),
    "PUT /users/{user_id}/block": user(user_id=rules.block_user),
    "DELETE /users/{user_id}/block": user(user_id=rules.unblock_user),
    # Lounges
    "GET /lounges": user(),
    "GET /lounges/recent": user(),
    "DELETE /lounges/recent": user(),
    "GET /lounges/{lounge_id}": user(lounge_id=rules.read_lounge),
    "GET /lounges/{lounge_id}/posts": user(lounge_id=rules.read_lounge),
    "PUT /lounges/{lounge_id}/notifications": user({"level": "all"}, lounge_id=rules.add_to_lounge),
    # Posts
    "POST /images": author(FILE),
    "GET /images/{image_id}/{size}": owner_or_nobody(image_id=rules.read_image),
    "GET /posts": user(
        lounge_id=nothing_refused(Kind.LOUNGE), author_id=nothing_refused(Kind.USER)
    ),
    "POST /posts": author(POST, lounge_id=rules.add_to_lounge, image_ids=rules.take_image),
    "GET /posts/{post_id}": user(post_id=rules.read_post),
    "PATCH /posts/{post_id}": author(BODY, post_id=rules.change_post, image_ids=rules.take_image),
    "PUT /posts/{post_id}/images": author(
        {"image_ids": []}, post_id=rules.change_post, image_ids=rules.take_image
    ),
    "DELETE /posts/{post_id}": member(post_id=rules.change_post),
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
    "PATCH /notifications/settings": user({"reply": False}),
    "POST /notifications/read": user(
        {"ids": ["{notification_id}"]}, ids=nothing_refused(Kind.NOTIFICATION)
    ),
    "POST /notifications/{notification_id}/opened": user(notification_id=rules.open_notification),
    "PUT /notifications/devices/{install_id}": user(
        DEVICE, install_id=nothing_refused(Kind.DEVICE)
    ),
    "DELETE /notifications/devices/{install_id}": user(install_id=nothing_refused(Kind.DEVICE)),
    # Requests and reports
    "GET /lounge-requests": user(),
    "POST /lounge-requests": author(WISH),
    "GET /lounge-requests/{request_id}": user(request_id=rules.read_request),
    "DELETE /lounge-requests/{request_id}": user(request_id=rules.withdraw_request),
    "GET /reports": user(),
    "POST /reports": user(REPORT, target_id=rules.report),
    "GET /appeals": user(),
    "POST /appeals": user(
        {"text": "誤解です", "notification_id": "{notification_id}"}, notification_id=rules.appeal
    ),
    # Admins
    "GET /admin/lounge-requests": moderator(),
    "POST /admin/lounge-requests/{request_id}/approve": moderator(request_id=rules.decide_request),
    "POST /admin/lounge-requests/{request_id}/reject": moderator(
        REASON, request_id=rules.decide_request
    ),
    "GET /admin/users": moderator(),
    "GET /admin/users/{user_id}": moderator(user_id=rules.manage_user),
    "PATCH /admin/users/{user_id}": moderator(REASON, user_id=rules.manage_user),
    "POST /admin/users/{user_id}/warn": moderator(
        WARNING, user_id=rules.manage_user, target_id=rules.warn_about
    ),
    "GET /admin/appeals": moderator(),
    "POST /admin/appeals/{appeal_id}/decide": moderator(
        {"decision": "uphold"}, appeal_id=rules.no_appeal
    ),
    "GET /admin/announcements": admin(),
    "POST /admin/announcements": admin(),
    "PATCH /admin/announcements/{announcement_id}": admin(
        {"push": True}, announcement_id=rules.no_announcement
    ),
    "DELETE /admin/announcements/{announcement_id}": admin(announcement_id=rules.no_announcement),
    "GET /admin/lounges": admin(),
    "POST /admin/lounges": admin(),
    "PATCH /admin/lounges/{lounge_id}": admin({"description": "説明"}, lounge_id=rules.read_lounge),
    "PUT /admin/lounges/{lounge_id}/cover": admin(FILE, lounge_id=rules.read_lounge),
    "DELETE /admin/lounges/{lounge_id}/cover": admin(lounge_id=rules.read_lounge),
    "DELETE /admin/lounges/{lounge_id}": admin(lounge_id=rules.read_lounge),
    "POST /admin/lounges/{lounge_id}/reopen": admin(lounge_id=rules.read_lounge),
    "GET /admin/posts/{post_id}": moderator(post_id=rules.manage_post),
    "GET /admin/comments/{comment_id}": moderator(comment_id=rules.manage_comment),
    "POST /admin/posts/{post_id}/hide": moderator(REASON, post_id=rules.hide_post),
    "POST /admin/posts/{post_id}/restore": moderator(REASON, post_id=rules.restore_post),
    "POST /admin/comments/{comment_id}/hide": moderator(REASON, comment_id=rules.hide_comment),
    "POST /admin/comments/{comment_id}/restore": moderator(
        REASON, comment_id=rules.restore_comment
    ),
    "GET /admin/posts": moderator(
        author_id=nothing_refused(Kind.USER), lounge_id=nothing_refused(Kind.LOUNGE)
    ),
    "GET /admin/comments": moderator(
        author_id=nothing_refused(Kind.USER), lounge_id=nothing_refused(Kind.LOUNGE)
    ),
    "GET /admin/pictures": moderator(),
    "GET /admin/held-content": moderator(),
    "GET /admin/reports": moderator(),
    "GET /admin/reports/{report_id}/reports": moderator(report_id=rules.read_case),
    "POST /admin/reports/{report_id}/resolve": moderator(
        {"action": "dismiss"}, report_id=rules.resolve_case
    ),
    "GET /admin/banned-words": admin(),
    "PUT /admin/banned-words": admin(),
    "GET /admin/stats": admin(),
    "GET /admin/audit-log": moderator(),
    "GET /meta": public(),
    # Marks
    **{name: route for table in mark_tables() for name, route in routes_of_mark(table).items()},
}

NO_SESSION = {
    "POST /auth/register": "makes a user, who cannot leave before it commits",
    "POST /auth/guest": "makes a user, who cannot leave before it commits",
    "POST /auth/login": "locks the row in `users` when it reads it, and no other row that leaving "
    "locks; leaving then ends the new session",
    "POST /auth/refresh": "locks the session, which leaving ends before it commits; it refuses the "
    "session of a user who has left, and so never meets the erasure",
    "POST /auth/logout": "as a refresh",
    "POST /auth/nonce": "a nonce belongs to no user",
    "POST /auth/oauth/apple/notifications": "waits for the leaving, and then finds no user: "
    "tests/auth/test_apple_notifications.py",
    "POST /auth/password/forgot": "enqueues a job, which reads the user again",
    **dict.fromkeys(
        (
            *("POST /auth/password/reset", "POST /auth/email/verify", "POST /auth/email/change"),
            *("POST /auth/oauth/exchange", "POST /auth/oauth/{provider}"),
            "POST /auth/oauth/apple/callback",
        ),
        "is refused: tests/account/test_leaving_tokens.py, for providers tests/auth/test_native.py",
    ),
}
"""What happens to a write without a session while its user leaves."""

WAITS_ELSEWHERE = {
    **dict.fromkeys(
        (
            *("POST /auth/guest/upgrade/{provider}", "POST /users/me/identities/exchange"),
            *("POST /users/me/identities/email", "POST /users/me/identities/{provider}"),
        ),
        "with a provider or without a password: tests/auth/test_linking_races.py",
    ),
    "DELETE /users/me": "is leaving itself: tests/account/test_leaving_concurrently.py",
}

WRITES = {
    name: route
    for name, route in ROUTES.items()
    if not name.startswith("GET")
    # Admin routes lock the content of others that they change. No count includes admin actions.
    and route.access not in (Access.PUBLIC, Access.MODERATOR, Access.ADMIN)
    and name not in WAITS_ELSEWHERE
}
"""The writes of a signed-in user: tests/account/test_writes_during_leaving.py tries each."""


MARKS = [f"PUT {table.path()}" for table in POST_MARKS if table.mark.field]
"""What readers mark posts by. Muting is told apart: it hides the post."""


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """A body with ids for `{post_id}` and the like."""
    match value:
        case str():
            return value.format(**ids)
        case list():
            return [filled(item, ids) for item in value]
        case dict():
            return {name: filled(item, ids) for name, item in value.items()}
    return value
