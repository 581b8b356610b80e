"""The sender for development, which needs no phone."""

from collections.abc import Sequence

import structlog

from app.integrations.push.base import Outcome, PushMessage, PushTarget, Sent

log = structlog.get_logger(__name__)


class LogPushSender:
    """Logs each message."""

    async def check(self) -> None:
        """Nothing can be wrong: nothing is sent."""

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
