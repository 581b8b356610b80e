"""`make bench-spam`: an evening on which 50 networks register 2,000 accounts, and all of them post.

Each account that gets in sends a picture, a post with a link, one with the picture and the same
words as all others, one with a listed word, three comments and three likes. The same hour is played
three times: as it was before the limits at the door, as production has them by default, and with
App Check enforced. It runs in one process on a database of its own, with the hour in fast motion.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from app.core import rate_limit
from app.core.logging import configure_logging
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.rate_store import MemoryRateStore, Quota
from app.core.words import Words
from app.operations import embedded
from app.runtime.runtime import Runtime
from tests.support.apps import SettingsOfTests, borrowed_app
from tests.support.database import fresh_database, template_url
from tests.support.moderating import ban
from tests.support.people import LOWEST_COST
from tests.support.sql import count
from tests.support.transport import AppTransport
from tests.support.world import PASSWORD, World, picture, token
from tools.reliability.summary import Outcome, record

NETWORKS, REGISTRATIONS = 50, 2_000
HOUR = 3600
SAME = "誰でも簡単に毎日三万円、詳しくはプロフィールへ"
LISTED = "副業王国"

type Changes = dict[str, Any]

BEFORE: Changes = {"publish_needs": "nothing", "app_check": "off"}
BY_DEFAULT: Changes = {"publish_needs": "verified_email", "sign_up_mails_per_hour": 500}
WITH_APP_CHECK: Changes = BY_DEFAULT | {"app_check": "enforce", "app_check_project": "123456789012"}

EVENINGS = {
    "1-before": (Words("この対策の前", "Before the limits at the door"), BEFORE),
    "2-by-default": (Words("本番の既定値", "As production has it by default"), BY_DEFAULT),
    "3-app-check": (Words("App Check を enforce にした場合", "App Check enforced"), WITH_APP_CHECK),
}


@dataclass(slots=True)
class Figures:
    """What got through, by kind of call; what was refused, by code; and what it cost."""

    passed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tried: int = 0
    held: int = 0
    accounts: int = 0
    mails: int = 0
    cpu_seconds: float = 0.0

    @property
    def published(self) -> int:
        """What others see. What is held, and pictures of no post, are not."""
        return sum(self.passed[kind] for kind in ("post", "comment", "like")) - self.held

    def note(self) -> Words:
        refusals = ", ".join(f"{code} {n:,}" for code, n in self.refused.most_common())
        kinds = [f"{self.passed[kind]:,}" for kind in ("post", "comment", "like", "picture")]
        held, mails, cpu = f"{self.held:,}", f"{self.mails:,}", f"{self.cpu_seconds:.0f}"
        post, comment, like, shot = kinds
        return Words(
            f"登録の試み {self.tried:,}。アカウント {self.accounts:,}、投稿 {post}"
            f"（うち確認待ち {held}）、コメント {comment}、いいね {like}、写真 {shot}、"
            f"メール {mails} 通。運営の画面には確認待ちが {held} 件。"
            f"CPU は {cpu} 秒。拒否: {refusals}。",
            f"{self.tried:,} registrations: {self.accounts:,} accounts, {post} posts "
            f"({held} of them held), {comment} comments, {like} likes, {shot} pictures, "
            f"{mails} mails. The desk saw {held} held things. "
            f"{cpu} s of CPU. Refused: {refusals}.",
        )


class Evening:
    """One hour, seen from the networks."""

    def __init__(self, app: FastAPI, networks: int, registrations: int) -> None:
        self.app = app
        self.networks, self.registrations = networks, registrations
        self.seconds = 0.0
        self.figures = Figures()
        self._shot = picture(64, 64)

    async def play(self, world: World, post: dict[str, Any]) -> Figures:
        users, begun = await count(world, "users"), time.process_time()
        for number in range(self.registrations):
            async with self._network(number % self.networks) as http:
                await self._one(http, post)
            self.seconds += 0.99 * HOUR / self.registrations
        figures = self.figures
        figures.cpu_seconds = time.process_time() - begun
        figures.tried = self.registrations
        figures.accounts = await count(world, "users") - users
        figures.mails = await count(world, "pgqueuer", "entrypoint = 'auth.mail_token'")
        figures.held = await count(world, "posts", "moderation = 'held'")
        figures.held += await count(world, "comments", "moderation = 'held'")
        return figures

    @asynccontextmanager
    async def _network(self, number: int) -> AsyncIterator[httpx.AsyncClient]:
        origin = (f"198.51.{number // 250}.{number % 250 + 1}", 40_000)
        transport = httpx.ASGITransport(self.app, client=origin)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test/api/v1", timeout=60
        ) as http:
            yield http

    async def _one(self, http: httpx.AsyncClient, post: dict[str, Any]) -> None:
        email = f"b-{token()}@example.com"
        form = {"email": email, "password": PASSWORD, "nickname": "夜の客"}
        made = await self._call(http, "registration", "POST", "/auth/register", json=form)
        if made is None:
            return
        http.headers["Authorization"] = f"Bearer {made['tokens']['access_token']}"
        file = {"file": ("a.png", self._shot, "image/png")}
        image = await self._call(http, "picture", "POST", "/images", files=file)
        words: dict[str, Any] = {"lounge_id": post["lounge"]["id"], "title": "お得な話"}
        images = {"image_ids": [image["id"]]} if image else {}
        for body in ("https://example.com/n へ", SAME, LISTED):
            more = images if body == SAME else {}
            form = words | {"body": body} | more
            await self._call(http, "post", "POST", "/posts", json=form)
        for _ in range(3):
            path = f"/posts/{post['id']}/comments"
            await self._call(http, "comment", "POST", path, json={"body": SAME})
            await self._call(http, "like", "PUT", f"/posts/{post['id']}/like")

    async def _call(
        self, http: httpx.AsyncClient, kind: str, method: str, path: str, **how: Any
    ) -> Any:
        """The answer's JSON, if it was done."""
        answer = await http.request(method, path, **how)
        if answer.is_success:
            self.figures.passed[kind] += 1
            return answer.json() if answer.content else {}
        self.figures.refused[answer.json()["code"]] += 1
        return None


