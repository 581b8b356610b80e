"""The expected items of each list for one reader. `walk.py` compares them with the answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.post.models import POST_MARKS
from tests.states import recount
from tests.states.facts import Facts, Row
from tests.states.view import View

MAX_RECENT = 50

type Item = dict[str, Any]


@dataclass
class Expected:
    """A list of the API. `items` is None if the answer must be 404."""

    path: str
    items: list[Item] | None
    params: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    """Ids of items that the contract leaves open. They are left out on both sides."""

    depends_on_flags: bool = False
    """Whether the list depends on flags or positions that the app must keep up to date."""


def report_item(report: Row, case: Row) -> Item:
    outcomes = {None: None, "dismiss": "no_violation"}
    outcome = outcomes.get(case["resolution"], "acted")
    return {"id": report["id"], "status": case["status"], "outcome": outcome}


def lounge_item(view: View, lounge: Row) -> Item:
    favorites = view.facts.rows("lounge_favorites", lounge_id=lounge["id"])
    own = {"user_id": view.reader_id, "lounge_id": lounge["id"]}
    subscription = view.facts.rows("lounge_subscriptions", **own)
    return {
        "id": lounge["id"],
        "post_count": recount.posts_in_lounge(view.facts, lounge),
        "favorite_count": len(favorites),
        "closed": lounge["closed_at"] is not None,
        "is_favorite": view.reader_id in {row["user_id"] for row in favorites},
        "notification_level": subscription[0]["level"] if subscription else "none",
    }


def post_item(view: View, post: Row) -> Item:
    likes = view.facts.rows("post_likes", post_id=post["id"])
    own = {"user_id": view.reader_id, "post_id": post["id"]}
    return {
        "id": post["id"],
        "author": post["author_id"],
        "title": post["title"],
        "moderation": post["moderation"],
        "comment_count": recount.comments(view.facts, post),
        "like_count": len(likes),
        **{
            table.mark.field: bool(view.facts.rows(table.__tablename__, **own))
            for table in POST_MARKS
            if table.mark.field
        },
        "images": len(view.facts.rows("post_images", post_id=post["id"])),
    }


def comment_item(view: View, comment: Row) -> Item:
    deleted = comment["deleted_at"] is not None
    return {
        "id": comment["id"],
        "parent_id": comment["parent_id"],
        "author": None if deleted else comment["author_id"],
        "body": "" if deleted else comment["body"],
        "deleted": deleted,
        "moderation": comment["moderation"],
        "reply_count": recount.replies(view.facts, comment),
    }


def notification_item(_: View, notification: Row) -> Item:
    return {
        "id": notification["id"],
        "type": notification["type"],
        "read": notification["read_at"] is not None,
        "actor": notification["actor_id"],
        "post_id": notification["post_id"],
        "comment_id": notification["comment_id"],
    }


def summary(item: Item, like: Item) -> Item:
    """The fields of an answered item that are compared: authors by id, pictures by number."""
    return {name: _short(item.get(name)) for name in like}


def _short(value: Any) -> Any:
    match value:
        case {"id": author_id}:
            return author_id
        case [*pictures]:
            return len(pictures)
        case _:
            return value


def lists_of(view: View, words: Iterable[str]) -> Iterator[Expected]:
    """Every list of one reader. `words` are the search texts."""
    yield from _lounges(view, words)
    yield from _posts(view, words)
    yield from _comments(view)
    yield from _own(view)
    yield from _notifications(view)


def _all(view: View, rows: Iterable[Row], item: Callable[[View, Row], Item]) -> list[Item]:
    return [item(view, row) for row in rows]


def _lounges(view: View, words: Iterable[str]) -> Iterator[Expected]:
    facts = view.facts
    newest = [row for row in facts.newest("lounges") if row["closed_at"] is None]

    def listed(rows: Iterable[Row]) -> list[Item]:
        return _all(view, rows, lounge_item)

    yield Expected("/lounges", listed(newest), {"sort": "new"})
    by_name = sorted(newest, key=lambda row: row["name_key"])
    yield Expected("/lounges", listed(by_name), {"sort": "name"})
    by_favorites = sorted(newest, key=lambda row: -recount.favorites(facts, row))
    yield Expected("/lounges", listed(by_favorites), {"sort": "popular"})
    for word in words:
        named = [row for row in newest if word in row["name"]]
        yield Expected("/lounges", listed(named), {"sort": "new", "q": word})
    own = facts.newest("lounge_favorites", user_id=view.reader_id)
    yield Expected("/lounges/favorites", listed(_lounges_of(facts, own)), depends_on_flags=True)
    views = facts.newest("lounge_recent_views", user_id=view.reader_id, forgotten=False)
    recent = _lounges_of(facts, views[:MAX_RECENT])
    still_open = [lounge for lounge in recent if lounge["closed_at"] is None]
    yield Expected("/lounges/recent", listed(still_open), depends_on_flags=True)


def _lounges_of(facts: Facts, rows: Iterable[Row]) -> list[Row]:
    return [facts.lounges[row["lounge_id"]] for row in rows]


def _posts(view: View, words: Iterable[str]) -> Iterator[Expected]:
    facts = view.facts
    shown = [post for post in facts.newest("posts") if view.shows_post(post)]

    def having(**wanted: str) -> list[Item]:
        rows = [row for row in shown if all(row[name] == wanted[name] for name in wanted)]
        return _all(view, rows, post_item)

    yield Expected("/posts", having())
    favorites = facts.rows("lounge_favorites", user_id=view.reader_id)
    lounge_ids = {row["lounge_id"] for row in favorites}
    feed = [row for row in shown if row["lounge_id"] in lounge_ids]
    yield Expected("/posts", _all(view, feed, post_item), {"feed": "favorites"})
    for word in words:
        matching = [row for row in shown if word in f"{row['title']}\n{row['body']}"]
        yield Expected("/posts", _all(view, matching, post_item), {"q": word})
    for lounge_id in {row["lounge_id"] for row in facts.rows("posts")}:
        yield Expected(f"/lounges/{lounge_id}/posts", having(lounge_id=lounge_id))
    for user in facts.rows("users"):
        left = user["left_at"] is not None
        posts = None if left else having(author_id=user["id"])
        yield Expected(f"/users/{user['id']}/posts", posts)


def _comments(view: View) -> Iterator[Expected]:
    for post in view.facts.rows("posts"):
        path = f"/posts/{post['id']}/comments"
        if not view.shows_post(post):
            yield Expected(path, None)
            continue
        tops = _thread(view, post_id=post["id"], parent_id=None)
        yield Expected(path, _all(view, tops, comment_item))
        for top in tops:
            replies = _thread(view, parent_id=top["id"])
            yield Expected(path, _all(view, replies, comment_item), {"parent_id": top["id"]})


def _thread(view: View, **wanted: Any) -> list[Row]:
    oldest_first = reversed(view.facts.newest("comments", **wanted))
    return [row for row in oldest_first if view.shows_comment(row)]


def _own(view: View) -> Iterator[Expected]:
    facts, me = view.facts, view.reader_id
    own = [post for post in facts.newest("posts", author_id=me) if view.shows_post(post)]
    yield Expected("/users/me/posts", _all(view, own, post_item))
    comments = [
        row for row in facts.newest("comments", author_id=me) if view.reaches_own_comment(row)
    ]
    yield Expected("/users/me/comments", _all(view, comments, comment_item))
    for table in POST_MARKS:
        if table.mark.listed_at and table.mark.is_kept:
            rows = facts.newest(table.__tablename__, user_id=me)
            kept = [facts.posts[row["post_id"]] for row in rows]
            shown = [post for post in kept if view.shows_post(post)]
            yield Expected(table.mark.listed_at, _all(view, shown, post_item))
    blocked = [row["blocked_id"] for row in facts.newest("user_blocks", blocker_id=me)]
    present = [{"id": user_id} for user_id in blocked if facts.users[user_id]["left_at"] is None]
    yield Expected("/users/me/blocks", present)
    requests = facts.newest("lounge_requests", requester_id=me)
    own_requests: list[Item] = [{"id": row["id"], "status": row["status"]} for row in requests]
    yield Expected("/lounge-requests", own_requests)
    cases = {case["id"]: case for case in facts.rows("report_cases")}
    own_reports = [
        report_item(row, cases[row["case_id"]]) for row in facts.newest("reports", reporter_id=me)
    ]
    yield Expected("/reports", own_reports)


def _notifications(view: View) -> Iterator[Expected]:
    rows = view.facts.newest("notifications", user_id=view.reader_id)
    unsure = {row["id"] for row in rows if view.is_unsure(row)}
    shown = _all(view, [row for row in rows if view.shows_notification(row)], notification_item)
    unread = [item for item in shown if not item["read"]]
    yield Expected("/notifications", shown, {}, unsure, depends_on_flags=True)
    yield Expected("/notifications", unread, {"unread": "true"}, unsure, depends_on_flags=True)
