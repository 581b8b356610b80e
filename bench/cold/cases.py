"""How to send each operation that is measured.

A case makes what its request uses up, which is not measured. Several are made before the first is
sent, so each needs a thing or a caller of its own.
"""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from secrets import token_hex
from typing import Any
from uuid import uuid4

from bench.cold.stage import BODY, Stage
from bench.cold.trees import PASSWORD, Call, Caller

type Make = Callable[[Stage], Call]

CASES: dict[str, Make] = {}


def case(operation: str) -> Callable[[Make], Make]:
    def add(make: Make) -> Make:
        CASES[operation] = make
        return make

    return add


def _reads(*paths: str, by: str) -> None:
    """Reads whose paths name only things of the stage."""

    def read(path: str) -> Make:
        def make(stage: Stage) -> Call:
            filled = path.format(
                comment_id=stage.comments[0], lounge_id=stage.lounges[0], user_id=stage.author.id
            )
            caller = {"author": stage.author, "reader": stage.reader, "admin": stage.admin}[by]
            return caller.call("GET", filled)

        return make

    CASES.update({f"GET {path}": read(path) for path in paths})


_reads(
    *("/changes", "/comments/{comment_id}", "/lounges/favorites", "/lounges/recent"),
    *("/lounges/{lounge_id}", "/meta", "/notifications/settings", "/users/me/blocks"),
    *("/users/me/likes", "/users/me/mutes", "/users/{user_id}", "/users/{user_id}/posts"),
    *("/auth/sessions", "/users/me/comments", "/users/me/identities", "/appeals"),
    by="reader",
)
_reads("/lounge-requests", "/users/me/export", "/users/me/posts", by="author")
_reads(
    *("/admin/announcements", "/admin/appeals", "/admin/audit-log", "/admin/banned-words"),
    *("/admin/held-content", "/admin/lounge-requests", "/admin/reports", "/admin/stats"),
    *("/admin/users", "/admin/users/{user_id}", "/admin/posts", "/admin/comments"),
    by="admin",
)


def _marks(*operations: str) -> None:
    def mark(method: str, path: str) -> Make:
        opposite = {"PUT": "DELETE", "DELETE": "PUT"}[method]

        def make(stage: Stage) -> Call:
            person = stage.somebody()
            filled = path.format(
                lounge_id=stage.lounges[1], post_id=stage.posts[3], user_id=stage.reader.id
            )
            person.send(opposite, filled)
            return person.call(method, filled)

        return make

    CASES.update({operation: mark(*operation.split()) for operation in operations})


_marks(
    *("PUT /lounges/{lounge_id}/favorite", "DELETE /lounges/{lounge_id}/favorite"),
    *("DELETE /posts/{post_id}/like", "DELETE /posts/{post_id}/mute"),
    *("PUT /posts/{post_id}/watch", "DELETE /posts/{post_id}/watch"),
    *("PUT /users/{user_id}/block", "DELETE /users/{user_id}/block"),
)


def _acts(acts: Mapping[str, tuple[Callable[[Stage], str], Any]]) -> None:
    """Acts of an admin: on which new thing, and with which form."""

    def act(operation: str, thing: Callable[[Stage], str], form: Any) -> Make:
        method, path = operation.split()

        def make(stage: Stage) -> Call:
            filled = re.sub(r"\{\w+\}", thing(stage), path)
            return stage.admin.call(method, filled, form)

        return make

    CASES.update({operation: act(operation, *how) for operation, how in acts.items()})


_REASON = {"reason": "広告のため"}
_acts(
    {
        "DELETE /admin/announcements/{announcement_id}": (Stage.announcement, None),
        "POST /admin/appeals/{appeal_id}/decide": (Stage.appeal, {"decision": "uphold"}),
        "POST /admin/posts/{post_id}/hide": (Stage.post, _REASON),
        "POST /admin/posts/{post_id}/restore": (Stage.hidden_post, _REASON),
        "POST /admin/comments/{comment_id}/hide": (Stage.comment, _REASON),
        "POST /admin/comments/{comment_id}/restore": (Stage.hidden_comment, _REASON),
        "POST /admin/lounge-requests/{request_id}/approve": (Stage.asked_lounge, None),
        "POST /admin/lounge-requests/{request_id}/reject": (Stage.asked_lounge, _REASON),
        "DELETE /admin/lounges/{lounge_id}": (Stage.lounge, None),
        "GET /admin/reports/{report_id}/reports": (Stage.report, None),
        "POST /admin/reports/{report_id}/resolve": (Stage.report, {"action": "dismiss"}),
        "PATCH /admin/users/{user_id}": (Stage.new_user, {**_REASON, "status": "suspended"}),
        "POST /admin/users/{user_id}/warn": (Stage.new_user, _REASON),
    }
)


