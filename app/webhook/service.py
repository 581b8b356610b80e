"""Announcing an event, and the job that sends it until the receiver takes it."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import structlog

from app.core.json import to_json
from app.core.metrics import WEBHOOKS
from app.integrations.hooks.signatures import signed_headers
from app.integrations.outbound_http import OutboundFailed
from app.jobs.definitions import GiveUp, RetryLater
from app.jobs.enqueue import enqueue
from app.runtime.context import Service
from app.webhook.enums import WebhookEvent

log = structlog.get_logger(__name__)

SEND = "webhook.send"
TRIED_FOR = timedelta(days=1)
LONGEST_PAUSE = timedelta(minutes=30)
MAX_ANSWER_BYTES = 64 * 1024
"""Of the receiver's answer. Only its status counts."""

_SUBJECTS = {
    WebhookEvent.REPORT_OPENED: ("report_id", "/admin/reports"),
    WebhookEvent.REPORT_DUE_SOON: ("report_id", "/admin/reports"),
    WebhookEvent.REPORT_OVERDUE: ("report_id", "/admin/reports"),
    WebhookEvent.LOUNGE_REQUEST_CREATED: ("lounge_request_id", "/admin/requests"),
    WebhookEvent.APPEAL_CREATED: ("appeal_id", "/admin/appeals"),
    WebhookEvent.USER_SUSPENDED: ("user_id", "/admin/users/{id}"),
    WebhookEvent.TEST: ("test_id", "/admin"),
}
"""The name of each event's id in the body, and the console page to handle it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An event to send: the payload of SEND. `id` is the event's, `subject_id` its subject's."""

    id: UUID
    event: WebhookEvent
    happened_at: datetime
    subject_id: UUID


class WebhookRefused(Exception):
    """The receiver did not take the event. The message says why, without its address."""


class WebhookService(Service):
    async def announce(self, event: WebhookEvent, subject_id: UUID) -> None:
        """Send the operator an event, if and only if this transaction commits.

        Does nothing if no webhook is set.
        """
        if self._ctx.settings.webhook_url is None:
            return
        webhook = Webhook(uuid4(), event, self._ctx.clock(), subject_id)
        await enqueue(self._ctx.db, SEND, webhook)

    async def send(self, webhook: Webhook) -> None:
        """The job behind `announce`. Raises RetryLater, and GiveUp after a day.

        An event that an operator puts into the queue again is sent once more, however old it is.
        """
        if self._ctx.settings.webhook_url is None:
            return
        # The receiver may be slow, and must not occupy a connection.
        await self._ctx.release_connection()
        try:
            await self._post(webhook)
        except WebhookRefused as refused:
            self._note("failed", webhook, str(refused))
            raise self._what_next(webhook) from None
        self._note("sent", webhook)

    async def send_test(self) -> None:
        """Send an event of type `test` now. Raises WebhookRefused."""
        await self._post(Webhook(uuid4(), WebhookEvent.TEST, self._ctx.clock(), uuid4()))

    async def _post(self, webhook: Webhook) -> None:
        settings = self._ctx.settings
        assert settings.webhook_url is not None
        body = body_of(webhook, self._ctx.base_url)
        signed = signed_headers(settings, f"evt_{webhook.id}", self._ctx.clock(), body)
        try:
            answer = await self._ctx.process.outbound.post(
                settings.webhook_url.get_secret_value(),
                body,
                {"Content-Type": "application/json", **signed},
                most_bytes=MAX_ANSWER_BYTES,
                loopback_is_allowed=not settings.is_production,
            )
        except OutboundFailed as error:
            raise WebhookRefused(str(error)) from None
        if not 200 <= answer.status < 300:
            raise WebhookRefused(f"status {answer.status}")

    def _what_next(self, webhook: Webhook) -> Exception:
        """Pauses grow with the event's age, so a receiver that is away is not hammered."""
        age = self._ctx.clock() - webhook.happened_at
        if age >= TRIED_FOR:
            return GiveUp("the receiver has not taken the event for a day")
        return RetryLater(min(age / 2, LONGEST_PAUSE) * random.uniform(0.75, 1.0))  # noqa: S311

    def _note(self, outcome: str, webhook: Webhook, reason: str | None = None) -> None:
        WEBHOOKS.labels(webhook.event, outcome).inc()
        if reason is not None:
            log.warning("webhook_failed", event_type=str(webhook.event), reason=reason)


def body_of(webhook: Webhook, base_url: str) -> bytes:
    """The body: ids and the console's address. It has no personal data."""
    name, page = _SUBJECTS[webhook.event]
    data = {
        name: str(webhook.subject_id),
        "url": base_url + page.format(id=webhook.subject_id),
    }
    happened_at = webhook.happened_at.astimezone(UTC)
    return to_json({"type": webhook.event, "timestamp": happened_at, "data": data})
