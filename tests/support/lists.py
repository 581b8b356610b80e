"""Reads lists as a client does, and checks the form of each response."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from app.core.keyset import Page
from app.lounge.rows import Lounge
from app.post.rows import Post
from tests.support.api import Api, expect


def check(shape: Any, body: Any) -> None:
    """The body must be exactly what the shape describes."""
    model = _model(shape)
    again = model.dump_python(model.validate_python(body), mode="json")
    assert _without_times(again) == _without_times(body)


@cache
def _model(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _without_times(value: Any) -> Any:
    """Leave out times: the model may write their fractions in another way."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_at") and item is not None:
                assert str(item).endswith("Z"), f"{name} is not in UTC: {item}"
        return {k: _without_times(v) for k, v in value.items() if not k.endswith("_at")}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


async def posts(api: Api, path: str = "/posts", **params: Any) -> list[str]:
    """The ids."""
    body = expect(await api.get(path, params={"limit": 100, **params}), 200)
    check(Page[Post], body)
    return [item["id"] for item in body["items"]]


async def lounges(api: Api, path: str = "/lounges", **params: Any) -> list[str]:
    """The names."""
    body = expect(await api.get(path, params={"limit": 100, **params}), 200)
    check(Page[Lounge], body)
    return [item["name"] for item in body["items"]]


async def walk(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    """All items, read in pages of one."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        body = expect(await api.get(path, params={"limit": 1, **params, **cursor}), 200)
        assert len(body["items"]) <= 1
        found += body["items"]
        if body["next_cursor"] is None:
            return found
        cursor = {"cursor": body["next_cursor"]}
        assert len(found) < 1000, "the list does not end"


async def comments(api: Api, post: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    """With `parent_id` the replies to one of the comments."""
    return await api.items(f"/posts/{post['id']}/comments", **params)


async def comment_count(api: Api, post: dict[str, Any]) -> int:
    return int(expect(await api.get(f"/posts/{post['id']}"), 200)["comment_count"])
