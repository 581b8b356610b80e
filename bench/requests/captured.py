"""Linky's own SQL for the limit: its repositories are asked for it, so the two can't differ."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.comment.repository.reading import CommentReader
from app.core.db import Database, Reading
from app.core.keyset import FIRST_ID, LAST_ID
from app.core.pool import Row
from app.lounge.enums import LoungeSort
from app.lounge.repository.reading import START, LoungeReader
from app.notification_delivery.repository.listing import NotificationListRepository
from app.post.repository.reading import PostReader
from app.post.rows import PostFilter

MEDIA_URL = "https://bench.example/media/"
GIVEN = {"media_url": MEDIA_URL, "base_url": "https://bench.example"}
ROWS = 20 + 1
"""A page of the usual size, and the row that shows whether there is a next page."""

_VIEWER, _POST, _LOUNGE = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement for asyncpg with its values. `places` says where the named values belong."""

    sql: str
    arguments: list[Any]
    places: Mapping[str, list[int]]

    def with_values(self, **values: Any) -> list[Any]:
        """In the order of `$1`, `$2`."""
        arguments = self.arguments.copy()
        for name, value in values.items():
            for place in self.places[name]:
                arguments[place] = value
        return arguments


class _Captured(Exception):
    """Carries a statement out of the repository that was about to send it."""

    def __init__(self, sql: str, arguments: list[Any]) -> None:
        super().__init__(sql)
        self.sql, self.arguments = sql, arguments


class _Reader:
    async def fetch(self, sql: str, arguments: list[Any]) -> Sequence[Row]:
        raise _Captured(sql, arguments)


async def capture(ask: Callable[[Database], Awaitable[Any]], **marks: UUID) -> Statement:
    """The statement that `ask` sends with the values of `marks`, which show us their places."""
    try:
        await ask(Reading(GIVEN, _Reader(), _Reader(), _Reader()))
    except _Captured as captured:
        places = {
            name: [place for place, value in enumerate(captured.arguments) if value == mark]
            for name, mark in marks.items()
        }
        if not all(places.values()):
            raise RuntimeError(f"not every value of {places} is in {captured.sql}") from None
        return Statement(captured.sql, captured.arguments, places)
    raise RuntimeError("the repository sent no statement")


async def reads() -> dict[str, Statement]:
    """The statements of the reads, each with the places of viewer, post and lounge."""
    of_lounge, popular = PostFilter(lounge_id=_LOUNGE), LoungeSort.POPULAR
    return {
        "lounge feed": await capture(
            lambda db: PostReader(db).list_page(_VIEWER, LAST_ID, ROWS, of_lounge),
            viewer=_VIEWER,
            lounge=_LOUNGE,
        ),
        "home feed": await capture(
            lambda db: PostReader(db).list_page(_VIEWER, LAST_ID, ROWS, PostFilter()),
            viewer=_VIEWER,
        ),
        "one post": await capture(
            lambda db: PostReader(db).get(_VIEWER, _POST), viewer=_VIEWER, post=_POST
        ),
        "comments": await capture(
            lambda db: CommentReader(db).list_top_level(_VIEWER, _POST, FIRST_ID, ROWS),
            viewer=_VIEWER,
            post=_POST,
        ),
        "notifications": await capture(
            lambda db: NotificationListRepository(db).list_page(
                _VIEWER, LAST_ID, ROWS, unread=False
            ),
            viewer=_VIEWER,
        ),
        "unread count": await capture(
            lambda db: NotificationListRepository(db).count_unread(_VIEWER), viewer=_VIEWER
        ),
        "lounges": await capture(
            lambda db: LoungeReader(db).list_page(_VIEWER, popular, START[popular], None, ROWS),
            viewer=_VIEWER,
        ),
    }
