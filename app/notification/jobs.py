"""What the worker does for notifications."""

from typing import Any
from uuid import UUID

from app.jobs import Job, Periodic
from app.notification.service import SEND_PUSH, NotificationService
from app.runtime.context import Context


async def send_push(ctx: Context, payload: dict[str, Any]) -> None:
    device_id = payload.get("device_id")
    await ctx.service(NotificationService).send_push(
        UUID(payload["notification_id"]), UUID(device_id) if device_id else None
    )


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(NotificationService).delete_stale_devices()


JOBS = [Job(SEND_PUSH, send_push, only_waits=True)]
PERIODICS = [Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices)]
