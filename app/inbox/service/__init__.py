"""What readers are shown of their notifications: the list, the count, pushes, open streams."""

from app.inbox.service.flags import FlagService
from app.inbox.service.inbox import InboxService
from app.inbox.service.of_many import ManyReadersService
from app.inbox.service.push import PushService

__all__ = ["FlagService", "InboxService", "ManyReadersService", "PushService"]
