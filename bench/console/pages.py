"""What is asked: every page of the console, by its routes, with its searches and filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi.routing import APIRoute

from app.console.router import ROUTERS

NO_PAGE: Mapping[str, str] = {
    "/admin/assets/{digest}/{name}": "a file, without a statement",
    "/admin/pictures/{key:path}": "a picture",
    **dict.fromkeys(
        ("/admin/sign-in", "/admin/sign-in/code", "/admin/forgot-password"),
        "for those who have not signed in; it shows nothing of the database",
    ),
    **dict.fromkeys(
        ("/admin/sign-in/with/{provider}", "/admin/sign-in/return"), "the way to a provider"
    ),
    "/admin/comments/{comment_id}": "leads to the comment in its thread",
    "/admin/{page}": "any other address: 404",
}
"""Routes that are no page of a signed-in admin, with what they are."""

_LOUNGE_POSTS = "/admin/lounges/{lounge_id}/posts"
_OF_A_QUIET_LOUNGE = "/admin/lounges/{quiet_lounge}/posts"

ASKED: Mapping[str, Sequence[str]] = {
    "/admin": ("",),
    "/admin/requests": ("", "?status=rejected"),
    "/admin/reports": ("", "?status=resolved"),
    "/admin/held": ("",),
    "/admin/find": (
        *("?q=猫", "?q=ユーザー", "?q=存在しない語句", "?q=甲龍 東京", "?q=お茶の部屋", "?q=user"),
        *("?q={author}", "?q={thread}", "?q=https://test/p/{thread}/c/{comment}"),
        *("?q=猫&kind=posts", "?q=存在しない語句&kind=posts", "?q=ーザーユ&kind=posts"),
        *("?q=今度の&kind=comments", "?q=存在しない語句&kind=comments"),
    ),
    "/admin/posts/{post_id}": ("", "?comment={comment}"),
    "/admin/appeals": ("", "?status=upheld"),
    "/admin/announcements": ("",),
    "/admin/users/{user_id}/content": ("", "?kind=post", "?kind=comment"),
    "/admin/users": (
        *("", "?role=user", "?role=admin", "?status=suspended", "?status=active"),
        *("?q=ユーザー", "?q=user777@", "?q=ーザーユ", "?q=example", "?q={author}"),
        *("?q=ユーザー&role=admin", "?q=user&status=suspended"),
    ),
    "/admin/users/{user_id}": ("",),
    "/admin/lounges": ("", "?q=お茶", "?q=部屋の", "?state=closed", "?q=お茶&state=closed"),
    _LOUNGE_POSTS: ("", "?q=お茶", "?q=存在しない語句", "?state=hidden"),
    "/admin/words": ("",),
    "/admin/reasons": ("",),
    "/admin/audit": (
        *("", "?actor={admin}", "?action=user.warned", "?type=user", "?target={author}"),
        *("?since=2020-01-01&until=2030-01-01", "?action=job.dropped"),
        *("?actor={admin}&action=job.dropped", "?actor={author}&type=lounge"),
        "?actor={admin}&action=user.warned&type=user&target={author}&since=2020-01-01",
    ),
    "/admin/live": (
        *("", "?kind=report", "?kind=request", "?kind=appeal"),
        "?kind=held&shown={thread},{comment}",
    ),
    "/admin/jobs": ("",),
    "/admin/settings": ("",),
    "/admin/mfa": ("",),
}
"""What each page is asked for: its query, which names samples of the data such as {author}."""

_OF_PATHS = {"post_id": "thread", "user_id": "author", "lounge_id": "lounge"}


@dataclass(frozen=True, slots=True)
class ConsolePage:
    route: str
    query: str

    @property
    def name(self) -> str:
        return self.route + self.query

    def address(self, samples: Mapping[str, object]) -> str:
        of_path = {name: samples[sample] for name, sample in _OF_PATHS.items()}
        return self.route.format_map({**samples, **of_path}) + self.query.format_map(dict(samples))


def routes_of_pages() -> list[str]:
    """The console's routes that are read."""
    return [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    ]


PAGES = [
    *(ConsolePage(route, query) for route, queries in ASKED.items() for query in queries),
    *(ConsolePage(_OF_A_QUIET_LOUNGE, query) for query in ASKED[_LOUNGE_POSTS]),
]
