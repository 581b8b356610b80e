"""Requests for lounges, reports, banned words and held comments, and the admins' audit log."""

from typing import Any

from app.core.rate_limit import RateLimiter
from tests.support.api import Api, expect
from tests.support.sql import sql
from tests.support.world import World, token


async def ask(api: Api, name: str | None = None, **fields: Any) -> dict[str, Any]:
    form = {"name": name or f"希望 {token()}", "description": "話す場所です", **fields}
    return dict(expect(await api.post("/lounge-requests", json=form), 201))


async def report(api: Api, kind: str, target_id: str, reason: str = "spam") -> dict[str, Any]:
    """Report a post, comment, user or lounge."""
    form = {"target_type": kind, "target_id": target_id, "reason": reason, "detail": "見てください"}
    return dict(expect(await api.post("/reports", json=form), 201))


async def case_of(admin: Api, target_id: str, status: str = "open") -> dict[str, Any]:
    cases = await admin.items("/admin/reports", status=status)
    (case,) = [item for item in cases if item["target_id"] == target_id]
    return case


async def last_act(admin: Api) -> dict[str, Any]:
    """The newest entry of the audit log."""
    return (await admin.items("/admin/audit-log", limit=1))[0]


async def ban(admin: Api, *words: str, exceptions: list[str] | None = None) -> dict[str, Any]:
    form = {"words": list(words), "exceptions": exceptions or []}
    return dict(expect(await admin.put("/admin/banned-words", json=form), 200))


async def hold_comment(world: World, comment: dict[str, Any]) -> None:
    """Hold the comment as the banned-word filter does: only its author sees it."""
    await sql(
        world,
        "UPDATE comments SET moderation = 'held' WHERE id = CAST(:id AS uuid)",
        id=comment["id"],
    )


def watch_new_accounts(world: World) -> None:
    world.runtime.settings = world.runtime.settings.model_copy(update={"rate_limits": "on"})
    assert isinstance(world.runtime.limiter, RateLimiter)
