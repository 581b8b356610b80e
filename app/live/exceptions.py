"""Errors of live changes."""

from app.core.errors import Unprocessable
from app.core.words import Words


class TooManyTopics(Unprocessable):
    """More topics than one stream or call may follow."""

    code = "too_many_topics"
    title = Words("対象が多すぎます", "Too many topics")
    detail = Words(
        "一度に追えるのは 20 件までです。",
        "At most 20 topics can be followed at once.",
    )


class InvalidTopic(Unprocessable):
    """A topic is neither `post:` nor `lounge:` with an id."""

    code = "invalid_topic"
    title = Words("対象の指定が正しくありません", "Invalid topic")
    detail = Words(
        "対象は post: か lounge: に ID を続けた形で、コンマで区切って指定してください。",
        "Topics are post: or lounge: with an id behind, separated by commas.",
    )
