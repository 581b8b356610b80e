"""Two servers, slow writers, and clients that are cut until the number of cuts is reached."""

import asyncio
import json
import random
import signal
from asyncio.subprocess import PIPE
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from app.core.passwords.hashing import PasswordHasher
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from tests.cuts.writers import Writer
from tests.support.apps import SettingsOfTests, borrowed_app
from tests.support.people import LOWEST_COST
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import Server
from tests.support.transport import AppTransport
from tests.support.world import World, token
from tools.dart.packages import write_config
from tools.dart.vm import find_vm

KEYS = "test:" + "t" * 40
PEOPLE = 6
POSTS = 4
PHONES = 12
WRITERS = 5
KILL_SECONDS = (2.0, 8.0)
PHONES_DART = Path(__file__).parent / "phones.dart"

type Plan = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    cuts: int
    ends: int
    events: int
    items: int
    acts: int
    kills: int
    doubled: int
    differences: list[str]

    def __str__(self) -> str:
        return (
            f"{self.cuts} cuts, {self.kills} servers and {self.ends} apps ended, {self.acts} acts,"
            f" {self.events} events, {self.items} items: {len(self.differences)} differences,"
            f" {self.doubled} doubled"
        )


async def simulate(
    url: str, folder: Path, cuts: int, seed: int, *, kills: bool, is_broken: bool = False
) -> Outcome:
    """Run until `cuts` streams were cut, and an event came. Then each phone is compared in quiet.

    A broken client drops changes: then the comparison must find differences.
    """
    servers = [_server(folder / str(number), url) for number in range(2)]
    runtime = Runtime.build(SettingsOfTests(jwt_keys=(KEYS,), data_dir=folder), url)
    try:
        for server in servers:
            server.launch()
        people, post_ids, tokens = await _people(runtime)
        for server in servers:
            await asyncio.to_thread(server.wait_until, "ready", partial(_is_up, server))
        ports = [server.port for server in servers]
        plan = {
            "ports": ports,
            "posts": post_ids,
            "tokens": [tokens[number % PEOPLE][number // PEOPLE] for number in range(PHONES)],
            "cuts": cuts,
            "seed": seed,
            "is_broken": is_broken,
            "folder": str(folder),
        }
        writers = [Writer(runtime, people, post_ids, seed + n) for n in range(WRITERS)]
        ended, outcome = await _run(servers if kills else [], plan, folder, writers, seed)
        return Outcome(acts=sum(writer.acts for writer in writers), kills=ended, **outcome)
    finally:
        for server in servers:
            server.clean_up()
        await runtime.close()


def _server(folder: Path, url: str) -> Server:
    folder.mkdir(parents=True)
    return Server(folder, (*QUICK_LINKY, "serve"), LINKY_DATABASE_URL=url, LINKY_JWT_KEYS=KEYS)


def _is_up(server: Server) -> bool:
    return server.readiness() == 200


type Tokens = dict[str, object]


async def _people(runtime: Runtime) -> tuple[list[Viewer], list[str], list[list[Tokens]]]:
    """People, posts of theirs, and for each the tokens of two devices."""
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    with borrowed_app(f"cuts {token()}", runtime) as app:
        async with httpx.AsyncClient(transport=AppTransport(app), base_url="http://test") as http:
            world = World(app, runtime, http)
            people = [await world.member() for _ in range(PEOPLE)]
            tokens = [[api.access] for api in people]
            posts = [await world.post(people[number % PEOPLE]) for number in range(POSTS)]
            for api, own in zip(people, tokens, strict=True):
                own.append((await world.sign_in(api)).access)
    sessions = [runtime.tokens.decode(own[0]) for own in tokens]
    viewers = [Viewer(claims.user_id, claims.session_id, Role.USER) for claims in sessions]
    pairs = [
        [_tokens(viewer, access) for access in own]
        for viewer, own in zip(viewers, tokens, strict=True)
    ]
    return viewers, [post["id"] for post in posts], pairs


def _tokens(viewer: Viewer, access: str) -> Tokens:
    """What a client stores. No run is long enough for a refresh."""
    return {
        "access_token": access,
        "refresh_token": "none",
        "expires_in": 1_800,
        "user_id": str(viewer.user_id),
        "is_guest": False,
    }


async def _run(
    servers: list[Server], plan: Plan, folder: Path, writers: list[Writer], seed: int
) -> tuple[int, dict[str, Any]]:
    """Write, cut, and end servers until there were enough cuts, and compare in quiet.

    Returns how many servers ended, and what the phones have counted.
    """
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    config = write_config(folder)
    program = (f"--packages={config}", str(PHONES_DART), str(folder / "plan.json"))
    phones = await asyncio.create_subprocess_exec(
        *find_vm(), *program, stdin=PIPE, stdout=PIPE, limit=1 << 24
    )
    assert phones.stdin
    assert phones.stdout
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            for writer in writers:
                group.create_task(writer.run(stop))
            ending = group.create_task(_end_servers(servers, stop, random.Random(seed)))
            said = await phones.stdout.readline()
            stop.set()
        assert said == b"enough\n", said + await phones.stdout.read()
        phones.stdin.write(b"\n")
        outcome: dict[str, Any] = json.loads(await phones.stdout.readline())
    finally:
        with suppress(ProcessLookupError):
            phones.kill()
        await phones.wait()
    return ending.result(), outcome


async def _end_servers(servers: list[Server], stop: asyncio.Event, choose: random.Random) -> int:
    """Kill one server, or ask it to end, and start it again. One after the other."""
    ended = 0
    while servers and not stop.is_set():
        try:
            async with asyncio.timeout(choose.uniform(*KILL_SECONDS)):
                await stop.wait()
        except TimeoutError:
            server = choose.choice(servers)
            kill = partial(server.signal, signal.SIGKILL)
            await asyncio.to_thread(choose.choice((kill, server.end)))
            server.launch()
            await asyncio.to_thread(server.wait_until, "ready", partial(_is_up, server))
            ended += 1
    return ended
