"""Errors of live changes."""

from app.core.errors import ServiceUnavailable, Unprocessable
from app.core.texts import Text


class TooManyTopics(Unprocessable):
    """More topics than one stream or call may follow."""

    code = "too_many_topics"
    title = Text("対象が多すぎます", "Too many topics")
    detail = Text(
        "一度に追えるのは 20 件までです。",
        "At most 20 topics can be followed at once.",
    )


class InvalidTopic(Unprocessable):
    """A topic is neither `post:` nor `lounge:` with an id."""

    code = "invalid_topic"
    title = Text("対象の指定が正しくありません", "Invalid topic")
    detail = Text(
        "対象は post: か lounge: に ID を続けた形で、コンマで区切って指定してください。",
        "Topics are post: or lounge: with an id behind, separated by commas.",
    )


class LiveFull(ServiceUnavailable):
    """The process has as many streams as it may have."""

    code = "live_full"
    title = Text("ただいま接続できません", "No room at the moment")
    detail = Text(
        "リアルタイム接続が上限に達しています。しばらくは /changes で更新を確認してください。",
        "There are too many live streams. Ask /changes for what is new, and try again later.",
    )
    retry_after = 30
