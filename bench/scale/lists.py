"""What is asked: each list of ordinary readers, of the stars who have much, and of a moderator."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import quote

import orjson

from bench.requests.cases import Asker
from bench.requests.client import Request, send
from bench.requests.community import Viewer
from bench.requests.servers import Server
from bench.scale.data import SAMPLE, Scaled

PAGE, LONGEST_PAGE = 20, 100
DEEP = 1_000
"""The page that must cost as much as the first."""

READERS = "readers"


@dataclass(frozen=True, slots=True)
class List:
    """A list and who asks for it. The path names samples of the data, such as {lounge}."""

    name: str
    path: str
    who: str = READERS
    deep: bool = False
    """Whether it has a thousand pages at scale 10."""

    grows: bool = False
    """Whether it may grow: it counts exactly, or it searches."""


LISTS = (
    List("lounge feed", "/lounges/{lounge}/posts"),
    List("home feed", "/posts", deep=True),
    List("one post", "/posts/{talk}"),
    List("comments", "/posts/{talk}/comments"),
    List("a user's posts", "/users/{author}/posts"),
    List("my posts", "/users/me/posts"),
    List("my comments", "/users/me/comments"),
    List("my likes", "/users/me/likes"),
    List("my mutes", "/users/me/mutes"),
    List("notifications", "/notifications"),
    List("unread notifications", "/notifications?unread=true"),
    List("unread count", "/notifications/unread-count"),
    List("lounges, popular", "/lounges", deep=True),
    List("lounges, new", "/lounges?sort=new", deep=True),
    List("lounges, by name", "/lounges?sort=name", deep=True),
    List("lounges, by word", f"/lounges?q={quote('部屋')}"),
    List("favourites", "/lounges/favorites"),
    List("favourites feed", "/posts?feed=favorites"),
    List("recent lounges", "/lounges/recent"),
    List("blocks", "/users/me/blocks"),
    List("my appeals", "/appeals"),
    List("me", "/users/me"),
    List("busy lounge", "/lounges/{crowd}/posts", deep=True),
    List("many comments", "/posts/{thread}/comments", deep=True),
    List("many replies", "/posts/{thread}/comments?parent_id={parent}", deep=True),
    List("a comment's place", "/comments/{parent}?context=true"),
    List("heavy user's posts", "/users/{heavy}/posts", deep=True),
    List("many posts of mine", "/users/me/posts", "heavy", deep=True),
    List("many comments of mine", "/users/me/comments", "heavy", deep=True),
    List("many likes", "/users/me/likes", "heavy", deep=True),
    List("many notifications", "/notifications", "heavy", deep=True),
    List("many unread", "/notifications?unread=true", "heavy", deep=True),
    List("many unread, count", "/notifications/unread-count", "heavy", grows=True),
    List("many favourites", "/lounges/favorites", "heavy", deep=True),
    List("many favourites: feed", "/posts?feed=favorites", "heavy", deep=True),
    List("an author in the feed", "/posts?feed=favorites&author_id={author}", "heavy"),
    List("many appeals", "/appeals", "heavy"),
    List("many blocks", "/users/me/blocks", "blocker"),
    List("many blocked: home feed", "/posts", "blocker", deep=True),
    List("many blocked: busy lounge", "/lounges/{crowd}/posts", "blocker", deep=True),
    List("many blocked: many comments", "/posts/{thread}/comments", "blocker", deep=True),
    List("admin: users", "/admin/users", "moderator", deep=True),
    List("admin: users by address", f"/admin/users?q={quote('user777@')}", "moderator", grows=True),
    List("admin: comments", "/admin/comments", "moderator", deep=True),
    List("admin: held", "/admin/held-content", "moderator", deep=True),
    List("admin: reports", "/admin/reports", "moderator", deep=True),
    List("admin: reports of a case", "/admin/reports/{case}/reports", "moderator"),
    List("admin: lounge requests", "/admin/lounge-requests", "moderator", deep=True),
    List("admin: appeals", "/admin/appeals", "moderator", deep=True),
    List("admin: open appeals", "/admin/appeals?status=open", "moderator", deep=True),
    List("admin: announcements", "/admin/announcements", "moderator", deep=True),
    List("admin: audit log", "/admin/audit-log", "moderator", deep=True),
)

NOT_MEASURED = {
    **dict.fromkeys(
        ("/auth/sessions", "/lounge-requests", "/users/me/identities"), "a user has few"
    ),
    "/admin/posts": "it walks through the words of posts, a table that this data does not have: "
    "`make bench-console` measures it as /admin/find?kind=posts, `make bench-search` the search",
}


def requests_of(one: List, data: Scaled, asker: Asker, cursor: str = "") -> list[Request]:
    """A burst. Each request is of the next reader, for the next of the sample."""
    return [asker.of(*asked) for asked in islice(_asked(one, data, cursor), SAMPLE)]


def _asked(
    one: List, data: Scaled, cursor: str = "", limit: int = 0
) -> Iterator[tuple[Viewer, str, str]]:
    viewers = data.readers if one.who == READERS else [data.stars[one.who]]
    samples = {name: cycle(ids) for name, ids in data.samples.items()}
    samples["heavy"] = cycle([data.stars["heavy"].user_id])
    ending = [f"cursor={cursor}"] * bool(cursor) + [f"limit={limit}"] * bool(limit)
    joint = "&" if "?" in one.path else "?"
    for viewer in cycle(viewers):
        path = one.path.format_map({name: next(ids) for name, ids in samples.items()})
        yield viewer, "GET", path + joint * bool(ending) + "&".join(ending)


async def deep_cursor(one: List, data: Scaled, asker: Asker, server: Server) -> tuple[str, int]:
    """The cursor of page DEEP of the first reader's list, or of its last full page, and which."""
    cursor, read, wanted = "", 0, PAGE * (DEEP - 1)
    while read < wanted:
        limit = min(LONGEST_PAGE, wanted - read)
        asked = next(_asked(one, data, cursor, limit))
        following = orjson.loads(await send(server.port, asker.of(*asked)))["next_cursor"]
        if following is None:
            break
        cursor, read = following, read + limit
    return cursor, read // PAGE + 1
