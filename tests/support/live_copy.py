"""A reader's offline copy, which changes keep up to date."""

from typing import Any

from app.core.viewer_fields import fields_of_reader
from app.lounge.rows import Lounge
from app.post.rows import Post
from tests.support.api import Api, expect

FIRST = dict.fromkeys(fields_of_reader(Post), False)
"""A reader's marks on a post before any change of them."""

COUNTS = ("like_count", "comment_count")
"""Only those who follow the post get them."""

OF_LOUNGE = (
    *("name", "description", "cover_url", "closed"),
    *(name for name, marker in fields_of_reader(Lounge).items() if marker.is_published),
)
"""The fields of a lounge that changes have. Its counts are not among them."""

type Item = dict[str, Any]


class Copy:
    """A reader's offline copy of a lounge with its posts, their comments, and the notifications."""

    def __init__(self, api: Api, lounge_id: str) -> None:
        self.api = api
        self.lounge_id = lounge_id
        self.followed: list[str] = []
        self.posts: dict[str, Item] = {}
        self.marks: dict[str, Item] = {}
        """The reader's marks, also on posts that are gone: these may come back."""
        self.comments: dict[str, Item] = {}
        self.notifications: dict[str, Item] = {}
        self.lounge: Item = {}
        self.unread = (0, False)

    async def fetch(self) -> None:
        self.lounge = expect(await self.api.get(f"/lounges/{self.lounge_id}"), 200)
        listed = await self.api.items(f"/lounges/{self.lounge_id}/posts")
        self.posts = {post["id"]: post for post in listed}
        for post in listed:
            self.marks[post["id"]] = {name: post[name] for name in FIRST}
        self.comments = {}
        for post_id in self.followed:
            await self._fetch_comments(post_id)
        await self._fetch_notifications()
        counted = expect(await self.api.get("/notifications/unread-count"), 200)
        self.unread = counted["count"], counted["more"]

    async def _fetch_notifications(self) -> None:
        notifications = await self.api.items("/notifications")
        self.notifications = {each["id"]: each for each in notifications}

    async def _reload(self, target: Item) -> None:
        """Fetch again what the target names, and nothing else. The badge is told by itself."""
        if target["scope"] == "all":
            await self.fetch()
            return
        if target["scope"] == "post":
            await self._fetch_post(target["post_id"])
        await self._fetch_notifications()

    async def _fetch_post(self, post_id: str) -> None:
        self._drop_post(post_id)
        response = await self.api.get(f"/posts/{post_id}")
        if response.status_code == 404:
            return
        post = expect(response, 200)
        if post["lounge"]["id"] == self.lounge_id:
            self.posts[post_id] = post
            self.marks[post_id] = {name: post[name] for name in FIRST}
            if post_id in self.followed:
                await self._fetch_comments(post_id)

    async def _fetch_comments(self, post_id: str) -> None:
        for comment in await self._comments_of(post_id):
            self.comments[comment["id"]] = comment
            await self._fetch_replies(comment)

    async def _fetch_replies(self, comment: Item) -> None:
        for reply in await self._comments_of(comment["post_id"], parent_id=comment["id"]):
            self.comments[reply["id"]] = reply

    async def _comments_of(self, post_id: str, **params: str) -> list[Item]:
        """A 404 may be the post's: if the post is gone too, it goes from the copy.

        It comes back as one that was not there. Hidden and shown again between two looks, it is
        told by one `put`, which would say nothing to who has it.
        """
        path = f"/posts/{post_id}/comments"
        for _ in range(2):
            response = await self.api.get(path, params={"limit": 100, **params})
            if response.status_code != 404:
                items: list[Item] = expect(response, 200)["items"]
                return items
            if (await self.api.get(f"/posts/{post_id}")).status_code == 404:
                self._drop_post(post_id)
                return []
        return []

    async def apply(self, change: Item) -> None:
        kind = change["kind"]
        if kind == "badge":
            self.unread = change["unread"], change["more"]
        elif kind == "reload":
            await self._reload(change.get("put", {"scope": "all"}))
        elif kind == "author":
            self._drop_author(change["id"])
        elif kind == "notification":
            _apply(self.notifications, change)
        elif kind == "lounge":
            self.lounge |= change["put"]
        elif kind == "mark":
            thing, *marks = change["put"].items()
            if thing == ("thing", "post"):
                self.marks[change["id"]] = dict(marks)
            elif change["id"] == self.lounge_id:
                self.lounge |= marks
        elif kind == "post":
            await self._apply_post(change)
        elif kind == "comment":
            await self._apply_comment(change)

    async def _apply_post(self, change: Item) -> None:
        was_there = change["id"] in self.posts
        _apply(self.posts, change)
        if "gone" in change:
            self._drop_post(change["id"])
            return
        if change["id"] not in self.marks:
            await self._fetch_marks(change["id"])
        if not was_there and change["id"] in self.followed:
            await self._fetch_comments(change["id"])

    def _drop_post(self, post_id: str) -> None:
        self.posts.pop(post_id, None)
        self.comments = {
            key: value for key, value in self.comments.items() if value["post_id"] != post_id
        }

    async def _fetch_marks(self, post_id: str) -> None:
        """A post that comes back may have some from before. Deleted by now, it needs none."""
        response = await self.api.get(f"/posts/{post_id}")
        if response.status_code != 404:
            post = expect(response, 200)
            self.marks[post_id] = {name: post[name] for name in FIRST}

    async def _apply_comment(self, change: Item) -> None:
        was_there = change["id"] in self.comments
        if "put" in change and not self._has_place(change["put"]):
            return
        _apply(self.comments, change)
        if "gone" in change:
            self.comments = {
                key: value
                for key, value in self.comments.items()
                if value["parent_id"] != change["id"]
            }
        elif not was_there and change["put"]["parent_id"] is None:
            await self._fetch_replies(change["put"])

    def _has_place(self, comment: Item) -> bool:
        """The author gets changes of a comment though its post is muted, or the comment above it
        hidden.
        """
        parent_id = comment["parent_id"]
        return comment["post_id"] in self.posts and (
            parent_id is None or parent_id in self.comments
        )

    def _drop_author(self, author_id: str) -> None:
        gone = {k for k, post in self.posts.items() if post["author"]["id"] == author_id}
        self.posts = {k: post for k, post in self.posts.items() if k not in gone}
        dropped = {
            k
            for k, comment in self.comments.items()
            if comment["author"]["id"] == author_id or comment["post_id"] in gone
        }
        self.comments = {
            k: comment
            for k, comment in self.comments.items()
            if k not in dropped and comment["parent_id"] not in dropped
        }
        self.notifications = {
            k: each
            for k, each in self.notifications.items()
            if not each["actor"] or each["actor"]["id"] != author_id
        }

    @property
    def shown(self) -> dict[str, Any]:
        """The reader's view, without the fields that changes do not have."""
        return {
            "lounge": {name: self.lounge[name] for name in OF_LOUNGE},
            "posts": {key: self._told_of(post) for key, post in self.posts.items()},
            "comments": self.comments,
            "notifications": self.notifications,
            "unread": self.unread,
        }

    def _told_of(self, post: Item) -> Item:
        hidden = () if post["id"] in self.followed else COUNTS
        marked = {**FIRST, **post, **self.marks.get(post["id"], {})}
        told = {name: value for name, value in marked.items() if name not in hidden}
        # A lounge's new name is told with the lounge.
        return told | {"lounge": post["lounge"]["id"]}


def _apply(items: dict[str, Item], change: Item) -> None:
    if "gone" in change:
        items.pop(change["id"], None)
    else:
        items[change["id"]] = items.get(change["id"], {}) | change["put"]
