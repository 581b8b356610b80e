"""A community of a few rows and one picture, written by SQL, for tests of what moves."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from tests.support.foreign_users import BCRYPT
from tests.support.sql import rows

PICTURE = "images/00000000-0000-4000-8000-000000000001/full.webp"


def webp(width: int = 40, height: int = 30, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "#2f6f4f").save(out, "WEBP", **options)
    return out.getvalue()


def add_user(url: str, name: str, **columns: str) -> str:
    """Returns the id. A column's value is SQL. They sign in with `foreign_users.PASSWORD`."""
    given = {
        "provider": "'email'",
        "email": f"'{name}@example.com'",
        "password_hash": f"'{BCRYPT}'",
        "email_verified_at": "now()",
        "nickname": f"'{name}'",
        "role": "'user'",
    } | columns
    user_id = insert(url, "users", **given)
    rows(url, _FIRST_METHOD.format(user_id))
    return user_id


_FIRST_METHOD = """
    INSERT INTO user_identities (user_id, provider, subject)
    SELECT id, provider, provider_user_id FROM users WHERE id = '{}' AND provider <> 'guest'
    ON CONFLICT DO NOTHING
"""


def add_lounge(url: str) -> str:
    return insert(
        url, "lounges", name="'部屋'", name_key="'部屋'", description="'試験用'", search_vector="''"
    )


def add_post(url: str, lounge: str, author: str, **columns: str) -> str:
    """Returns the id."""
    given = {"title": "'題'", "body": "'本文'", **columns}
    return insert(url, "posts", lounge_id=f"'{lounge}'", author_id=f"'{author}'", **given)


def insert(url: str, table: str, *, returning: str = "id", **columns: str) -> str:
    names, values = ", ".join(columns), ", ".join(columns.values())
    statement = f"INSERT INTO {table} ({names}) VALUES ({values}) RETURNING {returning}"
    (row,) = rows(url, statement)
    return str(row[0])


def fill(url: str, data_dir: Path) -> None:
    """An admin, a member with a post, what an admin did, and a picture."""
    admin = add_user(url, "admin", role="'admin'")
    member = add_user(url, "hanako")
    post = add_post(url, add_lounge(url), member)
    insert(
        url, "audit_log", actor_id=f"'{admin}'", action="'post.hide'", target_type="'post'",
        target_id=f"'{post}'", reason="'理由'", before="'{}'", after="'{\"hidden\": true}'",
        address="'192.0.2.1'",
    )  # fmt: skip
    numbers = "('2026-01-01', 'post', 1, 0, 0)"
    rows(url, f"INSERT INTO daily_numbers VALUES {numbers}")
    picture = data_dir / "storage" / PICTURE
    picture.parent.mkdir(parents=True)
    picture.write_bytes(webp())
