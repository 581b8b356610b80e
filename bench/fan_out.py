"""`make bench-fanout`: what it costs to notify 10,000 people of a new post in their lounge.

A server and a worker, each a process. First the author posts in a lounge without subscribers and
in one with 10,000, in turns, while the worker sleeps. Then the author posts in the second one, and
a reader asks for a lounge's posts until all are told, and as often again when all is done. One in
five of the 10,000 has a phone (pushes go to the log). It takes some three minutes. Compare ratios,
not the times of two machines.
"""

import asyncio
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.operations import embedded
from bench.processes import cpu_seconds
from tests.support.person import Person
from tests.support.server import LINKY, ROOT, Server, run

PEOPLE, ROUNDS, ANSWERS, READS = 10_000, 3, 60, 200

PATIENCE = 120.0
GOALS = "goals: an answer within 1.1 times, all told within 60 s, other requests within 1.2 times"

_PEOPLE = """
    WITH people AS (
        INSERT INTO users (provider, nickname, role)
        SELECT 'guest', 'user ' || n, 'user' FROM generate_series(1, $2::int) n RETURNING id
    ), sessions AS (
        INSERT INTO user_sessions (user_id, user_agent, expires_at)
        SELECT id, '', now() + interval '1 day' FROM people RETURNING id, user_id
    ), devices AS (
        INSERT INTO user_devices (user_id, session_id, install_id, kind, value, platform)
        SELECT user_id, id, 'i-' || id, 'fcm_token', 'ok-' || id, 'android'
        FROM (SELECT *, row_number() OVER () AS n FROM sessions) AS numbered WHERE n % 5 = 0
    )
    INSERT INTO lounge_subscriptions (user_id, lounge_id, level)
    SELECT id, $1::uuid, 'all' FROM people
"""
_FREE = "UPDATE lounge_subscriptions SET pushed_at = NULL, push_due_at = NULL"
_TOLD = "SELECT count(*) FROM notifications WHERE post_id = $1::uuid AND type = 'lounge_post'"
_WAITING = "SELECT count(*) FROM pgqueuer"


@dataclass
class Figures:
    """Seconds of each round."""

    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    calm_reads: list[float] = field(default_factory=list)
    busy_reads: list[float] = field(default_factory=list)
    calm_cpu: list[float] = field(default_factory=list)
    busy_cpu: list[float] = field(default_factory=list)

    def report(self) -> None:
        answer = statistics.median(self.busy) / statistics.median(self.quiet)
        print(
            f"the author's answer: {1000 * statistics.median(self.quiet):.1f} ms in a lounge with"
        )
        print(f"  no subscribers, {answer:.2f} times that with {PEOPLE:,}")
        print(f"all told after: median {statistics.median(self.told):.1f} s, {spread(self.told)}")
        reads = statistics.median(self.busy_reads) / statistics.median(self.calm_reads)
        cpu = statistics.median(self.busy_cpu) / statistics.median(self.calm_cpu)
        print(
            f"a reader's request meanwhile: {reads:.2f} times, in the server's CPU {cpu:.2f} times"
        )


def spread(values: list[float]) -> str:
    return f"from {min(values):.1f} to {max(values):.1f} in {len(values)} rounds"


