"""What can go wrong with lounge requests."""

from app.core.errors import Conflict, NotFound
from app.core.texts import Text


class LoungeRequestNotFound(NotFound):
    """The request does not exist, or is another user's."""

    code = "lounge_request_not_found"
    title = Text("申請が見つかりません", "Request not found")
    detail = Text(
        "ラウンジの申請は存在しないか、表示できません。",
        "The lounge request doesn't exist or isn't yours.",
    )


class TooManyPending(Conflict):
    """The requester already has the highest allowed number of pending requests."""

    code = "too_many_pending"
    title = Text("申請が多すぎます", "Too many pending requests")
    detail = Text(
        "審査待ちの申請は 5 件までです。結果が出てからもう一度お申し込みください。",
        "You can have up to five pending requests. Wait until one has been decided.",
    )
