"""What the worker does for accounts that end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.account.service import ERASE, MAIL_GOODBYE, LeavingService
from app.core.context import Context
from app.core.jobs import Job


async def erase(ctx: Context, payload: dict[str, Any]) -> None:
    await LeavingService(ctx).erase(UUID(payload["user_id"]))


async def mail_goodbye(ctx: Context, payload: dict[str, Any]) -> None:
    until = datetime.fromisoformat(payload["until"])
    await LeavingService(ctx).mail_goodbye(payload["email"], payload["locale"], until)


JOBS = [Job(ERASE, erase), Job(MAIL_GOODBYE, mail_goodbye)]
