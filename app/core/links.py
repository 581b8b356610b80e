"""The one address of a lounge, post or comment: in answers, in pushes, and in a browser.

A statement takes the parameter `base_url` for it (`LINKY_PUBLIC_URL`), as it takes `media_url` for
pictures. The columns are made by PostgreSQL: a list has up to a hundred of them.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, cast, literal_column

_BASE_URL = bindparam("base_url", type_=Text)


def lounge_url(base_url: str, lounge_id: UUID | str) -> str:
    return f"{base_url}/l/{lounge_id}"


def post_url(base_url: str, post_id: UUID | str) -> str:
    return f"{base_url}/p/{post_id}"


def comment_url(base_url: str, post_id: UUID | str, comment_id: UUID | str) -> str:
    return f"{base_url}/p/{post_id}/c/{comment_id}"


def appeal_url(base_url: str, token: str) -> str:
    return f"{base_url}/account/appeal?token={token}"


def lounge_url_of(lounge_id: Any) -> ColumnElement[str]:
    """`lounge_url` as a column."""
    return _joined("/l/", lounge_id)


def post_url_of(post_id: Any) -> ColumnElement[str]:
    """`post_url` as a column."""
    return _joined("/p/", post_id)


def comment_url_of(post_id: Any, comment_id: Any) -> ColumnElement[str]:
    """`comment_url` as a column."""
    return _joined("/p/", post_id) + _text("/c/") + cast(comment_id, Text)


def _joined(path: str, row_id: Any) -> ColumnElement[str]:
    return _BASE_URL + _text(path) + cast(row_id, Text)


def _text(path: str) -> ColumnElement[str]:
    # In the SQL itself: it never changes.
    return literal_column(f"'{path}'", Text)
