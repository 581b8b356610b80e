"""The sender for development, which needs no phone."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import structlog
from anyio import to_thread

from app.core.clock import utc_now
from app.core.files import replace_file
from app.core.json import to_json
from app.integrations.push.base import PushMessage, PushOutcome, PushTarget, Sent

log = structlog.get_logger(__name__)

PUSH_FOLDER = "push"
"""In the data folder, beside the mails."""

MOST_KEPT = 200
"""Messages in the folder. The oldest one is deleted for each new one."""


class LogPushSender:
    """Logs each message, without its text.

    With a folder it also keeps the latest messages there, one file each, for the inbox of
    `linky dev`: the worker may be another process. Production has no folder.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    async def check(self) -> None: ...

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
        if self._folder is not None and targets:
            await to_thread.run_sync(self._keep, self._folder, message, targets)
        return [Sent(target, PushOutcome.SENT) for target in targets]

    def _keep(self, folder: Path, message: PushMessage, targets: Sequence[PushTarget]) -> None:
        now = utc_now()
        kept = {
            "sent_at": now,
            "title": message.title,
            "body": message.body,
            "data": dict(message.data),
            "badge": message.badge,
            "channel": message.channel,
            "platforms": [target.platform for target in targets],
            "device_ids": [str(target.device_id) for target in targets],
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            name = f"{now:%Y%m%dT%H%M%S.%f}-{uuid4().hex[:8]}.json"
            replace_file(folder / name, to_json(kept))
            for old in sorted(folder.glob("*.json"))[:-MOST_KEPT]:
                old.unlink(missing_ok=True)
        except OSError as error:
            # A full disk must not make the job send the push again.
            log.warning("push_not_kept", error=error.strerror)
