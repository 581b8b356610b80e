"""`make soak`: a mixed load for half an hour. Memory must not grow, nor answers take longer.

After the warm-up a young server runs beside the old one, and gets the same requests in the same
minutes. It is replaced every few minutes, so that it stays young.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import httpx

from app.operations import embedded
from bench.document import FOLDER, ROOT
from bench.overload.client import Seen
from bench.overload.judging import MOST_GROWTH, MOST_SLOWER, Judgement, Pair, Sample
from bench.overload.process import Client, comments, mixed, percentile
from bench.requests.cases import API, Asker
from bench.requests.client import Request
from bench.requests.community import PASSWORD, ensure_made, prepare_run
from bench.requests.loading import superuser
from bench.requests.servers import Server, plan_linky, running
from tests.support import photos

SHARES = {
    "home feed": 20, "lounge feed": 14, "one post": 15, "comments": 14, "unread count": 14,
    "notifications": 5, "lounges": 3, "me": 5, "search": 2, "like": 4, "comment": 4,
}  # fmt: skip

SHARE_OF_PEAK = 0.2
"""For each of two servers. With more they would wait for each other's CPU."""

WARM_MINUTES = 5
"""Memory may grow until then: caches fill, and pools."""

YOUNG_MINUTES = 5
"""A young server's life. Its first minute is its warm-up."""

LEAST_MINUTES = 4
SAMPLE_SECONDS = 5.0
SLOW_PAUSE_SECONDS = 2.0
"""Between two uploads with a sign-in, which run beside the load."""


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help=f"{LEAST_MINUTES} at least")
    parser.add_argument("--rate", type=float, help="requests a second; 0.2 of the peak if unset")
    parser.add_argument("--scale", type=float, default=0.02, help="1 is a million posts")
    arguments = parser.parse_args()
    if arguments.minutes < LEAST_MINUTES:
        parser.error(f"--minutes must be {LEAST_MINUTES} at least")
    return arguments


@dataclass(frozen=True)
class Result:
    """What was judged, and what the clients saw of both servers."""

    minutes: int
    judgement: Judgement
    seen: Sequence[Seen]
    failed: Sequence[str]
    """Sign-ins and uploads that were refused."""

    written: int
    kept: int

    @property
    def is_good(self) -> bool:
        return self.judgement.is_steady and not self.failed and self.kept >= self.written


