"""`make bench-live`: what streams cost, and how soon they tell. A minute.

A server of its own has 2,000 streams over sockets. Another process writes, whose commits the server
sees only when it polls. Fails if a limit is missed.
"""

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import httpx

from app.comment.schemas import CommentCreate
from app.comment.service.writing import CommentWritingService
from app.core.logging import configure_logging
from app.core.passwords.hashing import PasswordHasher
from app.live.hub.hub import POLL_SECONDS
from app.operations import embedded
from app.runtime.runtime import Runtime
from app.user.enums import Role
from app.user.policy import Viewer
from bench.requests.servers import cpu_time
from tests.support.apps import SettingsOfTests, borrowed_app
from tests.support.database import fresh_database, template_url
from tests.support.live import SocketStream
from tests.support.people import LOWEST_COST, add_person
from tests.support.server import LINKY, Server
from tests.support.transport import AppTransport
from tests.support.world import World, token

KEYS = "test:" + "t" * 40
WITH_TOPIC = 50
WRITES = 60
POLLS = 3_000
PROCESSES = 4


def cpu_seconds(pid: int) -> float:
    return (cpu_time(pid) or 0) / 1e9


def memory_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


async def idle_polls(runtime: Runtime) -> float:
    """The part of a core that four processes take for polling, their database's share included."""
    reader = runtime.live_log._reader()  # noqa: SLF001
    ((backend,),) = await reader.fetch("SELECT pg_backend_pid()", [])
    await runtime.live_log.advance()
    own, database = time.process_time(), cpu_seconds(backend)
    for _ in range(POLLS):
        await runtime.live_log.advance()
    used = time.process_time() - own + cpu_seconds(backend) - database
    return used / POLLS * PROCESSES / POLL_SECONDS


class Bench:
    def __init__(self, url: str, folder: Path, streams: int) -> None:
        self.runtime = Runtime.build(SettingsOfTests(jwt_keys=(KEYS,), data_dir=folder), url)
        self.runtime.passwords = PasswordHasher(cost=LOWEST_COST)
        self.server = Server(
            folder / "server", (LINKY, "serve"), LINKY_DATABASE_URL=url, LINKY_JWT_KEYS=KEYS,
            LINKY_LIVE_STREAMS=str(streams), LINKY_WORKER="apart",
        )  # fmt: skip
        (folder / "server").mkdir()
        self.count = streams
        self.streams: list[SocketStream] = []

    async def run(self) -> dict[str, float]:
        figures = {"idle_percent": 100 * await idle_polls(self.runtime)}
        people = [await self._person(number) for number in range(self.count)]
        with borrowed_app("bench live", self.runtime) as app:
            async with httpx.AsyncClient(
                transport=AppTransport(app), base_url="http://test"
            ) as http:
                world = World(app, self.runtime, http)
                self.author = await world.member()
                posts = [await world.post(self.author) for _ in range(2)]
        self.quiet, self.busy = [post["id"] for post in posts]
        self.server.launch()
        # It is not ready without its worker, but it answers.
        answers = lambda: self.server.readiness() != 0  # noqa: E731
        await asyncio.to_thread(self.server.wait_until, "answering", answers)
        figures |= await self._open(people)
        figures |= await self._tell_some()
        figures |= await self._tell_all()
        figures |= await self._end()
        return figures

    async def _person(self, number: int) -> str:
        made = await add_person(
            self.runtime,
            email=f"b{number}-{token()}@example.com",
            nickname=f"客{number}",
            role="user",
        )
        return str(made["tokens"]["access_token"])

    async def _open(self, people: list[str]) -> dict[str, float]:
        pid = self.server.pid
        # The first streams load code and fill caches, which is not a cost of a stream.
        topic = f"post:{self.busy}"
        await self._open_some(people[:WITH_TOPIC], topic, f"post:{self.quiet}")
        before, cpu = memory_kib(pid), cpu_seconds(pid)
        await self._open_some(people[WITH_TOPIC:], topic)
        opened = len(people) - WITH_TOPIC
        return {
            "memory_kib": (memory_kib(pid) - before) / opened,
            "open_us": (cpu_seconds(pid) - cpu) / opened * 1e6,
        }

    async def _open_some(self, people: list[str], *topics: str) -> None:
        for at in range(0, len(people), 25):
            opened = await asyncio.gather(
                *(SocketStream.open(self.server.port, t, *topics) for t in people[at : at + 25])
            )
            for stream in opened:
                assert stream.status == 200, stream.status
                await stream.wait("hello")
            self.streams += opened

    async def _tell_some(self) -> dict[str, float]:
        """Measures from the commit to the event, over the streams that follow the post."""
        delays: list[float] = []
        for number in range(WRITES):
            await asyncio.sleep(POLL_SECONDS * (1 + number / WRITES))
            committed = await self._write(self.quiet)
            delays += await asyncio.gather(
                *(self._delay(stream, committed) for stream in self.streams[:WITH_TOPIC])
            )
        cuts = statistics.quantiles(delays, n=20)
        return {"median_ms": 1000 * statistics.median(delays), "p95_ms": 1000 * cuts[-1]}

    async def _write(self, post_id: str) -> float:
        """Comment on a post, past the server. Returns when it was committed."""
        claims = self.runtime.tokens.decode(self.author.access)
        viewer = Viewer(claims.user_id, claims.session_id, Role.USER)
        async with self.runtime.writing() as ctx:
            form = CommentCreate(body=f"言葉 {token()}")
            await ctx.service(CommentWritingService).write(viewer, UUID(post_id), form)
        return time.monotonic()

    async def _delay(self, stream: SocketStream, since: float) -> float:
        await stream.wait("changes")
        return time.monotonic() - since

    async def _tell_all(self) -> dict[str, float]:
        """One event for everyone: from the first stream that has it to the last."""
        spans, cpu = [], cpu_seconds(self.server.pid)
        for _ in range(5):
            await asyncio.sleep(2 * POLL_SECONDS)
            since = await self._write(self.busy)
            times = await asyncio.gather(*(self._delay(s, since) for s in self.streams))
            spans.append(max(times) - min(times))
        used = (cpu_seconds(self.server.pid) - cpu) / 5 / len(self.streams)
        return {"to_all_ms": 1000 * statistics.median(spans), "deliver_us": used * 1e6}

    async def _end(self) -> dict[str, float]:
        begun = time.monotonic()
        self.server.ask_to_end()
        ends = await asyncio.gather(*(stream.rest() for stream in self.streams))
        took = time.monotonic() - begun
        said = sum(1 for events in ends if events and events[-1].data == {"reason": "deploy"})
        return {"end_ms": 1000 * took, "goodbyes": said}

    async def close(self) -> None:
        for stream in self.streams:
            await stream.cut()
        self.server.clean_up()
        await self.runtime.close()


