"""What the tests of lounges, posts and images share."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text

from app.core.schemas import Page
from app.image.jobs import JOBS
from app.jobs import Job
from app.lounge.schemas import Lounge
from app.post.schemas import Post
from tests.support.api import Api, expect
from tests.support.jobs import run_waiting_jobs
from tests.support.world import World


async def sql(world: World, statement: str, **params: Any) -> list[dict[str, Any]]:
    """Run a statement beside the app, for good; its rows, ids as strings."""
    async with world.runtime.sessions() as session:
        result = await session.execute(text(statement), params)
        rows = result.mappings().all() if result.returns_rows else []  # type: ignore[attr-defined]
        await session.commit()
    return [dict(row) for row in rows]


async def count(world: World, table: str, where: str = "true", **params: Any) -> int:
    (row,) = await sql(world, f"SELECT count(*) AS n FROM {table} WHERE {where}", **params)
    return int(row["n"])


async def run_jobs(world: World, jobs: Sequence[Job] = JOBS) -> int:
    """Do what was enqueued; how many jobs that were."""
    async with world.runtime.sessions() as session:
        done = await run_waiting_jobs(session, world.runtime._context, jobs)
        await session.commit()
    return done


def stored(world: World) -> list[str]:
    """The keys of everything that lies in the store."""
    folder = world.runtime.settings.storage_dir
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def check(model: type[BaseModel], body: Any) -> None:
    """The body is what the model describes, no more and no less, told apart by its very JSON."""
    again = model.model_validate(body, strict=False).model_dump(mode="json")
    assert _without_times(again) == _without_times(body)


def _without_times(value: Any) -> Any:
    """Times are compared by the model's parser alone: their fractions may be spelled otherwise."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_at") and item is not None:
                assert str(item).endswith("Z"), f"{name} is not in UTC: {item}"
        return {k: _without_times(v) for k, v in value.items() if not k.endswith("_at")}
    return [_without_times(item) for item in value] if isinstance(value, list) else value


async def posts(api: Api, path: str = "/posts", **params: Any) -> list[str]:
    """The ids of a list of posts, whose form is checked."""
    body = expect(await api.get(path, params={"limit": 100, **params}), 200)
    check(Page[Post], body)
    return [item["id"] for item in body["items"]]


async def lounges(api: Api, path: str = "/lounges", **params: Any) -> list[str]:
    """The names of a list of lounges, whose form is checked."""
    body = expect(await api.get(path, params={"limit": 100, **params}), 200)
    check(Page[Lounge], body)
    return [item["name"] for item in body["items"]]


async def walk(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    """A list item by item, page by page."""
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
