"""The use cases of comments, a file for each kind of act.

`notifying` is a part that the others use.
"""

from app.comment.rows import (
    NOTIFY_WATCHERS,
    WatchersFanOut,
)
from app.comment.service.changing import CommentChangeService
from app.comment.service.fan_out import CommentFanOutService
from app.comment.service.finding import CommentFindingService
from app.comment.service.leaving import CommentLeavingService
from app.comment.service.moderating import CommentModerationService
from app.comment.service.reading import CommentService
from app.comment.service.visibility import CommentVisibilityService
from app.comment.service.wholes import WholeCommentsService
from app.comment.service.writing import CommentWritingService

__all__ = [
    "NOTIFY_WATCHERS",
    "CommentChangeService",
    "CommentFanOutService",
    "CommentFindingService",
    "CommentLeavingService",
    "CommentModerationService",
    "CommentService",
    "CommentVisibilityService",
    "CommentWritingService",
    "WatchersFanOut",
    "WholeCommentsService",
]
