"""Checks of the operator's own services: the webhook's receiver, and the check of pictures."""

import base64
from collections.abc import Sequence

from app.integrations.hooks.picture_check import Decision, PictureKind, decide
from app.integrations.outbound_http import OutboundFailed
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong

SECTION = 'docs/reference.md, "Webhooks and the image check"'
A_PICTURE = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
"""A WebP of one pixel."""


async def check_webhooks(installation: Installation) -> Sequence[Result]:
    """Connect to the receiver. Nothing is sent: it might wake a person."""
    name, settings = "webhooks", installation.settings
    if settings.webhook_url is None:
        return [untried(name, "not set up")]
    try:
        await installation.runtime.outbound.reach(
            settings.webhook_url.get_secret_value(),
            loopback_is_allowed=not settings.is_production,
        )
    except OutboundFailed as error:
        return [wrong(name, f"the receiver can't be reached: {error}", SECTION)]
    return [ok(name, "the receiver can be reached (`linky test-webhook` sends an event)")]


async def check_picture_check(installation: Installation) -> Sequence[Result]:
    """Asks about a picture of one pixel."""
    name, settings = "picture check", installation.settings
    if settings.picture_check_url is None:
        return [untried(name, "not set up")]
    outbound, now = installation.runtime.outbound, installation.clock()
    try:
        decision = await decide(outbound, settings, A_PICTURE, "image/webp", PictureKind.POST, now)
    except OutboundFailed as error:
        words = f"no usable answer ({error}): every post with an image is held"
        return [wrong(name, words, SECTION)]
    if decision != Decision.PASS:
        return [warning(name, f"of a white pixel it says {decision}", SECTION)]
    return [ok(name, "it answers")]