@contextmanager
def limits_of(changes: Changes) -> Iterator[None]:
    """Before, nothing was counted by the hour, and comments of new accounts not at all."""
    if changes is not BEFORE:
        yield
        return
    counted = rate_limit.PER_ADDRESS["register"], rate_limit.PER_NEW_ACCOUNT["comment"]
    rate_limit.PER_ADDRESS["register"] = counted[0][:1]
    rate_limit.PER_NEW_ACCOUNT["comment"] = (Quota(1_000_000, HOUR),)
    try:
        yield
    finally:
        rate_limit.PER_ADDRESS["register"], rate_limit.PER_NEW_ACCOUNT["comment"] = counted


async def play(
    app: FastAPI, world: World, changes: Changes, networks: int, registrations: int
) -> Figures:
    """One evening in a community that has a lounge, a post, and a list of words."""
    post = await world.post(await world.member())
    await ban(await world.admin(), LISTED)
    runtime, evening = world.runtime, Evening(app, networks, registrations)
    settings = runtime.settings
    runtime.settings = settings.model_copy(update={"rate_limits": "on", **changes})
    store = MemoryRateStore(lambda: evening.seconds)
    runtime.limiter = RateLimiter(enabled=True, store=store)
    try:
        with limits_of(changes):
            return await evening.play(world, post)
    finally:
        runtime.settings, runtime.limiter = settings, RateLimiter(enabled=False)


async def measure(url: str, folder: Path, changes: Changes, size: tuple[int, int]) -> Figures:
    settings = SettingsOfTests(jwt_keys=("test:" + "t" * 40,), data_dir=folder, rate_limits="off")
    runtime = Runtime.build(settings, url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    try:
        with borrowed_app("bench spam", runtime) as app:
            async with httpx.AsyncClient(
                transport=AppTransport(app), base_url="http://test"
            ) as http:
                return await play(app, World(app, runtime, http), changes, *size)
    finally:
        await runtime.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.spam", description=__doc__)
    parser.add_argument("--networks", type=int, default=NETWORKS)
    parser.add_argument("--registrations", type=int, default=REGISTRATIONS)
    parser.add_argument("--record", action="store_true", help="for `make reliability`")
    arguments = parser.parse_args()
    size = (arguments.networks, arguments.registrations)
    configure_logging("error", as_json=True)
    is_good = True
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        url = template_url(folder)
        try:
            for name, (title, changes) in EVENINGS.items():
                with fresh_database(url, f"spam_{name[0]}") as database:
                    figures = asyncio.run(measure(database, folder / name, changes, size))
                kept = changes is BEFORE or figures.published == 0
                is_good &= kept
                print(f"{title.en}: {figures.note().en}", flush=True)
                if arguments.record:
                    outcome = Outcome(
                        name=name,
                        title=title,
                        acknowledged=figures.passed.total(),
                        refused=figures.refused.total(),
                        recovered=kept,
                        note=figures.note(),
                    )
                    record("spam", outcome)
        finally:
            embedded.release()
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
