"""Two servers, slow writers, and clients that are cut until the number of cuts is reached."""

import asyncio
import random
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from app.core.passwords.hashing import PasswordHasher
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from tests.cuts.client import Client, Refused
from tests.cuts.writers import Writer
from tests.support.apps import SettingsOfTests, borrowed_app
from tests.support.people import LOWEST_COST
from tests.support.server import LINKY, Server
from tests.support.transport import AppTransport
from tests.support.world import World, token

KEYS = "test:" + "t" * 40
PEOPLE = 6
POSTS = 4
CLIENTS = 12
WRITERS = 5
KILL_SECONDS = (2.0, 8.0)


@dataclass(frozen=True)
class Outcome:
    cuts: int
    events: int
    items: int
    acts: int
    kills: int
    doubled: int
    differences: list[str]

    def __str__(self) -> str:
        return (
            f"{self.cuts} cuts, {self.kills} servers ended, {self.acts} acts, {self.events} events,"
            f" {self.items} items: {len(self.differences)} differ, {self.doubled} doubled"
        )


async def simulate(url: str, folder: Path, cuts: int, seed: int, *, kills: bool) -> Outcome:
    """Run until `cuts` streams were cut. Then all are quiet, and each client is compared."""
    servers = [_server(folder / str(number), url) for number in range(2)]
    runtime = Runtime.build(SettingsOfTests(jwt_keys=(KEYS,), data_dir=folder), url)
    try:
        for server in servers:
            server.launch()
        people, post_ids, tokens = await _people(runtime)
        for server in servers:
            await asyncio.to_thread(server.wait_until, "ready", partial(_is_up, server))
        ports = [server.port for server in servers]
        clients = [
            Client(tokens[number % PEOPLE][number // PEOPLE], post_ids, ports, seed + number)
            for number in range(CLIENTS)
        ]
        writers = [Writer(runtime, people, post_ids, seed + n) for n in range(WRITERS)]
        ended = await _run(servers if kills else [], clients, writers, cuts, seed)
        wrong = await _compare(clients)
        return Outcome(
            cuts=sum(client.cuts for client in clients),
            events=sum(client.events for client in clients),
            items=sum(len(client.items) for client in clients),
            acts=sum(writer.acts for writer in writers),
            kills=ended,
            doubled=sum(client.doubled for client in clients),
            differences=wrong,
        )
    finally:
        for server in servers:
            server.clean_up()
        await runtime.close()


def _server(folder: Path, url: str) -> Server:
    folder.mkdir(parents=True)
    return Server(folder, (LINKY, "serve"), LINKY_DATABASE_URL=url, LINKY_JWT_KEYS=KEYS)


def _is_up(server: Server) -> bool:
    return server.readiness() == 200


async def _people(runtime: Runtime) -> tuple[list[Viewer], list[str], list[list[str]]]:
    """People, posts of theirs, and for each the access tokens of two devices."""
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
    return viewers, [post["id"] for post in posts], tokens


async def _run(
    servers: list[Server], clients: list[Client], writers: list[Writer], cuts: int, seed: int
) -> int:
    """Write, cut, and end servers until there were enough cuts. Returns how many servers ended."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(writer.run(stop))
        ending = group.create_task(_end_servers(servers, stop, random.Random(seed)))
        following = [group.create_task(_be_cut(client, clients, cuts)) for client in clients]
        await asyncio.wait(following)
        stop.set()
    return ending.result()


async def _be_cut(client: Client, clients: list[Client], cuts: int) -> None:
    while sum(each.cuts for each in clients) < cuts:
        try:
            await client.follow(1.0)
            if client.cuts % 5 == 4:
                await client.catch_up()
        except Refused:
            await asyncio.sleep(0.1)


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


async def _compare(clients: list[Client]) -> list[str]:
    """Let each client see the rest, and compare what it shows with its lists."""
    wrong: list[str] = []
    for client in clients:
        await client.follow(None)
        await client.catch_up()
        wrong += await client.differences()
        await client.close()
    return wrong
