"""The worker's part in notifications: sending pushes and deleting stale devices."""

from typing import Any
from uuid import UUID

from app.jobs import Job, Periodic
from app.notification.service import SEND_PUSH, DeviceService, PushService
from app.runtime.context import Context


async def send_push(ctx: Context, payload: dict[str, Any]) -> None:
    device_id = payload.get("device_id")
    await ctx.service(PushService).send(
        UUID(payload["notification_id"]), UUID(device_id) if device_id else None
    )


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(DeviceService).delete_stale()


JOBS = [Job(SEND_PUSH, send_push, only_waits=True)]
PERIODICS = [Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices)]
