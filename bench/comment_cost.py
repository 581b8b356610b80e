"""What a comment costs with the log of changes, as a ratio to one without: CPU, in one run.

Two servers serve one database, each by a role of its own, so that we know which of PostgreSQL's
processes work for which. One of them says nothing to the log (`bench.untold`). They are asked in
turns. Among the comments are calls of `GET /changes`, as often as streams look at the log under
load: so moving the inbox counts, too.
"""

import asyncio
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from app.core import migrations
from app.core.json import to_json
from app.core.passwords.hashing import PasswordHasher
from app.lounge.service import LoungeService
from app.operations import embedded
from app.post.schemas import PostCreate
from app.post.service import PostWritingService
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from bench.requests.client import Request, request
from bench.requests.measure import Sample, ask
from bench.requests.servers import Plan, Server, plan_linky, running
from tests.support.apps import SettingsOfTests
from tests.support.people import LOWEST_COST, add_person
from tests.support.world import token

KEYS = "test:" + "c" * 40
TOLD, UNTOLD = "with the log", "without"
ROUNDS, COMMENTS = 8, 300
LOOK_EVERY = 25
"""Comments between two looks at the log."""

_SETTINGS = {
    "LINKY_ENV": "development",
    "LINKY_RATE_LIMITS": "off",
    "LINKY_JWT_KEYS": KEYS,
    "LINKY_PUBLIC_URL": "",
}


def comment_cost(folder: Path, rounds: int, comments: int) -> dict[str, float]:
    """The median of the rounds' ratios, and the lowest and the highest."""
    data_dir = folder / "data"
    url = embedded.acquire(data_dir)
    try:
        migrations.upgrade(url)
        samples = asyncio.run(_measure(url, folder, rounds + 1, comments))
    finally:
        embedded.release(data_dir)
    return _ratios(samples[1:])  # The first makes plans and fills caches.


async def _measure(
    url: str, folder: Path, rounds: int, comments: int
) -> list[Mapping[str, Sample]]:
    path, tokens = await _community(url, folder)
    plans = [
        replace(plan_linky(url, name=TOLD), worker=None, settings=_SETTINGS),
        Plan(UNTOLD, url, [sys.executable, "-m", "bench.untold"], settings=_SETTINGS),
    ]
    async with running(plans, folder) as servers:
        return [
            await _round(servers, list(_requests(path, tokens, comments)), number)
            for number in range(rounds)
        ]


async def _community(url: str, folder: Path) -> tuple[str, list[str]]:
    """A post to comment on, and the access tokens of two who do."""
    runtime = Runtime.build(SettingsOfTests(jwt_keys=(KEYS,), data_dir=folder), url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    try:
        tokens = []
        for name in ("花子", "太郎"):
            email = f"c-{token()}@example.com"
            made = await add_person(runtime, email=email, nickname=name, role="user")
            tokens.append(str(made["tokens"]["access_token"]))
        claims = runtime.tokens.decode(tokens[0])
        author = Viewer(claims.user_id, claims.session_id, Role.USER)
        async with runtime.unit_of_work() as ctx:
            lounge = await ctx.service(LoungeService).open("茶の間", "試し")
        async with runtime.unit_of_work() as ctx:
            form = PostCreate(lounge_id=UUID(str(lounge.id)), title="新茶", body="深蒸しです")
            post = await ctx.service(PostWritingService).publish(author, form)
    finally:
        await runtime.close()
    return f"/api/v1/posts/{post.id}/comments", tokens


def _requests(path: str, tokens: Sequence[str], comments: int) -> Iterator[Request]:
    headers = [{"Authorization": f"Bearer {access}"} for access in tokens]
    for number in range(comments):
        body = to_json({"body": f"香りがよい {token()}"})
        yield request("POST", path, headers[number % len(headers)], body, 201)
        if number % LOOK_EVERY == 0:
            yield request("GET", "/api/v1/changes", headers[0])


async def _round(
    servers: Sequence[Server], requests: Sequence[Request], number: int
) -> Mapping[str, Sample]:
    order = random.Random(number).sample(servers, len(servers))
    return {server.name: await ask(server, requests) for server in order}


def _ratios(rounds: Sequence[Mapping[str, Sample]]) -> dict[str, float]:
    total = [each[TOLD].total / each[UNTOLD].total for each in rounds]
    database = [each[TOLD].database / each[UNTOLD].database for each in rounds]
    return {
        "log_ratio": statistics.median(total),
        "log_ratio_low": min(total),
        "log_ratio_high": max(total),
        "log_database_ratio": statistics.median(database),
    }
