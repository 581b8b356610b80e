"""What the worker does for notifications."""

from typing import Any
from uuid import UUID

from app.core.context import Context
from app.core.jobs import Job
from app.notification.service import SEND_PUSH, NotificationService


async def send_push(ctx: Context, payload: dict[str, Any]) -> None:
    await NotificationService(ctx).send_push(UUID(payload["notification_id"]))


JOBS = [Job(SEND_PUSH, send_push)]
