"""The use cases of live changes: telling what changed, and catching up."""

from app.live.service.catching_up import CatchUpService
from app.live.service.retention import RetentionService
from app.live.service.telling import LiveService

__all__ = ["CatchUpService", "LiveService", "RetentionService"]
