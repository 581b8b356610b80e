"""The worker's part in notifications: sending pushes and deleting stale devices."""

from dataclasses import dataclass
from uuid import UUID

from app.jobs import Job, Periodic
from app.notification.service import SEND_PUSH, DeviceService, PushService
from app.runtime.context import Context


@dataclass(frozen=True, slots=True)
class SendPush:
    """A push to all of the recipient's devices, or to one."""

    notification_id: UUID
    device_id: UUID | None = None


async def send_push(ctx: Context, payload: SendPush) -> None:
    await ctx.service(PushService).send(payload.notification_id, payload.device_id)


async def delete_stale_devices(ctx: Context) -> None:
    await ctx.service(DeviceService).delete_stale()


JOBS = [Job(SEND_PUSH, send_push, only_waits=True)]
PERIODICS = [Periodic("notification.forget_stale_devices", "23 4 * * *", delete_stale_devices)]