LIMITS = {
    "idle_percent": 0.3,
    "p95_ms": 300.0,
    "to_all_ms": 500.0,
    "memory_kib": 35.0,
    "end_ms": 2_000.0,
}
"""What is checked, with the most that it may be."""

WORDS = {
    "idle_percent": "idle polling of four processes, % of a core, database included",
    "memory_kib": "memory of a stream, KiB",
    "open_us": "CPU of the server to open a stream, µs",
    "median_ms": f"from another process's commit to {WITH_TOPIC} streams, median, ms",
    "p95_ms": f"from another process's commit to {WITH_TOPIC} streams, 95th percentile, ms",
    "to_all_ms": "one event to all streams, from the first to the last, ms",
    "deliver_us": "CPU of the server to deliver an event, µs a stream",
    "end_ms": "from SIGTERM to the end of the last stream, ms",
    "goodbyes": "streams that got `bye deploy`",
}


def measure(streams: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with fresh_database(template_url(folder / "postgres"), f"live_{token()}") as url:
                return asyncio.run(_measure(url, folder, streams))
        finally:
            embedded.release()


async def _measure(url: str, folder: Path, streams: int) -> dict[str, float]:
    bench = Bench(url, folder, streams)
    try:
        return await bench.run()
    finally:
        await bench.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    arguments = parser.parse_args()
    streams: int = arguments.streams
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    configure_logging("error", as_json=True)
    figures = measure(streams)
    for name, words in WORDS.items():
        limit = f" (at most {LIMITS[name]:g})" if name in LIMITS else ""
        print(f"{figures[name]:10.2f}  {words}{limit}")
    missed = [name for name, limit in LIMITS.items() if figures[name] > limit]
    missed += ["goodbyes"] if figures["goodbyes"] < streams else []
    print(f"missed: {', '.join(missed)}" if missed else "all limits are kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
