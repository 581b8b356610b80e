"""`linky test-webhook`: sends an event to the operator's webhook."""

import typer

from app.cli.common import CommandError, on_database
from app.runtime.runtime import Runtime
from app.webhook.service import WebhookRefused, WebhookService


def test_webhook() -> None:
    """Send an event of type `test` to LINKY_WEBHOOK_URL.

    Says whether the receiver took it.
    """

    async def run(runtime: Runtime) -> None:
        if runtime.settings.webhook_url is None:
            raise CommandError("LINKY_WEBHOOK_URL is not set.")
        async with runtime.reading() as ctx:
            await ctx.service(WebhookService).send_test()

    try:
        on_database(run)
    except WebhookRefused as refused:
        raise CommandError(f"the receiver didn't accept the event: {refused}.") from None
    typer.echo("The receiver accepted the event.")
