"""Every SQL statement that reads what users are notified of."""

from app.inbox.repository.flags import FlagRepository
from app.inbox.repository.listing import InboxRepository
from app.inbox.repository.of_many import ManyReadersRepository
from app.inbox.repository.pushes import PushRepository

__all__ = ["FlagRepository", "InboxRepository", "ManyReadersRepository", "PushRepository"]