@dataclass
class Loaded:
    """A server, the process that loads it, and what was seen."""

    server: Server
    client: Client
    seen: list[Seen] = field(default_factory=list)

    async def load(self, **phase: float) -> Seen:
        self.seen.append(await self.client.run(**phase))
        return self.seen[-1]

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Soak:
    """A run: the old server, the young servers, and the samples."""

    def __init__(self, url: str, asker: Asker, minutes: int) -> None:
        self._url = url
        self._asker = asker
        self._minutes = minutes
        self._warm = min(WARM_MINUTES, minutes // 2)
        self._requests: Sequence[Request] = mixed(asker, SHARES)
        self._minute = 0
        self._rate = 0.0
        self._memory: list[Sample] = []
        self._pairs: list[Pair] = []
        self.seen: list[Seen] = []
        self.failed: list[str] = []

    async def run(self, rate: float | None) -> Judgement:
        async with self._loaded("old") as old:
            self._rate = rate or await self._share_of_peak(old)
            print(f"{self._rate:.0f} requests a second, {self._minutes} minutes", flush=True)
            while self._minute < self._warm:
                await self._load(old)
            async with beside(self._watch(old)):
                while self._minute < self._minutes:
                    async with self._loaded("young") as young:
                        await self._compare(old, young)
        return Judgement(self._memory, self._pairs)

    @asynccontextmanager
    async def _loaded(self, name: str) -> AsyncIterator[Loaded]:
        async with running([plan_linky(self._url)], FOLDER / "soak" / name) as (server,):
            loaded = Loaded(server, Client(server.port, self._requests))
            try:
                async with beside(self._sign_in_and_upload(loaded)):
                    yield loaded
            finally:
                loaded.client.close()
                self.seen += loaded.seen

    async def _share_of_peak(self, old: Loaded) -> float:
        await old.load(seconds=3, connections=16)
        peak = await old.load(seconds=5, connections=16)
        return SHARE_OF_PEAK * len(peak.served) / peak.seconds

    async def _compare(self, old: Loaded, young: Loaded) -> None:
        for minute in range(min(YOUNG_MINUTES, self._minutes - self._minute)):
            pair = await self._load(old, young)
            if minute:
                self._pairs.append(Pair(*pair))

    async def _load(self, *servers: Loaded) -> list[float]:
        """Load the servers with the same requests for a minute. Returns their median times."""
        phase = {"seconds": 60.0, "rate": self._rate, "first": self._minute * 60 * self._rate}
        seen = await asyncio.gather(*(loaded.load(**phase) for loaded in servers))
        self._minute += 1
        for loaded, minute in zip(servers, seen, strict=True):
            print(f"{self._minute:3}  {line_of(minute)}; {loaded.megabytes():.1f} MB", flush=True)
        return [percentile(minute.served, 50) for minute in seen]

    async def _watch(self, old: Loaded) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        while True:
            self._memory.append(Sample((clock() - begun) / 60, old.megabytes()))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def _sign_in_and_upload(self, loaded: Loaded) -> None:
        """What takes the most memory and time, again and again."""
        chance, photo = Random(3), photos.noisy(1600, 1200)
        address = f"http://127.0.0.1:{loaded.server.port}{API}"
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            while True:
                try:
                    await self._upload(http, chance, photo)
                except httpx.HTTPError as error:
                    self.failed.append(repr(error))
                await asyncio.sleep(SLOW_PAUSE_SECONDS)

    async def _upload(self, http: httpx.AsyncClient, chance: Random, photo: bytes) -> None:
        viewer = chance.choice(self._asker.community.viewers)
        address = ".".join(str(chance.randrange(1, 255)) for _ in range(3))
        sent = {"X-Forwarded-For": f"11.{address}"}
        form = {"email": viewer.email, "password": PASSWORD}
        answer = await http.post("/auth/login", json=form, headers=sent)
        if answer.status_code == 200:
            bearer = {"Authorization": f"Bearer {answer.json()['tokens']['access_token']}"}
            files = {"file": ("photo", photo)}
            answer = await http.post("/images", files=files, headers=sent | bearer)
        if answer.status_code not in (200, 201):
            self.failed.append(f"{answer.status_code} {answer.text[:200]}")


def line_of(seen: Seen) -> str:
    refused = len(seen.refused) + seen.unavailable
    return (
        f"{len(seen.served):6} served, {refused} refused, {seen.wrong or 'none wrong'};"
        f" median {percentile(seen.served, 50):.1f} ms, p99 {percentile(seen.served, 99):.1f} ms"
    )


async def soak(arguments: argparse.Namespace, database_server: str) -> Result:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    url = await ensure_made(database_server, ROOT, sys.executable, arguments.scale)
    run = Soak(url, Asker(await prepare_run(url)), arguments.minutes)
    database: Any = await asyncpg.connect(superuser(url))
    try:
        begun = await comments(database)
        judgement = await run.run(arguments.rate)
        kept = await comments(database) - begun
    finally:
        await database.close()
    written = sum(len(seen.written) for seen in run.seen)
    return Result(arguments.minutes, judgement, run.seen, run.failed, written, kept)


def main() -> None:
    arguments = parsed()
    server = embedded.acquire(FOLDER)
    try:
        result = asyncio.run(soak(arguments, server))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit("ended before its time") from None
    finally:
        embedded.release()
    judgement = result.judgement
    print(f"memory   +{judgement.growth:.1%} after the warm-up (at most {MOST_GROWTH:.0%})")
    print(f"answers  {judgement.slowness:.2f} times a young server's (at most {MOST_SLOWER})")
    print(f"comments {result.written} acknowledged, {result.kept} kept; {result.failed or 'ok'}")
    if not result.is_good:
        raise SystemExit("the server does not hold")


if __name__ == "__main__":
    main()
