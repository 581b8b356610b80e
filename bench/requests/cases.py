"""What is asked: each case makes its requests from the community."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, count, cycle
from random import Random
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import orjson

from app.core.clock import utc_now
from app.core.tokens import AccessClaims, TokenCodec
from bench.requests.client import Request, request
from bench.requests.community import NOTIFICATIONS, PASSWORD, Community, Viewer

JWT_KEY = "bench:" + "b" * 40
"""The key of all servers, which signs the viewers' tokens."""

LIMIT, USUAL, LINKY = "limit", "usual way", "Linky"
ONLY_LINKY = (LINKY,)
API = "/api/v1"
READS, WRITES, POSTS, HASHES = 200, 100, 40, 8
"""Requests of a burst. A sign-in takes a quarter of a second of a core."""

MARKED = 5
"""Notifications that a request marks as read."""

BODY = "おいしそうですね。わたしも飲んでみたいです。今度の週末に行ってみます。"

TERMS = (
    *("猫", "東京", "食べました", "今日は", "鎌倉", "京都で", "カレー", "勉強会", "海", "図書館で"),
    *(
        "プログラミング",
        "ﾌﾟﾛｸﾞﾗﾐﾝｸﾞ",
        "プログラ",
        "東京で映画",
        "映画がおすすめ",
        "コキオブ",
        "タフシ",
    ),
    *(
        "東京 映画",
        "カレー ラーメン",
        "今日は 昨日は 食べました",
        "甲龍",
        "鬱",
        "々",
        "a",
        "😀",
        "%",
        "_",
    ),
    *("存在しない語句", "しますと", "甲龍 東京", "しました 鬱", "いまで", "ましい"),
)
"""Common words, rare ones, absent ones, and absent ones made of common pairs of letters."""


