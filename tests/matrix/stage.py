"""The stage of the matrix: all callers, and things of each kind in each state."""

import secrets
from dataclasses import dataclass
from typing import Any

from app.api import JOBS
from tests.matrix.routes import MARKS, ROUTES, Access
from tests.matrix.states import (
    BANNED,
    COMMENTS,
    COMMENTS_ON_POSTS,
    OUT_OF_READERS_SIGHT,
    POSTS,
    USERS,
    WITH_A_REPLY,
    Act,
    Scene,
    erase_owner,
    nothing,
    suspend,
)
from tests.matrix.things import BY_ALL, BY_NOBODY, BY_OWNER, Caller, Eyes, Kind, Standing, Thing
from tests.support.api import UNKNOWN_ID, expect
from tests.support.auth import another_session, parts
from tests.support.jobs import run_jobs
from tests.support.moderating import ask, ban, case_of, report
from tests.support.notifications import register_device
from tests.support.routes import lists_of
from tests.support.world import World

ANY = {
    "provider": "line",
    "size": "full",
    "install_id": "install-0001",
    "target_type": "post",
    "image_id": UNKNOWN_ID,
    "appeal_id": UNKNOWN_ID,
    "announcement_id": UNKNOWN_ID,
}

KINDS = {
    "post_id": Kind.POST,
    "comment_id": Kind.COMMENT,
    "user_id": Kind.USER,
    "lounge_id": Kind.LOUNGE,
    "request_id": Kind.REQUEST,
    "session_id": Kind.SESSION,
    "report_id": Kind.CASE,
    "notification_id": Kind.NOTIFICATION,
}

WITH_AN_AUTHOR = (Kind.POST, Kind.COMMENT, Kind.USER)

REQUESTS = {"approved": "approve", "rejected": "reject", "withdrawn": "", "pending": ""}
"""The states of a lounge request, and the act of an admin that brings it there."""


@dataclass(frozen=True)
class Secret:
    """A needle: a word that stands in one thing, or the name of its owner."""

    word: str
    thing: Thing
    is_name: bool = False


def needle() -> str:
    return f"n{secrets.token_hex(8)}"


def folder_of(image: dict[str, Any]) -> str:
    """The part of a picture's address that its two sizes share."""
    return str(image["url"]).split("/")[-2]


