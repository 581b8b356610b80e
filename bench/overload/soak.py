"""`make soak`: a mixed load for half an hour. Memory and latency must not grow.

Only differences within the run count: later minutes are compared with earlier ones.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import httpx

from app.core.words import Words
from app.operations import embedded
from bench.document import FOLDER, ROOT
from bench.overload.client import Seen
from bench.overload.process import Client, comments, mixed, percentile
from bench.requests.cases import API, Asker
from bench.requests.community import PASSWORD, ensure_made, prepare_run
from bench.requests.loading import superuser
from bench.requests.servers import Server, plan_linky, running
from tests.support import photos
from tools.reliability.summary import Outcome, record

SHARES = {
    "home feed": 20, "lounge feed": 14, "one post": 15, "comments": 14, "unread count": 14,
    "notifications": 5, "lounges": 3, "me": 5, "search": 2, "like": 4, "comment": 4,
}  # fmt: skip

SHARE_OF_PEAK = 0.3
WARM_MINUTES = 5
"""Memory may grow until then: caches fill, and pools."""

MOST_GROWTH = 1.05
SLOW_PAUSE_SECONDS = 2.0
"""Between two uploads with a sign-in, which run beside the load."""


@dataclass(frozen=True)
class Minute:
    """What was seen at the end of a minute."""

    seen: Seen
    memory_mb: float
    descriptors: int

    @property
    def median(self) -> float:
        return percentile(self.seen.served, 50)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--rate", type=float, help="requests a second; 0.3 of the peak if unset")
    parser.add_argument("--scale", type=float, default=0.02, help="1 is a million posts")
    parser.add_argument("--record", action="store_true", help="for `make reliability`")
    return parser.parse_args()


async def sign_in_and_upload(port: int, asker: Asker, failed: list[str]) -> None:
    """What takes the most memory and time, again and again."""
    chance, photo = Random(3), photos.noisy(1600, 1200)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}{API}", timeout=60) as http:
        while True:
            viewer = chance.choice(asker.community.viewers)
            address = ".".join(str(chance.randrange(1, 255)) for _ in range(3))
            sent = {"X-Forwarded-For": f"11.{address}"}
            form = {"email": viewer.email, "password": PASSWORD}
            answer = await http.post("/auth/login", json=form, headers=sent)
            if answer.status_code == 200:
                bearer = {"Authorization": f"Bearer {answer.json()['tokens']['access_token']}"}
                files = {"file": ("photo", photo)}
                answer = await http.post("/images", files=files, headers=sent | bearer)
            if answer.status_code not in (200, 201):
                failed.append(f"{answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(SLOW_PAUSE_SECONDS)


def look(server: Server, seen: Seen) -> Minute:
    pid = server.process.pid
    status = Path(f"/proc/{pid}/status").read_text()
    memory = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    minute = Minute(seen, memory, len(list(Path(f"/proc/{pid}/fd").iterdir())))
    print(
        f"{len(seen.served):6} served, {len(seen.refused) + seen.unavailable} refused,"
        f" {seen.wrong or 'none wrong'}; median {minute.median:.1f} ms,"
        f" p99 {percentile(seen.served, 99):.1f} ms; {memory:.1f} MB,"
        f" {minute.descriptors} descriptors",
        flush=True,
    )
    return minute


@dataclass(frozen=True)
class Result:
    """All minutes of a run."""

    minutes: Sequence[Minute]
    failed: list[str]
    written: int
    kept: int

    @property
    def _counted(self) -> Sequence[Minute]:
        """Those after the warm-up; of a short run the second half."""
        return self.minutes[min(WARM_MINUTES, len(self.minutes) // 2) :]

    @property
    def growth(self) -> float:
        """Memory at the end, as a share of that after the warm-up: medians of three minutes."""
        sizes = [minute.memory_mb for minute in self._counted]
        return statistics.median(sizes[-3:]) / statistics.median(sizes[:3])

    @property
    def latency(self) -> float:
        """The median of the last half, as a share of that of the first half."""
        medians = [minute.median for minute in self._counted]
        half = max(1, len(medians) // 2)
        return statistics.median(medians[-half:]) / statistics.median(medians[:half])

    @property
    def noise(self) -> float:
        """How much the minutes of the first half differ from each other: largest by smallest."""
        medians = [minute.median for minute in self._counted]
        first = medians[: max(1, len(medians) // 2)]
        return max(first) / min(first)

    @property
    def is_steady(self) -> bool:
        return self.growth <= MOST_GROWTH and self.latency <= max(1.05, self.noise)


async def soak(arguments: argparse.Namespace, database_server: str) -> Result:
    url = await ensure_made(database_server, ROOT, sys.executable, arguments.scale)
    asker = Asker(await prepare_run(url))
    database: Any = await asyncpg.connect(superuser(url))
    begun, phases, minutes, failed = await comments(database), [], [], list[str]()
    async with running([plan_linky(url)], FOLDER) as (server,):
        client = Client(server.port, mixed(asker, SHARES))
        try:
            phases.append(await client.run(seconds=3, connections=16))
            peak = await client.run(seconds=5, connections=16)
            phases.append(peak)
            rate = arguments.rate or SHARE_OF_PEAK * len(peak.served) / peak.seconds
            print(f"{rate:.0f} requests a second for {arguments.minutes} minutes", flush=True)
            beside = asyncio.create_task(sign_in_and_upload(server.port, asker, failed))
            for _ in range(arguments.minutes):
                phases.append(await client.run(seconds=60, rate=rate))
                minutes.append(look(server, phases[-1]))
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
        finally:
            client.close()
    written = sum(len(seen.written) for seen in phases)
    kept = await comments(database) - begun
    await database.close()
    return Result(minutes, failed, written, kept)


def recorded(result: Result) -> Outcome:
    seen = [minute.seen for minute in result.minutes]
    length = len(result.minutes)
    return Outcome(
        name=f"minutes-{length}",
        title=Words(f"{length} 分間の混合負荷", f"{length} minutes of mixed load"),
        acknowledged=result.written,
        lost=max(0, result.written - result.kept),
        refused=sum(len(one.refused) + one.unavailable for one in seen),
        other_5xx=sum(n for one in seen for code, n in one.wrong.items() if code[0] == "5"),
        recovered=result.is_steady,
        note=Words(
            f"慣らしの後、メモリは {result.growth:.3f} 倍、"
            f"応答時間の中央値は {result.latency:.2f} 倍"
            f"（もともとのばらつき {result.noise:.2f} 倍）。",
            f"After the warm-up memory was {result.growth:.3f} times, and the median answer"
            f" {result.latency:.2f} times that of the first half, whose minutes differed by"
            f" {result.noise:.2f} times.",
        ),
    )


def main() -> None:
    arguments = parsed()
    server = embedded.acquire(FOLDER)
    try:
        result = asyncio.run(soak(arguments, server))
    finally:
        embedded.release()
    print(f"memory  {result.growth:.3f} times that after the warm-up (limit {MOST_GROWTH})")
    print(f"latency {result.latency:.2f} times that of the first half; noise {result.noise:.2f}")
    print(f"comments {result.written} acknowledged, {result.kept} kept; {result.failed or 'ok'}")
    if arguments.record:
        record("soak", recorded(result))
    if not result.is_steady or result.failed or result.kept < result.written:
        raise SystemExit("the server does not hold")


if __name__ == "__main__":
    main()
