"""Each operation of the API: how to send it, or why it is not measured here.

A case makes what its request uses up, which is not measured. Several are made before the first is
sent, so each needs a thing or a caller of its own.
"""

from collections.abc import Callable
from secrets import token_hex
from uuid import uuid4

from bench.cold.stage import BODY, Stage
from bench.cold.trees import PASSWORD, Call

type Make = Callable[[Stage], Call]

HOT = frozenset(
    {
        "GET /lounges",
        "GET /lounges/{lounge_id}/posts",
        "GET /notifications",
        "GET /notifications/unread-count",
        "GET /posts",
        "GET /posts/{post_id}",
        "GET /posts/{post_id}/comments",
        "GET /users/me",
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /notifications/read",
        "POST /posts",
        "POST /posts/{post_id}/comments",
        "PUT /posts/{post_id}/like",
        "PUT /posts/{post_id}/mute",
    }
)
"""`make bench` measures these."""

_PROVIDER = "asks the server of a provider"
LEFT_OUT = {
    "GET /live": "a stream, which has no end",
    "POST /auth/mfa": "needs an authenticator, which only the console sets up",
    "POST /users/me/identities/email": "needs an account that a provider made",
    "GET /auth/oauth/{provider}/authorize": _PROVIDER,
    "GET /auth/oauth/{provider}/callback": _PROVIDER,
    "POST /auth/guest/upgrade/{provider}": _PROVIDER,
    "POST /auth/oauth/apple/callback": _PROVIDER,
    "POST /auth/oauth/exchange": _PROVIDER,
    "POST /auth/oauth/{provider}": _PROVIDER,
    "POST /users/me/identities/exchange": _PROVIDER,
    "POST /users/me/identities/{provider}": _PROVIDER,
}
"""Operations that are not measured, and why."""

NAMED = (
    "GET /lounges/{lounge_id}",
    "PATCH /posts/{post_id}",
    "PATCH /users/me",
    "PATCH /notifications/settings",
)
"""Cold operations that each app sends often. The report repeats them at its end."""

REASON = {"reason": "広告のため"}
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
    *("/admin/users", "/admin/users/{user_id}"),
    by="admin",
)

# Signing in, and the caller's account.


@case("POST /auth/register")
def _(stage: Stage) -> Call:
    form = {"email": f"{token_hex(6)}@example.com", "password": PASSWORD, "nickname": "利用者"}
    return stage.nobody().call("POST", "/auth/register", form)


@case("POST /auth/guest")
def _(stage: Stage) -> Call:
    return stage.nobody().call("POST", "/auth/guest")


@case("POST /auth/guest/upgrade")
def _(stage: Stage) -> Call:
    form = {"email": f"{token_hex(6)}@example.com", "password": PASSWORD, "nickname": "利用者"}
    return stage.guest().call("POST", "/auth/guest/upgrade", form)


@case("POST /auth/nonce")
def _(stage: Stage) -> Call:
    return stage.nobody().call("POST", "/auth/nonce")


@case("POST /auth/logout")
def _(stage: Stage) -> Call:
    session = stage.again(stage.reader)
    form = {"refresh_token": session.refresh_token}
    return session.call("POST", "/auth/logout", form)


@case("POST /auth/proof")
def _(stage: Stage) -> Call:
    return stage.reader.call("POST", "/auth/proof", {"password": PASSWORD})


@case("DELETE /auth/sessions")
def _(stage: Stage) -> Call:
    person = stage.member()
    return stage.again(person).call("DELETE", "/auth/sessions")


@case("DELETE /auth/sessions/{session_id}")
def _(stage: Stage) -> Call:
    person = stage.member()
    first = person.send("GET", "/auth/sessions")["items"][0]["id"]
    return stage.again(person).call("DELETE", f"/auth/sessions/{first}")


@case("POST /auth/email/resend")
def _(stage: Stage) -> Call:
    return stage.member(verified=False).call("POST", "/auth/email/resend")


@case("POST /auth/email/verify")
def _(stage: Stage) -> Call:
    person = stage.member(verified=False)
    token = stage.mailed(person, "verify_email", person.email)
    return person.call("POST", "/auth/email/verify", {"token": token})


@case("POST /users/me/email")
def _(stage: Stage) -> Call:
    form = {"email": f"{token_hex(6)}@example.com", "password": PASSWORD}
    return stage.member().call("POST", "/users/me/email", form)


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