def _sends(calls: Mapping[str, tuple[Callable[[Stage], Caller], Callable[[Stage], Any]]]) -> None:
    """Calls without an id: who makes each, and with which form."""

    def sends(operation: str, by: Callable[[Stage], Caller], form: Callable[[Stage], Any]) -> Make:
        method, path = operation.split()
        return lambda stage: by(stage).call(method, path, form(stage))

    CASES.update({operation: sends(operation, *how) for operation, how in calls.items()})


def _nothing(_: Stage) -> None:
    return None


def _account(_: Stage) -> dict[str, Any]:
    return {"email": f"{token_hex(6)}@example.com", "password": PASSWORD, "nickname": "利用者"}


_ADMIN, _READER = attrgetter("admin"), attrgetter("reader")
_sends(
    {
        "POST /auth/register": (Stage.stranger, _account),
        "POST /auth/guest": (Stage.stranger, _nothing),
        "POST /auth/guest/upgrade": (Stage.guest, _account),
        "POST /auth/nonce": (Stage.stranger, _nothing),
        "POST /auth/proof": (_READER, lambda _: {"password": PASSWORD}),
        "POST /auth/email/resend": (Stage.unverified, _nothing),
        "POST /auth/password/change": (
            Stage.member,
            lambda _: {"current_password": PASSWORD, "new_password": PASSWORD + token_hex(4)},
        ),
        "POST /auth/password/forgot": (
            Stage.stranger,
            lambda stage: {"email": stage.member().email},
        ),
        "POST /users/me/email": (
            Stage.member,
            lambda _: {"email": f"{token_hex(6)}@example.com", "password": PASSWORD},
        ),
        "PATCH /users/me": (_READER, lambda _: {"bio": f"お茶が好きです {token_hex(4)}"}),
        "DELETE /users/me": (Stage.member, lambda _: {"password": PASSWORD}),
        "POST /lounge-requests": (Stage.member, Stage.lounge_form),
        "POST /admin/announcements": (_ADMIN, Stage.announcement_form),
        "PUT /admin/banned-words": (_ADMIN, lambda _: {"words": ["禁句", token_hex(6)]}),
        "POST /admin/lounges": (_ADMIN, Stage.lounge_form),
    }
)

CASES |= {
    "PUT /users/me/avatar": lambda stage: stage.reader.call(
        "PUT", "/users/me/avatar", picture=stage.picture
    ),
    "POST /images": lambda stage: stage.author.call("POST", "/images", picture=stage.picture),
    "GET /images/{image_id}/{size}": lambda stage: stage.author.call(
        "GET", f"/images/{stage.image()['id']}/thumbnail"
    ),
    "DELETE /posts/{post_id}": lambda stage: stage.author.call("DELETE", f"/posts/{stage.post()}"),
    "DELETE /comments/{comment_id}": lambda stage: stage.reader.call(
        "DELETE", f"/comments/{stage.comment()}"
    ),
}

# Signing in, and the caller's account.


@case("POST /auth/logout")
def _(stage: Stage) -> Call:
    session = stage.again(stage.reader)
    form = {"refresh_token": session.refresh_token}
    return session.call("POST", "/auth/logout", form)


@case("DELETE /auth/sessions")
def _(stage: Stage) -> Call:
    person = stage.member()
    return stage.again(person).call("DELETE", "/auth/sessions")


@case("DELETE /auth/sessions/{session_id}")
def _(stage: Stage) -> Call:
    person = stage.member()
    first = person.send("GET", "/auth/sessions")["items"][0]["id"]
    return stage.again(person).call("DELETE", f"/auth/sessions/{first}")


@case("POST /auth/email/verify")
def _(stage: Stage) -> Call:
    person = stage.unverified()
    token = stage.mailed(person, "verify_email", person.email)
    return person.call("POST", "/auth/email/verify", {"token": token})


@case("POST /auth/email/change")
def _(stage: Stage) -> Call:
    person = stage.member()
    token = stage.mailed(person, "change_email", f"{token_hex(6)}@example.com")
    stage.tree.query(
        "UPDATE auth_mail_tokens tokens SET session_id = sessions.id FROM user_sessions sessions"
        " WHERE sessions.user_id = tokens.user_id AND tokens.user_id = ($1::text)::uuid",
        person.id,
    )
    return person.call("POST", "/auth/email/change", {"token": token})


@case("POST /auth/password/reset")
def _(stage: Stage) -> Call:
    person = stage.member()
    token = stage.mailed(person, "reset_password", person.email)
    form = {"token": token, "new_password": f"{PASSWORD} {token_hex(4)}"}
    return stage.stranger().call("POST", "/auth/password/reset", form)


