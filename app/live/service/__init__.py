"""The use cases of live changes: what a viewer gets of changes, and catching up."""

from app.live.service.catching_up import CatchUpService, LogPage, page_of
from app.live.service.personal import PersonalService
from app.live.service.resolving import LiveService
from app.live.service.retention import RetentionService

__all__ = [
    "CatchUpService",
    "LiveService",
    "LogPage",
    "PersonalService",
    "RetentionService",
    "page_of",
]