@case("POST /auth/password/change")
def _(stage: Stage) -> Call:
    form = {"current_password": PASSWORD, "new_password": f"{PASSWORD} {token_hex(4)}"}
    return stage.member().call("POST", "/auth/password/change", form)


@case("POST /auth/password/forgot")
def _(stage: Stage) -> Call:
    return stage.nobody().call("POST", "/auth/password/forgot", {"email": stage.member().email})


@case("POST /auth/password/reset")
def _(stage: Stage) -> Call:
    person = stage.member()
    token = stage.mailed(person, "reset_password", person.email)
    form = {"token": token, "new_password": f"{PASSWORD} {token_hex(4)}"}
    return stage.nobody().call("POST", "/auth/password/reset", form)


@case("DELETE /users/me/identities/{provider}")
def _(stage: Stage) -> Call:
    person = stage.with_google()
    return person.call("DELETE", "/users/me/identities/google", {"password": PASSWORD})


@case("PATCH /users/me")
def _(stage: Stage) -> Call:
    return stage.reader.call("PATCH", "/users/me", {"bio": f"お茶が好きです {token_hex(4)}"})


@case("DELETE /users/me")
def _(stage: Stage) -> Call:
    return stage.member().call("DELETE", "/users/me", {"password": PASSWORD})


@case("PUT /users/me/avatar")
def _(stage: Stage) -> Call:
    return stage.reader.call("PUT", "/users/me/avatar", picture=stage.picture)


@case("DELETE /users/me/avatar")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    person.send("PUT", "/users/me/avatar", picture=stage.picture)
    return person.call("DELETE", "/users/me/avatar")


@case("PUT /users/{user_id}/block")
def _(stage: Stage) -> Call:
    return stage.member().call("PUT", f"/users/{stage.reader.id}/block")


@case("DELETE /users/{user_id}/block")
def _(stage: Stage) -> Call:
    path = f"/users/{stage.reader.id}/block"
    person = stage.member()
    person.send("PUT", path)
    return person.call("DELETE", path)


# Lounges.


@case("DELETE /lounges/recent")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    person.send("GET", f"/lounges/{stage.lounges[0]}")
    return person.call("DELETE", "/lounges/recent")


@case("PUT /lounges/{lounge_id}/favorite")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/lounges/{stage.lounges[1]}/favorite"
    person.send("DELETE", path)
    return person.call("PUT", path)


@case("DELETE /lounges/{lounge_id}/favorite")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/lounges/{stage.lounges[2]}/favorite"
    person.send("PUT", path)
    return person.call("DELETE", path)


@case("PUT /lounges/{lounge_id}/notifications")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/lounges/{stage.lounges[1]}/notifications"
    person.send("PUT", path, {"level": "none"})
    return person.call("PUT", path, {"level": "all"})


# Posts, comments and pictures.


@case("POST /images")
def _(stage: Stage) -> Call:
    return stage.author.call("POST", "/images", picture=stage.picture)


@case("GET /images/{image_id}/{size}")
def _(stage: Stage) -> Call:
    return stage.author.call("GET", f"/images/{stage.image()['id']}/thumbnail")


@case("PATCH /posts/{post_id}")
def _(stage: Stage) -> Call:
    form = {"title": f"題 {token_hex(4)}", "body": f"{BODY} {token_hex(4)}"}
    return stage.author.call("PATCH", f"/posts/{stage.posts[1]}", form)


@case("PUT /posts/{post_id}/images")
def _(stage: Stage) -> Call:
    form = {"image_ids": [stage.image()["id"]]}
    return stage.author.call("PUT", f"/posts/{stage.posts[2]}/images", form)


@case("DELETE /posts/{post_id}")
def _(stage: Stage) -> Call:
    return stage.author.call("DELETE", f"/posts/{stage.post()}")


@case("DELETE /posts/{post_id}/like")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/posts/{stage.posts[3]}/like"
    person.send("PUT", path)
    return person.call("DELETE", path)


@case("DELETE /posts/{post_id}/mute")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/posts/{stage.posts[4]}/mute"
    person.send("PUT", path)
    return person.call("DELETE", path)


@case("PUT /posts/{post_id}/watch")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/posts/{stage.posts[5]}/watch"
    person.send("DELETE", path)
    return person.call("PUT", path)


