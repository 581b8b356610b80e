"""From the `data` of a push to the place in the app that it opens."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostRoute:
    """Open a post, at one of its comments if there is one."""

    post_id: str
    comment_id: str | None
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class LoungeRoute:
    """Open a lounge."""

    lounge_id: str


@dataclass(frozen=True, slots=True)
class LoungeRequestRoute:
    """Open a request for a lounge."""

    lounge_request_id: str


@dataclass(frozen=True, slots=True)
class NotificationsRoute:
    """Open the list of notifications: for kinds of pushes that this package does not know."""


type Route = PostRoute | LoungeRoute | LoungeRequestRoute | NotificationsRoute


def route_of(data: Mapping[str, object]) -> Route:
    """The place that a push is about. The ids decide, so that a new type of push opens too."""

    def text(name: str) -> str | None:
        value = data.get(name)
        return value if isinstance(value, str) and value else None

    if post_id := text("post_id"):
        return PostRoute(post_id, text("comment_id"), text("parent_id"))
    if lounge_id := text("lounge_id"):
        return LoungeRoute(lounge_id)
    if request_id := text("lounge_request_id"):
        return LoungeRequestRoute(request_id)
    return NotificationsRoute()
