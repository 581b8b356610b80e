"""What each list must hold for one reader. `walk.py` compares it with what the app answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.states import recount
from tests.states.facts import Facts, Row
from tests.states.sight import Sight

MOST_RECENT = 50

type Item = dict[str, Any]


@dataclass
class Expected:
    """One list of the API; `items` is None where the answer must be 404."""

    path: str
    items: list[Item] | None
    params: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    """Ids of items about which the contract says nothing; they are left out on both sides."""

    depends_on_flags: bool = False
    """Whether rows hold more than facts here: flags and places that the app keeps up to date."""


def lounge_item(sight: Sight, lounge: Row) -> Item:
    favorites = sight.facts.rows("lounge_favorites", lounge_id=lounge["id"])
    return {
        "id": lounge["id"],
        "post_count": recount.posts_in_lounge(sight.facts, lounge),
        "favorite_count": len(favorites),
        "closed": lounge["closed_at"] is not None,
        "is_favorite": sight.reader_id in {row["user_id"] for row in favorites},
    }


def post_item(sight: Sight, post: Row) -> Item:
    likes = sight.facts.rows("post_likes", post_id=post["id"])
    return {
        "id": post["id"],
        "author": post["author_id"],
        "title": post["title"],
        "moderation": post["moderation"],
        "comment_count": recount.comments(sight.facts, post),
        "like_count": len(likes),
        "liked": sight.reader_id in {row["user_id"] for row in likes},
        "images": len(sight.facts.rows("post_images", post_id=post["id"])),
    }


def comment_item(sight: Sight, comment: Row) -> Item:
    deleted = comment["deleted_at"] is not None
    return {
        "id": comment["id"],
        "parent_id": comment["parent_id"],
        "author": None if deleted else comment["author_id"],
        "body": "" if deleted else comment["body"],
        "deleted": deleted,
        "moderation": comment["moderation"],
        "reply_count": recount.replies(sight.facts, comment),
    }


def notification_item(_: Sight, notification: Row) -> Item:
    return {
        "id": notification["id"],
        "type": notification["type"],
        "read": notification["read_at"] is not None,
        "actor": notification["actor_id"],
        "post_id": notification["post_id"],
        "comment_id": notification["comment_id"],
    }


def summary(item: Item, like: Item) -> Item:
    """The part of an answer's item that is compared: an author by id, pictures by their number."""
    return {name: _short(item.get(name)) for name in like}


def _short(value: Any) -> Any:
    match value:
        case {"id": author_id}:
            return author_id
        case [*pictures]:
            return len(pictures)
        case _:
            return value


def lists_of(sight: Sight, words: Iterable[str]) -> Iterator[Expected]:
    """Every list of one reader; `words` are searched for."""
    yield from _lounges(sight, words)
    yield from _posts(sight, words)
    yield from _comments(sight)
    yield from _own(sight)
    yield from _notifications(sight)


def _all(sight: Sight, rows: Iterable[Row], item: Callable[[Sight, Row], Item]) -> list[Item]:
    return [item(sight, row) for row in rows]


def _lounges(sight: Sight, words: Iterable[str]) -> Iterator[Expected]:
    facts = sight.facts
    newest = [row for row in facts.newest("lounges") if row["closed_at"] is None]

    def listed(rows: Iterable[Row]) -> list[Item]:
        return _all(sight, rows, lounge_item)

    yield Expected("/lounges", listed(newest), {"sort": "new"})
    by_name = sorted(newest, key=lambda row: row["name_key"])
    yield Expected("/lounges", listed(by_name), {"sort": "name"})
    by_favorites = sorted(newest, key=lambda row: -recount.favorites(facts, row))
    yield Expected("/lounges", listed(by_favorites), {"sort": "popular"})
    for word in words:
        named = [row for row in newest if word in row["name"]]
        yield Expected("/lounges", listed(named), {"sort": "new", "q": word})
    own = facts.newest("lounge_favorites", user_id=sight.reader_id)
    yield Expected("/lounges/favorites", listed(_lounges_of(facts, own)), depends_on_flags=True)
    views = facts.newest("lounge_recent_views", user_id=sight.reader_id)
    recent = _lounges_of(facts, views[:MOST_RECENT])
    still_open = [lounge for lounge in recent if lounge["closed_at"] is None]
    yield Expected("/lounges/recent", listed(still_open), depends_on_flags=True)