class Stage:
    """A community with a quiet lounge and one that many people are notified of."""

    def __init__(self, server: Server, connection: Any) -> None:
        self._server = server
        self._connection = connection
        self.figures = Figures()

    async def start(self) -> "Stage":
        admin = Person(self._server.url, "運営")
        command = [LINKY, "create-admin", admin.email, "--password-stdin"]
        assert run(command, self._server.environment, stdin=admin.password).returncode == 0
        admin.sign_in()
        self._quiet, self._busy = admin.open_lounge("静かな間"), admin.open_lounge("茶の間")
        await self._connection.execute(_PEOPLE, self._busy, PEOPLE)
        await self._connection.execute("ANALYZE")
        author = Person(self._server.url, "花子").register()
        headers = {"Authorization": f"Bearer {author.access}"}
        self._http = httpx.Client(
            base_url=f"{self._server.url}/api/v1", headers=headers, timeout=60
        )
        for lounge_id in (self._quiet, self._busy) * 5:
            self._publish(lounge_id)
        await self._forget()
        self._read(READS)
        return self

    async def _forget(self) -> None:
        """Forget what waits for the worker."""
        await self._connection.execute("DELETE FROM pgqueuer")
        await self._connection.execute("DELETE FROM pgqueuer_log")

    async def measure_answers(self) -> None:
        """In turns, so that other load on the machine affects both."""
        for _ in range(ANSWERS):
            self.figures.quiet.append(self._publish(self._quiet)[1])
            self.figures.busy.append(self._publish(self._busy)[1])
        await self._forget()

    def _publish(self, lounge_id: str) -> tuple[str, float]:
        """Write a post. Returns its id, and the seconds until the answer."""
        form = {"lounge_id": lounge_id, "title": "新茶", "body": "今日は静岡の深蒸し茶です。"}
        started = time.perf_counter()
        answer = self._http.post("/posts", json=form)
        seconds = time.perf_counter() - started
        assert answer.status_code == 201, answer.text
        return answer.json()["id"], seconds

    def _read(self, times: int) -> list[float]:
        seconds: list[float] = []
        while len(seconds) < times:
            started = time.perf_counter()
            answer = self._http.get(f"/lounges/{self._quiet}/posts")
            seconds.append(time.perf_counter() - started)
            assert answer.status_code == 200, answer.text
        return seconds

    def _cpu(self) -> float:
        return cpu_seconds(self._server.pid)

    async def run_round(self) -> None:
        await self._connection.execute(_FREE)
        before = time.perf_counter()
        post_id, _ = self._publish(self._busy)
        reads: list[float] = []
        cpu = self._cpu()
        while await self._connection.fetchval(_TOLD, post_id) < PEOPLE:
            reads += self._read(10)
            if time.perf_counter() - before > PATIENCE:
                raise SystemExit("not all were told")
        self.figures.told.append(time.perf_counter() - before)
        self._note(reads, cpu, self.figures.busy_reads, self.figures.busy_cpu)
        while await self._connection.fetchval(_WAITING):
            await asyncio.sleep(0.1)
            if time.perf_counter() - before > PATIENCE:
                raise SystemExit("the pushes do not end")
        cpu = self._cpu()
        self._note(self._read(len(reads)), cpu, self.figures.calm_reads, self.figures.calm_cpu)

    def _note(
        self, reads: list[float], cpu: float, times: list[float], cpu_times: list[float]
    ) -> None:
        """Note the median of some reads, and the CPU of one of them."""
        if reads:
            times.append(statistics.median(reads))
            cpu_times.append((self._cpu() - cpu) / len(reads))


async def measure(server: Server, worker: subprocess.Popen[bytes], url: str) -> Figures:
    connection = await asyncpg.connect(url)
    try:
        worker.send_signal(signal.SIGSTOP)
        stage = await Stage(server, connection).start()
        await stage.measure_answers()
        worker.send_signal(signal.SIGCONT)
        for _ in range(ROUNDS):
            await stage.run_round()
    finally:
        await connection.close()
    return stage.figures


def main() -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = {"LINKY_WORKER": "apart", "LINKY_LOG_LEVEL": "info"}
        server = Server(Path(folder) / "data", [LINKY, "serve"], **settings)
        assert run([LINKY, "migrate"], server.environment).returncode == 0
        url = embedded.acquire(server.data_dir).replace("+asyncpg", "")
        worker = subprocess.Popen(
            [LINKY, "worker"], env=server.environment, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            server.start()
            asyncio.run(measure(server, worker, url)).report()
        finally:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
            worker.wait(30)
            server.clean_up()
            embedded.release()
    print(f"{GOALS}; {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