@case("DELETE /users/me/identities/{provider}")
def _(stage: Stage) -> Call:
    person = stage.with_google()
    return person.call("DELETE", "/users/me/identities/google", {"password": PASSWORD})


@case("DELETE /users/me/avatar")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    person.send("PUT", "/users/me/avatar", picture=stage.picture)
    return person.call("DELETE", "/users/me/avatar")


# Lounges.


@case("DELETE /lounges/recent")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    person.send("GET", f"/lounges/{stage.lounges[0]}")
    return person.call("DELETE", "/lounges/recent")


@case("PUT /lounges/{lounge_id}/notifications")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/lounges/{stage.lounges[1]}/notifications"
    person.send("PUT", path, {"level": "none"})
    return person.call("PUT", path, {"level": "all"})


# Posts, comments and pictures.


@case("PATCH /posts/{post_id}")
def _(stage: Stage) -> Call:
    form = {"title": f"題 {token_hex(4)}", "body": f"{BODY} {token_hex(4)}"}
    return stage.author.call("PATCH", f"/posts/{stage.posts[1]}", form)


@case("PUT /posts/{post_id}/images")
def _(stage: Stage) -> Call:
    form = {"image_ids": [stage.image()["id"]]}
    return stage.author.call("PUT", f"/posts/{stage.posts[2]}/images", form)


@case("PATCH /comments/{comment_id}")
def _(stage: Stage) -> Call:
    form = {"body": f"{BODY} {token_hex(4)}"}
    return stage.reader.call("PATCH", f"/comments/{stage.comments[1]}", form)


# Notifications.


@case("PATCH /notifications/settings")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    person.send("PATCH", "/notifications/settings", {"push_enabled": False})
    return person.call("PATCH", "/notifications/settings", {"push_enabled": True})


@case("POST /notifications/{notification_id}/opened")
def _(stage: Stage) -> Call:
    stage.comment(stage.posts[8])
    newest = stage.newest_notification(stage.author)
    return stage.author.call("POST", f"/notifications/{newest}/opened")


_DEVICE = {"kind": "fid", "platform": "ios"}


@case("PUT /notifications/devices/{install_id}")
def _(stage: Stage) -> Call:
    form = {**_DEVICE, "value": token_hex(12)}
    return stage.member().call("PUT", f"/notifications/devices/{uuid4()}", form)


@case("DELETE /notifications/devices/{install_id}")
def _(stage: Stage) -> Call:
    path = f"/notifications/devices/{uuid4()}"
    stage.author.send("PUT", path, {**_DEVICE, "value": token_hex(12)})
    return stage.author.call("DELETE", path)


# Requests, reports and appeals.


@case("GET /lounge-requests/{request_id}")
def _(stage: Stage) -> Call:
    person, request = stage.lounge_request()
    return person.call("GET", f"/lounge-requests/{request}")


@case("DELETE /lounge-requests/{request_id}")
def _(stage: Stage) -> Call:
    person, request = stage.lounge_request()
    return person.call("DELETE", f"/lounge-requests/{request}")


@case("POST /reports")
def _(stage: Stage) -> Call:
    comment = stage.comment(stage.shown, stage.author)
    form = {"target_type": "comment", "target_id": comment, "reason": "spam"}
    return stage.reader.call("POST", "/reports", form)


@case("POST /appeals")
def _(stage: Stage) -> Call:
    person, notification = stage.warned()
    form = {"notification_id": notification, "text": "誤解です"}
    return person.call("POST", "/appeals", form)


# Admins.


@case("PATCH /admin/lounges/{lounge_id}")
def _(stage: Stage) -> Call:
    form = {"description": f"{BODY} {token_hex(4)}"}
    return stage.admin.call("PATCH", f"/admin/lounges/{stage.lounges[1]}", form)


@case("PUT /admin/lounges/{lounge_id}/cover")
def _(stage: Stage) -> Call:
    path = f"/admin/lounges/{stage.lounges[1]}/cover"
    return stage.admin.call("PUT", path, picture=stage.picture)


@case("DELETE /admin/lounges/{lounge_id}/cover")
def _(stage: Stage) -> Call:
    path = f"/admin/lounges/{stage.lounge()}/cover"
    stage.admin.send("PUT", path, picture=stage.picture)
    return stage.admin.call("DELETE", path)


@case("GET /admin/pictures")
def _(stage: Stage) -> Call:
    post = stage.post([stage.image()["id"]])
    url = stage.author.send("GET", f"/posts/{post}")["images"][0]["url"]
    stage.hide("posts", post)
    return stage.admin.call("GET", f"/admin/pictures?url={url}")
