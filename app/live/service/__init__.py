"""The use cases of live changes: telling what changed, and catching up."""

from app.live.service.catching_up import CatchUpService, Page, page_of
from app.live.service.personal import PersonalService
from app.live.service.retention import RetentionService
from app.live.service.telling import LiveService

__all__ = [
    "CatchUpService",
    "LiveService",
    "Page",
    "PersonalService",
    "RetentionService",
    "page_of",
]