@case("DELETE /posts/{post_id}/watch")
def _(stage: Stage) -> Call:
    person = stage.somebody()
    path = f"/posts/{stage.posts[6]}/watch"
    person.send("PUT", path)
    return person.call("DELETE", path)


@case("PATCH /comments/{comment_id}")
def _(stage: Stage) -> Call:
    form = {"body": f"{BODY} {token_hex(4)}"}
    return stage.reader.call("PATCH", f"/comments/{stage.comments[1]}", form)


@case("DELETE /comments/{comment_id}")
def _(stage: Stage) -> Call:
    return stage.reader.call("DELETE", f"/comments/{stage.comment(stage.posts[7])}")


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


@case("POST /lounge-requests")
def _(stage: Stage) -> Call:
    return stage.member().call("POST", "/lounge-requests", stage.lounge_form())


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


@case("POST /admin/announcements")
def _(stage: Stage) -> Call:
    return stage.admin.call("POST", "/admin/announcements", stage.announcement_form())


@case("DELETE /admin/announcements/{announcement_id}")
def _(stage: Stage) -> Call:
    return stage.admin.call("DELETE", f"/admin/announcements/{stage.announcement()}")


@case("POST /admin/appeals/{appeal_id}/decide")
def _(stage: Stage) -> Call:
    path = f"/admin/appeals/{stage.appeal()}/decide"
    return stage.admin.call("POST", path, {"decision": "uphold"})


@case("PUT /admin/banned-words")
def _(stage: Stage) -> Call:
    return stage.admin.call("PUT", "/admin/banned-words", {"words": ["禁句", token_hex(6)]})


@case("POST /admin/posts/{post_id}/hide")
def _(stage: Stage) -> Call:
    return stage.admin.call("POST", f"/admin/posts/{stage.post()}/hide", REASON)


@case("POST /admin/posts/{post_id}/restore")
def _(stage: Stage) -> Call:
    hidden = stage.hide("posts", stage.post())
    return stage.admin.call("POST", f"/admin/posts/{hidden}/restore", REASON)


@case("POST /admin/comments/{comment_id}/hide")
def _(stage: Stage) -> Call:
    comment = stage.comment(stage.posts[9])
    return stage.admin.call("POST", f"/admin/comments/{comment}/hide", REASON)


@case("POST /admin/comments/{comment_id}/restore")
def _(stage: Stage) -> Call:
    hidden = stage.hide("comments", stage.comment(stage.posts[9]))
    return stage.admin.call("POST", f"/admin/comments/{hidden}/restore", REASON)


@case("POST /admin/lounge-requests/{request_id}/approve")
def _(stage: Stage) -> Call:
    _, request = stage.lounge_request()
    path = f"/admin/lounge-requests/{request}/approve"
    return stage.admin.call("POST", path)


@case("POST /admin/lounge-requests/{request_id}/reject")
def _(stage: Stage) -> Call:
    _, request = stage.lounge_request()
    path = f"/admin/lounge-requests/{request}/reject"
    return stage.admin.call("POST", path, REASON)


@case("POST /admin/lounges")
def _(stage: Stage) -> Call:
    return stage.admin.call("POST", "/admin/lounges", stage.lounge_form())


@case("PATCH /admin/lounges/{lounge_id}")
def _(stage: Stage) -> Call:
    form = {"description": f"{BODY} {token_hex(4)}"}
    return stage.admin.call("PATCH", f"/admin/lounges/{stage.lounges[1]}", form)


@case("DELETE /admin/lounges/{lounge_id}")
def _(stage: Stage) -> Call:
    return stage.admin.call("DELETE", f"/admin/lounges/{stage.lounge()}")


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


@case("GET /admin/reports/{report_id}/reports")
def _(stage: Stage) -> Call:
    return stage.admin.call("GET", f"/admin/reports/{stage.report()}/reports")


@case("POST /admin/reports/{report_id}/resolve")
def _(stage: Stage) -> Call:
    path = f"/admin/reports/{stage.report()}/resolve"
    return stage.admin.call("POST", path, {"action": "dismiss"})


@case("PATCH /admin/users/{user_id}")
def _(stage: Stage) -> Call:
    form = {**REASON, "status": "suspended"}
    return stage.admin.call("PATCH", f"/admin/users/{stage.member().id}", form)


@case("POST /admin/users/{user_id}/warn")
def _(stage: Stage) -> Call:
    return stage.admin.call("POST", f"/admin/users/{stage.member().id}/warn", REASON)
