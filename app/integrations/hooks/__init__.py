"""Services of the operator that Linky calls: the webhook's receiver, and a check of pictures.

Their addresses come from the settings. Linky calls nothing inside its own network for them.
"""

from app.integrations.hooks.base import (
    HookAnswer,
    HookFailed,
    Hooks,
    Resolve,
    signature,
    signed_headers,
    system_addresses,
)
from app.integrations.hooks.picture_check import Decision, PictureKind, decide

__all__ = [
    "Decision",
    "HookAnswer",
    "HookFailed",
    "Hooks",
    "PictureKind",
    "Resolve",
    "decide",
    "signature",
    "signed_headers",
    "system_addresses",
]
