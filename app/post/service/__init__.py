"""The use cases of posts, a file for each kind of act."""

from app.post.rows import (
    NOTIFY_LOUNGE,
    PUSH_NEW_POSTS,
    LoungeFanOut,
    PushesDue,
)
from app.post.service.changing import PostChangeService
from app.post.service.fan_out import PostFanOutService
from app.post.service.leaving import PostLeavingService
from app.post.service.marks import MarkService
from app.post.service.moderating import PostModerationService
from app.post.service.reading import PostService
from app.post.service.searching import PostSearchService
from app.post.service.visibility import PostVisibilityService
from app.post.service.wholes import PostsOfWhole, WholePostsService
from app.post.service.withholding import WithholdingService
from app.post.service.writing import PostWritingService

__all__ = [
    "NOTIFY_LOUNGE",
    "PUSH_NEW_POSTS",
    "LoungeFanOut",
    "MarkService",
    "PostChangeService",
    "PostFanOutService",
    "PostLeavingService",
    "PostModerationService",
    "PostSearchService",
    "PostService",
    "PostVisibilityService",
    "PostWritingService",
    "PostsOfWhole",
    "PushesDue",
    "WholePostsService",
    "WithholdingService",
]
