"""What the worker does for accounts that end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.account.service import END_IDLE_GUEST, ERASE, MAIL_GOODBYE, LeavingService
from app.jobs import Job, Periodic
from app.runtime.context import Context


async def erase(ctx: Context, payload: dict[str, Any]) -> None:
    await ctx.service(LeavingService).erase(UUID(payload["user_id"]))


async def mail_goodbye(ctx: Context, payload: dict[str, Any]) -> None:
    until = datetime.fromisoformat(payload["until"])
    await ctx.service(LeavingService).mail_goodbye(payload["email"], payload["locale"], until)


async def end_idle_guest(ctx: Context, payload: dict[str, Any]) -> None:
    await ctx.service(LeavingService).end_idle_guest(UUID(payload["user_id"]))


async def end_idle_guests(ctx: Context) -> None:
    await ctx.service(LeavingService).end_idle_guests()


JOBS = [
    Job(ERASE, erase),
    Job(MAIL_GOODBYE, mail_goodbye),
    Job(END_IDLE_GUEST, end_idle_guest),
]
PERIODICS = [Periodic("account.end_idle_guests", "*/10 * * * *", end_idle_guests)]
