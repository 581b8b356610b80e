"""A small community, made by HTTP, and what a case needs for each of its requests."""

import hashlib
import io
from itertools import cycle
from secrets import token_hex
from typing import Any

from PIL import Image

from bench.cold.trees import Caller, Tree, register, sign_in

POSTS, COMMENTS, REQUESTS = 25, 25, 5
"""More than a page of posts and of comments."""

PEOPLE = 10
"""More than there are requests in a row: each is of somebody else."""

BODY = "おいしそうですね。わたしも飲んでみたいです。今度の週末に行ってみます。"


def picture() -> bytes:
    """A picture so small that decoding it costs little beside the request."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 120, 40)).save(out, "PNG")
    return out.getvalue()


class Stage:
    """Somebody who writes, somebody who reads, and an admin, with lounges and posts."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.picture = picture()
        self.admin = register(tree)
        tree.query("UPDATE users SET role = 'admin' WHERE id = ($1::text)::uuid", self.admin.id)
        self.admin = sign_in(self.admin)
        self.author, self.reader = register(tree), register(tree)
        self._people = cycle([register(tree) for _ in range(PEOPLE)])
        self.lounges = [self.lounge() for _ in range(3)]
        self.posts = [self.post() for _ in range(POSTS)]
        self.shown = self.posts[0]
        self.comments = [self.comment(self.shown) for _ in range(COMMENTS)]
        for caller in (self.author, self.reader):
            for lounge in self.lounges:
                caller.send("PUT", f"/lounges/{lounge}/favorite")
                caller.send("GET", f"/lounges/{lounge}")
            for post in self.posts:
                caller.send("PUT", f"/posts/{post}/like")
        for _ in range(REQUESTS):
            self._made(self.author, "/lounge-requests", self.lounge_form())
            self.reader.send("PUT", f"/users/{self.member().id}/block")
        self.hidden_post()
        self.reader.send("PUT", f"/posts/{self.post()}/mute")

    def member(self) -> Caller:
        return register(self.tree)

    def unverified(self) -> Caller:
        return register(self.tree, verified=False)

    def somebody(self) -> Caller:
        """A different member each time."""
        return next(self._people)

    def guest(self) -> Caller:
        guest = Caller(self.tree)
        return guest.take(guest.send("POST", "/auth/guest"))

    def again(self, person: Caller) -> Caller:
        return sign_in(person)

    def stranger(self) -> Caller:
        return Caller(self.tree)

    def lounge(self) -> str:
        return self._made(self.admin, "/admin/lounges", self.lounge_form())

    def lounge_form(self) -> dict[str, Any]:
        return {"name": f"部屋 {token_hex(6)}", "description": BODY}

    def post(self, images: list[str] | None = None) -> str:
        form = {"lounge_id": self.lounges[0], "title": f"題 {token_hex(3)}", "body": BODY * 4}
        return self._made(self.author, "/posts", {**form, "image_ids": images or []})

    def comment(self, post: str = "", by: Caller | None = None) -> str:
        path = f"/posts/{post or self.posts[1]}/comments"
        return self._made(by or self.reader, path, {"body": BODY})

    def hidden_post(self) -> str:
        return self.hide("posts", self.post())

    def hidden_comment(self) -> str:
        return self.hide("comments", self.comment())

    def image(self) -> dict[str, Any]:
        image: dict[str, Any] = self.author.send("POST", "/images", picture=self.picture)
        return image

    def lounge_request(self) -> tuple[Caller, str]:
        """A request and who asks. Each person may have only a few that wait."""
        person = self.member()
        return person, self._made(person, "/lounge-requests", self.lounge_form())

    def asked_lounge(self) -> str:
        _, request = self.lounge_request()
        return request

    def new_user(self) -> str:
        return self.member().id

    def report(self) -> str:
        target = {"target_type": "comment", "target_id": self.comment(self.shown, self.author)}
        self.reader.send("POST", "/reports", {**target, "reason": "spam"})
        rows = self.tree.query("SELECT id::text FROM report_cases ORDER BY id DESC LIMIT 1")
        return str(rows[0][0])

    def hide(self, kind: str, thing: str) -> str:
        self.admin.send("POST", f"/admin/{kind}/{thing}/hide", {"reason": "広告のため"})
        return thing

    def warned(self) -> tuple[Caller, str]:
        """Somebody who was warned, and the notification that says so."""
        person = self.member()
        self.admin.send("POST", f"/admin/users/{person.id}/warn", {"reason": "広告のため"})
        return person, self.newest_notification(person)

    def appeal(self) -> str:
        person, notification = self.warned()
        form = {"notification_id": notification, "text": "誤解です"}
        return self._made(person, "/appeals", form)

    def announcement(self) -> str:
        return self._made(self.admin, "/admin/announcements", self.announcement_form())

    def announcement_form(self) -> dict[str, Any]:
        return {"title_ja": "お知らせ", "body_ja": BODY}

    def newest_notification(self, person: Caller) -> str:
        return str(person.send("GET", "/notifications?limit=1")["items"][0]["id"])

    def mailed(self, person: Caller, purpose: str, email: str) -> str:
        """A token as a mail would bring it."""
        token = token_hex(16)
        self.tree.query(
            "INSERT INTO auth_mail_tokens (user_id, purpose, token_hash, expires_at, email)"
            " SELECT id, $2, decode($3, 'hex'), now() + interval '1 hour', $4 FROM users"
            " WHERE id = ($1::text)::uuid",
            *(person.id, purpose, hashlib.sha256(token.encode()).hexdigest(), email),
        )
        return token

    def with_google(self) -> Caller:
        """Somebody with a second door, so that one may go."""
        person = self.member()
        self.tree.query(
            "INSERT INTO user_identities (user_id, provider, subject)"
            " VALUES (($1::text)::uuid, 'google', $2)",
            *(person.id, token_hex(8)),
        )
        return person

    def _made(self, caller: Caller, path: str, form: dict[str, Any]) -> str:
        return str(caller.send("POST", path, form)["id"])