class Stage:
    """Made by `start`. First all things are made, then they come into their states."""

    def __init__(self, world: World, connection: Any) -> None:
        self.world = world
        self.connection = connection
        self.things: list[Thing] = []
        self.secrets: list[Secret] = []
        self._acts: list[tuple[Thing, Act]] = []

    async def start(self) -> "Stage":
        await self._gather_readers()
        await self._make_lounges()
        await self._make_posts()
        await self._make_comments()
        await self._make_users()
        await self._make_requests()
        await self._make_own_things()
        await self._make_cases()
        for kind in Kind:
            unknown = self._add(kind, "unknown", UNKNOWN_ID, BY_NOBODY)
            if kind == Kind.COMMENT:
                self._put_on(unknown, self.host)
        await self._fill_lists()
        self._any_ids = ANY | {name: self.of(kind)[0].id for name, kind in KINDS.items()}
        self.shown = await self._read_lists()
        await self._bring_into_states()
        return self

    @property
    def readers(self) -> list[Caller]:
        return [
            *(self.reader, self.guest, self.suspended, self.ended),
            *(self.moderator, self.admin),
        ]

    def callers_of(self, thing: Thing) -> list[Caller]:
        """All who look at a thing: the readers, and its owner."""
        owner = [] if thing.owner is None or thing.owner in self.readers else [thing.owner]
        return [self.anonymous, *self.readers, *owner]

    def of(self, *kinds: Kind) -> list[Thing]:
        return [thing for thing in self.things if thing.kind in kinds]

    def ids_for(self, caller: Caller, thing: Thing | None = None) -> dict[str, str]:
        """What fills the parameters of a route: the thing's, the caller's own, or anything."""
        return self._any_ids | caller.ids | (thing.ids if thing else {})

    # People

    async def _gather_readers(self) -> None:
        self.anonymous = Caller("anonymous", "", self.world.anonymous())
        self.admin = Caller("admin", "admin", await self.world.admin())
        self.moderator = Caller("moderator", "moderator", await self.world.moderator())
        self.guest = Caller("guest", "guest", await self.world.guest())
        self.reader = await self._member("user")
        self.suspended = await self._member("suspended user")
        self.ended = await self._member("user with an ended session")
        for staff in (self.admin, self.moderator):
            staff.ids["user_id"] = self.reader.api.id  # A warning needs someone who is there.

    async def _member(self, name: str) -> Caller:
        return Caller(name, "user", await self.world.member(f"名{needle()}"))

    # Things

    def _add(
        self,
        kind: Kind,
        state: str,
        thing_id: str,
        seen_by: frozenset[Eyes],
        owner: Caller | None = None,
        act: Act = nothing,
        **ids: str,
    ) -> Thing:
        around = {"target_type": str(kind), **ids}
        thing = Thing(kind, state, thing_id, seen_by, owner, around)
        self.things.append(thing)
        self._acts.append((thing, act))
        if owner is not None and kind in WITH_AN_AUTHOR:
            self.secrets.append(Secret(owner.api.user["nickname"], thing, is_name=True))
        return thing

    def _hide(self, thing: Thing, *words: str) -> None:
        """These words may be found only by those who see the thing."""
        self.secrets += [Secret(word, thing) for word in words]

    async def _make_lounges(self) -> None:
        self.lounge = await self.world.lounge()
        closed = await self.world.lounge()
        expect(await self.admin.api.delete(f"/admin/lounges/{closed['id']}"), 204)
        self._add(Kind.LOUNGE, "open", self.lounge["id"], BY_ALL)
        self._add(Kind.LOUNGE, "closed", closed["id"], BY_ALL)

    async def _make_posts(self) -> None:
        self.host = await self._post("visible", BY_ALL, nothing, self.reader)
        own = await self._post("visible", BY_ALL, nothing, self.admin)
        theirs = await self._post("visible", BY_ALL, nothing, self.moderator)
        self.moderator.ids["post_id"] = theirs.id
        self.reader.ids["post_id"], self.admin.ids["post_id"] = self.host.id, own.id
        for state, (seen_by, act) in POSTS.items():
            await self._post(state, seen_by, act, await self._member("author"))
        for post in self.of(Kind.POST):
            for name in MARKS:
                for reader in self.readers:
                    if reader is not self.guest or ROUTES[name].access == Access.USER:
                        path = name.removeprefix("PUT ").format(post_id=post.id)
                        expect(await reader.api.put(path), 204)

    async def _post(self, state: str, seen_by: frozenset[Eyes], act: Act, author: Caller) -> Thing:
        word, lounge = needle(), await self.world.lounge()
        image = await self.world.image(author.api)
        words = {"title": f"題{word}", "body": f"文{word}", "image_ids": [image["id"]]}
        made = await self.world.post(author.api, lounge, **words)
        ids = {"lounge_id": lounge["id"], "word": word}
        post = self._add(Kind.POST, state, made["id"], seen_by, author, act, **ids)
        self._hide(post, word, folder_of(image))
        return post

    async def _make_comments(self) -> None:
        for state, (seen_by, act) in COMMENTS.items():
            comment = await self._comment(state, seen_by, act, self.host)
            if state in WITH_A_REPLY:
                below = f"below a comment {state}"
                await self._comment(below, WITH_A_REPLY[state], nothing, self.host, comment)
        for post in self.of(Kind.POST):
            if post.state in COMMENTS_ON_POSTS:
                state = f"on a post {post.state}"
                await self._comment(state, COMMENTS_ON_POSTS[post.state], nothing, post)

    async def _comment(
        self,
        state: str,
        seen_by: frozenset[Eyes],
        act: Act,
        post: Thing,
        parent: Thing | None = None,
    ) -> Thing:
        author, word = await self._member("commenter"), needle()
        form = {"body": f"文{word}"} | ({"parent_id": parent.id} if parent else {})
        made = expect(await author.api.post(f"/posts/{post.id}/comments", json=form), 201)
        comment = self._add(Kind.COMMENT, state, made["id"], seen_by, author, act, word=word)
        self._put_on(comment, post)
        comment.host = (parent or post).owner
        self._hide(comment, word)
        return comment

    def _put_on(self, comment: Thing, post: Thing) -> None:
        comment.on, comment.ids["post_id"] = post, post.id

    async def _make_users(self) -> None:
        for state, (seen_by, act) in USERS.items():
            user = await self._member("themselves")
            self._add(Kind.USER, state, user.api.id, seen_by, user, act)
            address = Thing(Kind.USER, f"{state}: the address", user.api.id, BY_OWNER, user)
            self._hide(address, user.api.email)

    async def _make_requests(self) -> None:
        for state, verb in REQUESTS.items():
            requester, word = await self._member("requester"), needle()
            made = await ask(requester.api, f"部屋{word}", reason=f"理由{word}")
            request = self._add(Kind.REQUEST, state, made["id"], BY_OWNER, requester)
            path = f"/lounge-requests/{request.id}"
            if verb:
                form = {"reason": "理由"} if verb == "reject" else None
                expect(await self.admin.api.post(f"/admin{path}/{verb}", json=form), 200)
            elif state == "withdrawn":
                expect(await requester.api.delete(path), 204)
            if state != "approved":  # Then all see its name, as a lounge.
                self._hide(request, word)

    async def _make_own_things(self) -> None:
        """Pictures, sessions, notifications and devices: only their owner may see them."""
        owner, word = await self._member("owner"), needle()
        await register_device(owner.api, "install-0002", word)
        self._hide(self._own(Kind.DEVICE, "registered", "install-0002", owner), word)
        post = await self.world.post(owner.api, self.lounge)
        owner.ids["post_id"] = post["id"]
        await self.world.comment(self.reader.api, post)
        (note,) = await owner.api.items("/notifications")
        self._own(Kind.NOTIFICATION, "unread", note["id"], owner)
        image = await self.world.image(owner.api)
        uploaded = self._own(Kind.IMAGE, "uploaded", image["id"], owner)
        self._hide(uploaded, folder_of(image))
        taken = await self.world.image(owner.api)
        await self.world.post(owner.api, self.lounge, image_ids=[taken["id"]])
        self._own(Kind.IMAGE, "in a post", taken["id"], owner)
        await self._make_sessions(owner)

    def _own(self, kind: Kind, state: str, thing_id: str, owner: Caller) -> Thing:
        return self._add(kind, state, thing_id, BY_OWNER, owner)

    async def _make_sessions(self, owner: Caller) -> None:
        for state in ("open", "ended"):
            device = await another_session(self.world, owner.api)
            session_id = parts(device.access)[1]["sid"]
            self._own(Kind.SESSION, state, session_id, owner)
            if state == "ended":
                expect(await owner.api.delete(f"/auth/sessions/{session_id}"), 204)

    async def _make_cases(self) -> None:
        for state in ("open", "resolved"):
            target = (await self.world.lounge())["id"]
            await report(self.reader.api, "lounge", target)
            case = await case_of(self.admin.api, target)
            self._add(Kind.CASE, state, case["id"], BY_NOBODY)
            if state == "resolved":
                form = {"action": "dismiss"}
                path = f"/admin/reports/{case['id']}/resolve"
                expect(await self.admin.api.post(path, json=form), 200)

    # Lists

    async def _fill_lists(self) -> None:
        """Give the reader a row in the lists that are still empty."""
        reader, admin = self.reader.api, self.admin.api
        expect(await reader.put(f"/lounges/{self.lounge['id']}/favorite"), 204)
        expect(await reader.get(f"/lounges/{self.lounge['id']}"), 200)
        await ask(reader)
        form = {"title_ja": "題", "body_ja": "文", "push": False}
        expect(await admin.post("/admin/announcements", json=form), 201)
        expect(await admin.post(f"/admin/users/{reader.id}/warn", json={"reason": "規約"}), 201)
        (warning,) = [n for n in await reader.items("/notifications") if n["type"] == "warning"]
        form = {"notification_id": warning["id"], "text": "誤解です"}
        expect(await reader.post("/appeals", json=form), 201)
        await run_jobs(self.world, JOBS)  # Those who watch a post are notified by a job.

    def reader_of(self, path: str) -> Caller:
        return self.admin if path.startswith("/admin") else self.reader

    async def read_list(self, path: str, thing: Thing | None = None) -> str:
        """What a list shows, as text: by its reader, below a thing or what stands around it."""
        caller = self.reader_of(path)
        ids = self.ids_for(caller, thing)
        if thing and thing.owner:
            ids["user_id"] = thing.owner.api.id
        return (await caller.api.get(path.format(**ids), params={"limit": 100})).text

    async def _read_lists(self) -> dict[str, dict[str, str]]:
        """By list and state, what the list shows of all things that will be in this state.

        That is, before they are: blocked and muted things must have been there.
        """
        return {
            path: {
                state: "".join(
                    [
                        await self.read_list(path, thing)
                        for thing in self.of(Kind.POST, Kind.COMMENT)
                        if thing.state.removeprefix("on a post ") == state
                    ]
                )
                for state in OUT_OF_READERS_SIGHT
            }
            for path in lists_of(self.world.app)
        }

    # States

    def _readers_of(self, thing: Thing) -> list[Caller]:
        """The readers, and the owners of comments on a post."""
        comments = self.of(Kind.COMMENT)
        return self.readers + [c.owner for c in comments if c.on is thing and c.owner]

    async def _bring_into_states(self) -> None:
        await ban(self.admin.api, BANNED)
        # The job would erase all who have left by then.
        for thing, act in sorted(self._acts, key=lambda each: each[1] is not erase_owner):
            await act(Scene(self.world, self.admin.api, thing, self._readers_of(thing)))
        await self._suspend_and_sign_out()

    async def _suspend_and_sign_out(self) -> None:
        await suspend(self.admin.api, self.suspended)
        form = {"refresh_token": self.ended.api.refresh_token}
        expect(await self.ended.api.post("/auth/logout", json=form), 204)
        self.ended.standing = Standing.ENDED
