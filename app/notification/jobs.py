"""The worker's part in notifications: sending pushes and deleting stale devices."""

from app.jobs import Job, Periodic
from app.notification.service import SEND_PUSH, DeviceService, PushService, SendPush
from app.runtime.context import Context


async def send_push(ctx: Context, payload: SendPush) -> None:
    await ctx.service(PushService).send(payload.notification_id, payload.device_id)


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(DeviceService).delete_stale()


JOBS = [Job(SEND_PUSH, send_push, only_waits=True)]
PERIODICS = [Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices)]
