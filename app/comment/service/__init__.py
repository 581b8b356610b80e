"""The use cases of comments, a file for each kind of act.

`counting`, `notifying` and `telling` are parts that the others use.
"""

from app.comment.rows import (
    NOTIFY_WATCHERS,
    WatchersFanOut,
)
from app.comment.service.changing import CommentChangeService
from app.comment.service.fan_out import CommentFanOutService
from app.comment.service.hiding import CommentHidingService
from app.comment.service.leaving import CommentLeavingService
from app.comment.service.moderating import CommentModerationService
from app.comment.service.reading import CommentService
from app.comment.service.writing import CommentWritingService

__all__ = [
    "NOTIFY_WATCHERS",
    "CommentChangeService",
    "CommentFanOutService",
    "CommentHidingService",
    "CommentLeavingService",
    "CommentModerationService",
    "CommentService",
    "CommentWritingService",
    "WatchersFanOut",
]
