"""What FCM gets for a message to a device."""

from typing import Any

from app.core.text import cut_bytes
from app.integrations.push.base import PushMessage, PushTarget

MAX_PAYLOAD_BYTES = 4096
PAYLOAD_OVERHEAD_BYTES = 600
"""Room for keys, channel, badge and the platforms' own parts, beside the text and the data."""


def fcm_message(message: PushMessage, target: PushTarget) -> Any:
    """The SDK's message: text, badge, collapse id and channel for each platform."""
    from firebase_admin import messaging

    data = {name: value for name, value in message.data.items() if value}
    sdk_message = messaging.Message(
        notification=messaging.Notification(title=message.title, body=_body(message, data)),
        data=data,
        android=messaging.AndroidConfig(
            collapse_key=message.collapse_id,
            notification=messaging.AndroidNotification(
                channel_id=message.channel, tag=message.collapse_id
            ),
        ),
        apns=messaging.APNSConfig(
            headers={"apns-collapse-id": message.collapse_id},
            payload=messaging.APNSPayload(aps=messaging.Aps(badge=message.badge, sound="default")),
        ),
    )
    # The constructor warns that `fid` replaces `token`. Apps of both kinds are in use, and Python
    # can't silence a warning in one thread only. So the address is set afterwards.
    if target.kind == "fid":
        sdk_message.fid = target.value
    else:
        sdk_message.token = target.value
    return sdk_message


def _body(message: PushMessage, data: dict[str, str]) -> str:
    """The body, cut so that the whole payload stays within FCM's limit."""
    title_bytes = len(message.title.encode())
    data_bytes = sum(len((name + value).encode()) for name, value in data.items())
    room = MAX_PAYLOAD_BYTES - PAYLOAD_OVERHEAD_BYTES - title_bytes - data_bytes
    return cut_bytes(message.body, room)
