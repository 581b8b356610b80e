"""`make bench-overload`: twice the load that the server can bear, and what it still does.

It prints shares of what the same server did without overload, so the machine matters little.
"""

import argparse
import asyncio
import math
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import httpx

from app.operations import embedded
from bench.document import FOLDER, ROOT
from bench.overload.client import Seen
from bench.overload.front import Served, nginx_before
from bench.overload.process import Client, comments, mixed, percentile
from bench.requests.cases import Asker
from bench.requests.community import Community, ensure_made, prepare_run
from bench.requests.loading import superuser
from bench.requests.servers import plan_linky, running

SHARES = {
    "home feed": 20, "lounge feed": 15, "one post": 15, "comments": 15, "unread count": 15,
    "notifications": 5, "lounges": 3, "me": 5, "like": 4, "comment": 3,
}  # fmt: skip
"""How many of a hundred requests are of each case."""

CONNECTIONS = (16, 32, 64)
"""For the peak: the best of them counts."""

PEAK_SECONDS, CALM_SECONDS = 4.0, 3.0
CALM_SHARE = 0.25
AGAIN_SECONDS = 5.0
"""After the overload the server is given so long to be normal again."""

PROBE_SECONDS = 0.05


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-overload", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.02, help="1 is a million posts")
    parser.add_argument("--seconds", type=float, default=10.0, help="of overload")
    parser.add_argument("--times", type=float, default=2.0, help="the load, as a share of the peak")
    parser.add_argument("--nginx", action="store_true", help="with nginx in front, as on a host")
    return parser.parse_args()


@dataclass
class Probe:
    """Asks for what must be answered under any load: health, and the end of a session."""

    port: int
    tokens: list[str]
    health: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    sign_outs: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def run(self, seconds: float) -> "Probe":
        address, headers = f"http://127.0.0.1:{self.port}", {"Host": "bench"}
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as http:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await self._ask(http, "GET", "/health/live", self.health)
                await self._ask(http, "GET", "/health/ready", self.ready)
                form = {"refresh_token": self.tokens.pop()}
                await self._ask(http, "POST", "/api/v1/auth/logout", self.sign_outs, json=form)
                await asyncio.sleep(PROBE_SECONDS)
        return self

    async def _ask(
        self, http: httpx.AsyncClient, method: str, path: str, times: list[float], **how: Any
    ) -> None:
        begun = time.perf_counter()
        try:
            response = await http.request(method, path, **how)
        except httpx.HTTPError as error:
            self.failed.append(f"{path} {type(error).__name__}")
            return
        if response.status_code not in (200, 204):
            self.failed.append(f"{path} {response.status_code}")
        times.append(time.perf_counter() - begun)


@dataclass(frozen=True)
class Result:
    """What each phase saw. `before` and `after` are a quarter of the peak."""

    peak: float
    times: float
    before: Seen
    overload: Seen
    probe: Probe
    after: Seen
    written: int
    """Comments that were acknowledged."""

    kept: int
    """Comments that the database has."""

    share_by_cpu: float
    """What is served with a second of the server's CPU, refusals included, as a share of what is
    served at the peak. It says the same on a busy machine.
    """

    @property
    def served_share(self) -> float:
        return len(self.overload.served) / self.overload.seconds / self.peak

    @property
    def latency_ratio(self) -> float:
        return percentile(self.after.served, 50) / (percentile(self.before.served, 50) or 1.0)


def parted(community: Community, sign_outs: int) -> tuple[Community, list[str]]:
    """The community without some viewers, and a refresh token of each of these, who sign out.

    A session that signs out must not be one that the load still uses: its requests would get 401.
    """
    leaving, staying = community.viewers[:sign_outs], community.viewers[sign_outs:]
    ids = {viewer.user_id for viewer in staying}
    own = [(viewer, post) for viewer, post in community.own if viewer.user_id in ids]
    tokens = [viewer.refresh_tokens[0] for viewer in leaving]
    return replace(community, viewers=staying, own=own), tokens


async def measure(arguments: argparse.Namespace, server: str) -> Result:
    url = await ensure_made(server, ROOT, sys.executable, arguments.scale)
    most = math.ceil(arguments.seconds / PROBE_SECONDS)
    staying, leaving = parted(await prepare_run(url), most)
    asker = Asker(staying)
    requests = mixed(asker, SHARES)
    database = await asyncpg.connect(superuser(url))
    begun = await comments(database)
    phases: list[Seen] = []
    async with running([plan_linky(url)], FOLDER) as (linky,), AsyncExitStack() as stack:
        front: Served = linky
        if arguments.nginx:
            front = stack.enter_context(nginx_before(linky, FOLDER / "nginx"))
        client = Client(front.port, requests)
        try:
            phases.append(await client.run(seconds=2, connections=32))
            begun_time = front.own_time()
            peaks = [await client.run(seconds=PEAK_SECONDS, connections=c) for c in CONNECTIONS]
            peak = max(len(seen.served) / seen.seconds for seen in peaks)
            peak_cost = (front.own_time() - begun_time) / sum(len(seen.served) for seen in peaks)
            print(f"peak {peak:.0f} requests a second", flush=True)
            before = await client.run(seconds=CALM_SECONDS, rate=CALM_SHARE * peak)
            begun_time = front.own_time()
            probe = Probe(front.port, leaving)
            overload, _ = await asyncio.gather(
                client.run(seconds=arguments.seconds, rate=arguments.times * peak),
                probe.run(arguments.seconds),
            )
            cost = (front.own_time() - begun_time) / max(1, len(overload.served))
            await asyncio.sleep(max(0.0, AGAIN_SECONDS - CALM_SECONDS))
            after = await client.run(seconds=CALM_SECONDS, rate=CALM_SHARE * peak)
        finally:
            client.close()
    kept = await comments(database) - begun
    await database.close()
    phases += [*peaks, before, overload, after]
    written = sum(len(seen.written) for seen in phases)
    share = peak_cost / cost
    return Result(peak, arguments.times, before, overload, probe, after, written, kept, share)


def report(result: Result) -> None:
    seen, probe = result.overload, result.probe
    print(f"offered {result.times:g} times the peak: {seen.sent} sent, {seen.unsent} not sent")
    print(f"served        {result.served_share:.2f} of the peak")
    print(f"by CPU        {result.share_by_cpu:.2f} of the peak")
    print(f"served in ms  {_times(seen.served)}")
    print(f"refused       {len(seen.refused)} overloaded, {seen.unavailable} other 503")
    print(f"refused in ms {_times(seen.refused)}")
    print(f"other answers {seen.wrong or 'none'}; {seen.unanswered} without an answer")
    print(f"health in ms  live {_times(probe.health)}; ready {_times(probe.ready)}")
    print(f"sign-outs     {_times(probe.sign_outs)}; failed: {probe.failed[:5] or 'none'}")
    print(f"comments      {result.written} acknowledged, {result.kept} kept")
    print(f"5 s later     {result.latency_ratio:.2f} times the median before; ", end="")
    print(f"{len(result.after.refused)} refused, {result.after.wrong or 'nothing wrong'}")


def _times(times: Sequence[float]) -> str:
    return ", ".join(f"p{p} {percentile(times, p):.1f}" for p in (50, 99, 100))


def main() -> None:
    arguments = parsed()
    print(f"load {os.getloadavg()[0]:.1f} before", flush=True)
    server = embedded.acquire(FOLDER)
    try:
        result = asyncio.run(measure(arguments, server))
    finally:
        embedded.release()
    report(result)


if __name__ == "__main__":
    main()