def _lounges_of(facts: Facts, rows: Iterable[Row]) -> list[Row]:
    return [facts.lounges[row["lounge_id"]] for row in rows]


def _posts(sight: Sight, words: Iterable[str]) -> Iterator[Expected]:
    facts = sight.facts
    shown = [post for post in facts.newest("posts") if sight.shows_post(post)]

    def having(**wanted: str) -> list[Item]:
        rows = [row for row in shown if all(row[name] == wanted[name] for name in wanted)]
        return _all(sight, rows, post_item)

    yield Expected("/posts", having())
    for word in words:
        found = [row for row in shown if word in f"{row['title']}\n{row['body']}"]
        yield Expected("/posts", _all(sight, found, post_item), {"q": word})
    for lounge_id in {row["lounge_id"] for row in facts.rows("posts")}:
        yield Expected(f"/lounges/{lounge_id}/posts", having(lounge_id=lounge_id))
    for user in facts.rows("users"):
        left = user["left_at"] is not None
        posts = None if left else having(author_id=user["id"])
        yield Expected(f"/users/{user['id']}/posts", posts)


def _comments(sight: Sight) -> Iterator[Expected]:
    for post in sight.facts.rows("posts"):
        path = f"/posts/{post['id']}/comments"
        if not sight.shows_post(post):
            yield Expected(path, None)
            continue
        tops = _thread(sight, post_id=post["id"], parent_id=None)
        yield Expected(path, _all(sight, tops, comment_item))
        for top in tops:
            replies = _thread(sight, parent_id=top["id"])
            yield Expected(path, _all(sight, replies, comment_item), {"parent_id": top["id"]})


def _thread(sight: Sight, **wanted: Any) -> list[Row]:
    oldest_first = reversed(sight.facts.newest("comments", **wanted))
    return [row for row in oldest_first if sight.shows_comment(row)]


def _own(sight: Sight) -> Iterator[Expected]:
    facts, me = sight.facts, sight.reader_id
    own = [post for post in facts.newest("posts", author_id=me) if sight.shows_post(post)]
    yield Expected("/users/me/posts", _all(sight, own, post_item))
    comments = [
        row for row in facts.newest("comments", author_id=me) if sight.reaches_own_comment(row)
    ]
    yield Expected("/users/me/comments", _all(sight, comments, comment_item))
    liked = [facts.posts[row["post_id"]] for row in facts.newest("post_likes", user_id=me)]
    likes = [post for post in liked if sight.shows_post(post)]
    yield Expected("/users/me/likes", _all(sight, likes, post_item))
    blocked = [row["blocked_id"] for row in facts.newest("user_blocks", blocker_id=me)]
    present = [{"id": one} for one in blocked if facts.users[one]["left_at"] is None]
    yield Expected("/users/me/blocks", present)
    requests = facts.newest("lounge_requests", requester_id=me)
    own_requests: list[Item] = [{"id": row["id"], "status": row["status"]} for row in requests]
    yield Expected("/lounge-requests", own_requests)


def _notifications(sight: Sight) -> Iterator[Expected]:
    rows = sight.facts.newest("notifications", user_id=sight.reader_id)
    unsure = {row["id"] for row in rows if sight.is_unsure(row)}
    shown = _all(sight, [row for row in rows if sight.shows_notification(row)], notification_item)
    unread = [item for item in shown if not item["read"]]
    yield Expected("/notifications", shown, {}, unsure, depends_on_flags=True)
    yield Expected("/notifications", unread, {"unread": "true"}, unsure, depends_on_flags=True)
