"""What the tests of admins share: asking for a lounge, reporting, and the audit log's last word."""

from typing import Any

from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.world import World, token


async def ask(api: Api, name: str | None = None, **fields: Any) -> dict[str, Any]:
    """A request for a lounge, made through HTTP."""
    form = {"name": name or f"希望 {token()}", "description": "話す場所です", **fields}
    return dict(expect(await api.post("/lounge-requests", json=form), 201))


async def report(api: Api, kind: str, target_id: str, reason: str = "spam") -> dict[str, Any]:
    """A report, made through HTTP."""
    form = {"target_type": kind, "target_id": target_id, "reason": reason, "detail": "見てください"}
    return dict(expect(await api.post("/reports", json=form), 201))


async def case_of(admin: Api, target_id: str, status: str = "open") -> dict[str, Any]:
    """The one entry of the queue about a target."""
    cases = await admin.items("/admin/reports", status=status)
    (case,) = [one for one in cases if one["target_id"] == target_id]
    return case


async def last_act(admin: Api) -> dict[str, Any]:
    """The newest entry of the audit log."""
    return (await admin.items("/admin/audit-log", limit=1))[0]


async def count(world: World, table: str, where: str = "true", **params: Any) -> int:
    async with world.runtime.reads() as session:
        query = text(f"SELECT count(*) FROM {table} WHERE {where}")
        return await session.scalar(query, params) or 0
