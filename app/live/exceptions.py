"""Errors of live changes."""

from app.core.errors import ServiceUnavailable, Unprocessable
from app.core.texts import Text


class TooManyTopics(Unprocessable):
    """More topics than one stream or call may follow."""

    code = "too_many_topics"
    title = Text("対象が多すぎます", "Too many topics")
    detail = Text("一度に追えるのは 20 件までです。", "You can follow up to 20 topics at once.")


class InvalidTopic(Unprocessable):
    """A topic is neither `post:` nor `lounge:` with an id."""

    code = "invalid_topic"
    title = Text("対象の指定が正しくありません", "Invalid topic")
    detail = Text(
        "対象は post: か lounge: に ID を続けた形で、コンマで区切って指定してください。",
        "Topics are a comma-separated list of post:<id> or lounge:<id>.",
    )


class LiveFull(ServiceUnavailable):
    """The process has as many streams as it may have."""

    code = "live_full"
    title = Text("ただいま接続できません", "Too many live connections")
    detail = Text(
        "リアルタイム接続が上限に達しています。しばらくは /changes で更新を確認してください。",
        "The limit on live connections has been reached. Poll /changes, and reconnect later.",
    )
    retry_after = 30
