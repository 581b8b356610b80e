"""The sender of development, where no phone is registered."""

from collections.abc import Sequence

import structlog

from app.integrations.push.base import Outcome, PushMessage, PushTarget, Sent

log = structlog.get_logger(__name__)


class LogPushSender:
    """Says in the log what would be sent."""

    async def check(self) -> None:
        """There is nothing to reach."""

    async def send(self, message: PushMessage, targets: Sequence[PushTarget]) -> list[Sent]:
        for target in targets:
            log.info(
                "push_sent",
                device_id=str(target.device_id),
                kind=target.kind,
                platform=target.platform,
                badge=message.badge,
                collapse_id=message.collapse_id,
            )
        return [Sent(target, Outcome.SENT) for target in targets]