class Asker:
    """Makes requests of the viewers, and deals out what works only once."""

    def __init__(self, community: Community) -> None:
        self.community = community
        kid, _, secret = JWT_KEY.partition(":")
        codec = TokenCodec({kid: secret.encode()}, utc_now)
        viewers = community.viewers
        self._tokens = {viewer.user_id: _token(codec, viewer) for viewer in viewers}
        self._addresses = count(1)
        self.refresh_tokens = chain.from_iterable(
            zip(*(viewer.refresh_tokens for viewer in viewers), strict=True)
        )
        self.paintings = (
            (viewer, viewer.images[first : first + 2])
            for first in range(0, len(viewers[0].images), 2)
            for viewer in viewers
        )

        self.unread = cycle(
            (viewer, viewer.notifications[first : first + MARKED])
            for first in range(0, NOTIFICATIONS, MARKED)
            for viewer in viewers
            if len(viewer.notifications) > first
        )
        self.marking = cycle(viewers)
        self.muting = cycle(community.own)

    def anonymous(
        self,
        method: str,
        path: str,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        expected: int = 200,
        body: bytes = b"",
    ) -> Request:
        """A request from an address of its own, as nginx passes it on: no limit is reached."""
        number = next(self._addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        content = body if json is None else orjson.dumps(json)
        sent = {"X-Forwarded-For": address, "X-Client-Port": "40000", **(headers or {})}
        return request(method, path, sent, content, expected)

    def of(
        self,
        viewer: Viewer,
        method: str,
        path: str,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        expected: int = 200,
        body: bytes = b"",
    ) -> Request:
        """`X-Viewer` names the viewer to the variant `limit`."""
        own = {
            "Authorization": f"Bearer {self._tokens[viewer.user_id]}",
            "X-Viewer": viewer.user_id,
            **(headers or {}),
        }
        return self.anonymous(method, API + path, json, own, expected, body)


def _token(codec: TokenCodec, viewer: Viewer) -> str:
    claims = AccessClaims(UUID(viewer.user_id), UUID(viewer.session_id), "user", is_guest=False)
    return codec.encode(claims, timedelta(days=1))


type Make = Callable[[Asker, Random], Request]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of request, and how many of them are a burst.

    The variants get the same reads, but other writes: a second like of the same user does nothing.
    """

    name: str
    make: Make
    size: int = READS
    writes: bool = False
    variants: Sequence[str] = (LIMIT, USUAL, LINKY)
    """Those that answer it."""

    def requests(self, asker: Asker, variant: str, number: int, share: float) -> Sequence[Request]:
        """The requests of a burst: round `number`, with a `share` of the usual size."""
        seed = f"{self.name} {number}" + (f" {variant}" if self.writes else "")
        random = Random(seed)
        size = max(2, round(self.size * share))
        return [self.make(asker, random) for _ in range(size)]


def _read(path: str) -> Make:
    """A read of a path, in which {post}, {talk} and {lounge} are replaced."""

    def make(asker: Asker, random: Random) -> Request:
        community = asker.community
        asked = path.format(
            post=random.choice(community.posts),
            talk=random.choice(community.talks),
            lounge=random.choice(community.lounges),
        )
        return asker.of(random.choice(community.viewers), "GET", asked)

    return make


def _search(asker: Asker, random: Random) -> Request:
    viewer = random.choice(asker.community.viewers)
    return asker.of(viewer, "GET", f"/posts?q={quote(random.choice(TERMS))}")


def _comment(*, keyed: bool) -> Make:
    def make(asker: Asker, random: Random) -> Request:
        path = f"/posts/{random.choice(asker.community.posts)}/comments"
        headers = {"Idempotency-Key": str(uuid4())} if keyed else {}
        viewer = random.choice(asker.community.viewers)
        return asker.of(viewer, "POST", path, {"body": BODY}, headers, 201)

    return make


def _post(asker: Asker, random: Random) -> Request:
    viewer, images = next(asker.paintings)
    form = {
        "lounge_id": random.choice(asker.community.lounges),
        "title": "新茶の季節になりました",
        "body": BODY * 4,
        "image_ids": images,
    }
    return asker.of(viewer, "POST", "/posts", form, expected=201)


def _like(asker: Asker, random: Random) -> Request:
    viewer = random.choice(asker.community.viewers)
    path = f"/posts/{random.choice(asker.community.posts)}/like"
    return asker.of(viewer, "PUT", path, expected=204)


def _mute(asker: Asker, _: Random) -> Request:
    viewer, post = next(asker.muting)
    return asker.of(viewer, "PUT", f"/posts/{post}/mute", expected=204)


def _mark_read(asker: Asker, _: Random) -> Request:
    viewer, ids = next(asker.unread)
    return asker.of(viewer, "POST", "/notifications/read", {"ids": ids}, expected=204)


def _mark_all(asker: Asker, _: Random) -> Request:
    viewer = next(asker.marking)
    return asker.of(viewer, "POST", "/notifications/read", {"all": True}, expected=204)


def _login(asker: Asker, random: Random) -> Request:
    email = random.choice(asker.community.viewers).email
    return asker.anonymous("POST", f"{API}/auth/login", {"email": email, "password": PASSWORD})


def _refresh(asker: Asker, _: Random) -> Request:
    form = {"refresh_token": next(asker.refresh_tokens)}
    return asker.anonymous("POST", f"{API}/auth/refresh", form)


def _live(asker: Asker, _: Random) -> Request:
    return asker.anonymous("GET", "/health/live")


CASES = (
    Case("lounge feed", _read("/lounges/{lounge}/posts")),
    Case("home feed", _read("/posts")),
    Case("one post", _read("/posts/{post}")),
    Case("comments", _read("/posts/{talk}/comments")),
    Case("notifications", _read("/notifications"), variants=(LIMIT, LINKY)),
    Case("unread count", _read("/notifications/unread-count"), variants=(LIMIT, LINKY)),
    Case("lounges", _read("/lounges")),
    Case("me", _read("/users/me")),
    Case("search", _search, variants=ONLY_LINKY),
    Case("comment", _comment(keyed=False), WRITES, writes=True),
    Case("comment, with key", _comment(keyed=True), WRITES, writes=True),
    Case("post with pictures", _post, POSTS, writes=True),
    Case("like", _like, WRITES, writes=True),
    Case("mute", _mute, POSTS, writes=True, variants=ONLY_LINKY),
    Case("mark read", _mark_read, POSTS, writes=True, variants=ONLY_LINKY),
    Case("mark all read", _mark_all, POSTS, writes=True, variants=ONLY_LINKY),
    Case("login", _login, HASHES, writes=True, variants=ONLY_LINKY),
    Case("refresh", _refresh, POSTS, writes=True, variants=ONLY_LINKY),
    Case("/health/live", _live),
)
