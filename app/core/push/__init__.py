"""Messages to phones, behind a protocol: in the log in development, through FCM in production."""

from app.core.push.base import Outcome, PushError, PushMessage, PushSender, PushTarget, Sent
from app.core.push.fcm import FcmPushSender
from app.core.push.log import LogPushSender

__all__ = [
    "FcmPushSender",
    "LogPushSender",
    "Outcome",
    "PushError",
    "PushMessage",
    "PushSender",
    "PushTarget",
    "Sent",
]
