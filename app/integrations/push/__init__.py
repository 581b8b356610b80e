"""Push messages, behind a protocol: logged in development, sent through FCM in production."""

from app.integrations.push.base import Outcome, PushError, PushMessage, PushSender, PushTarget, Sent
from app.integrations.push.fcm import FcmPushSender
from app.integrations.push.log import FOLDER, LogPushSender

__all__ = [
    "FOLDER",
    "FcmPushSender",
    "LogPushSender",
    "Outcome",
    "PushError",
    "PushMessage",
    "PushSender",
    "PushTarget",
    "Sent",
]
