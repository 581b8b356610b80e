"""`make bench-push`: the speed and memory of a worker that pushes, and its effect on comments.

A small server on loopback replaces FCM. It answers after 20 ms, or after 2 s in the part about
comments. It takes some 90 seconds. Compare ratios and differences, not figures of two machines.
"""

import asyncio
import multiprocessing
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from app.jobs.queue import APPLICATION_NAME
from app.operations import embedded
from tests.support.fcm import FakeFcm
from tests.support.person import Person
from tests.support.server import LINKY, ROOT, Server, environment, run

ROUNDS = 3
PUSHES = 1500
"""Pushes in each round. Each belongs to another notification and goes to one device."""

PEOPLE = 300
ANSWER_SECONDS, SLOW_SECONDS = 0.02, 2.0
REST_SECONDS = 3.0
COMMENT_ROUNDS, COMMENTS = 7, 40
GOALS = "goals: at least 200 a second, under 60 MB, within 10 %"

_PEOPLE = """
    WITH people AS (
        INSERT INTO users (provider, nickname, role)
        SELECT 'guest', 'user ' || n, 'user' FROM generate_series(1, $1::int) n RETURNING id
    ), sessions AS (
        INSERT INTO user_sessions (user_id, user_agent, expires_at)
        SELECT id, '', now() + interval '1 day' FROM people RETURNING id, user_id
    )
    INSERT INTO user_devices (user_id, session_id, install_id, kind, value, platform)
    SELECT user_id, id, 'i-' || id, 'fcm_token', 'ok-' || id, 'android' FROM sessions
"""
_NOTIFICATIONS = """
    WITH people AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users), notified AS (
        INSERT INTO notifications (user_id, actor_id, type, post_id, comment_id, params)
        SELECT people.id, (SELECT id FROM users ORDER BY id DESC LIMIT 1), 'comment', uuidv7(),
               uuidv7(), '{"post": "お茶の時間", "body": "今日は静岡の深蒸し茶です"}'::jsonb
        FROM generate_series(1, $1::int) g JOIN people ON people.n = 1 + g % ($2::int - 1)
        RETURNING id
    )
    INSERT INTO pgqueuer (priority, status, entrypoint, payload, execute_after, updated)
    SELECT 0, 'queued', 'notification.send_push',
           convert_to(json_build_object('notification_id', id)::text, 'UTF8'), now(), now()
    FROM notified
"""


def serve_fcm(port: Any, counted: "Synchronized[int]", delay: float) -> None:
    """Serve FCM and the token endpoint, in another process."""
    asyncio.run(_serve_fcm(port, counted, delay))


async def _serve_fcm(port: Any, counted: "Synchronized[int]", delay: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                if b"/token " in head:
                    body = b'{"access_token":"t","expires_in":3600,"token_type":"Bearer"}'
                else:
                    await asyncio.sleep(delay)
                    counted.value += 1
                    body = b'{"name":"projects/linky-tests/messages/1"}'
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port.value = server.sockets[0].getsockname()[1]
    await server.serve_forever()


@contextmanager
def fcm(folder: Path, delay: float) -> Iterator[tuple[dict[str, str], "Synchronized[int]"]]:
    """Run such a server. Yields the settings for it, and its count of accepted messages."""
    context = multiprocessing.get_context("spawn")
    port: Any = context.Value("i", 0)
    counted: Any = context.Value("i", 0)
    process = context.Process(target=serve_fcm, args=(port, counted, delay), daemon=True)
    process.start()
    wait_until(lambda: port.value)
    fake = FakeFcm(f"http://127.0.0.1:{port.value}")
    key = fake.write_credentials(folder / f"key-{delay}.json")
    yield (
        {"LINKY_PUSH": "fcm", "LINKY_FCM_CREDENTIALS": str(key), "LINKY_FCM_ENDPOINT": fake.url},
        counted,
    )
    process.terminate()
    process.join()


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("this takes too long")
        time.sleep(0.01)


def memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


# Speed and memory


def measure_pushes(folder: Path) -> None:
    data_dir = folder / "pushes"
    with fcm(folder, ANSWER_SECONDS) as (settings, counted):
        environ = environment(data_dir, LINKY_WORKER="apart", LINKY_LOG_LEVEL="warning", **settings)
        assert run([LINKY, "migrate"], environ).returncode == 0
        url = embedded.acquire(data_dir).replace("+asyncpg", "")
        asyncio.run(execute(url, _PEOPLE, PEOPLE))
        worker = subprocess.Popen([LINKY, "worker"], env=environ, cwd=ROOT)
        try:
            wait_until(lambda: asyncio.run(is_listening(url)))
            time.sleep(REST_SECONDS)
            rest = memory_mb(worker.pid)
            rates, most = [], rest
            for _ in range(ROUNDS):
                rate, memory = push_round(worker.pid, url, counted)
                rates.append(rate)
                most = max(most, memory)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(30)
            embedded.release()
    print(f"pushes a second: median {statistics.median(rates):.0f}, {spread(rates, '.0f')}")
    print(f"memory of the worker: {rest:.0f} MB at rest, at most {most - rest:.0f} MB more")


async def is_listening(url: str) -> bool:
    """Whether the worker has connected to the database, and so has started."""
    connection = await asyncpg.connect(url)
    statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"
    count = await connection.fetchval(statement, APPLICATION_NAME)
    await connection.close()
    return bool(count)


def push_round(pid: int, url: str, counted: "Synchronized[int]") -> tuple[float, float]:
    before, most = counted.value, 0.0
    asyncio.run(execute(url, _NOTIFICATIONS, PUSHES, PEOPLE))
    wait_until(lambda: counted.value > before)
    started = time.perf_counter()
    while counted.value < before + PUSHES:
        most = max(most, memory_mb(pid))
        time.sleep(0.01)
        if time.perf_counter() - started > 60:
            raise SystemExit(f"only {counted.value - before} pushes in a minute")
    return PUSHES / (time.perf_counter() - started), most


async def execute(url: str, statement: str, *args: Any) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement, *args)
    await connection.close()


# The effect on comments


def measure_comments(folder: Path) -> None:
    """Use two servers in turns, so that other load on the machine affects both."""
    with fcm(folder, SLOW_SECONDS) as (settings, _):
        servers = [
            Server(folder / "off", [LINKY, "serve"], LINKY_LOG_LEVEL="info"),
            Server(folder / "slow", [LINKY, "serve"], LINKY_LOG_LEVEL="info", **settings),
        ]
        try:
            off, slow = (Commenter(server) for server in servers)
            off.run_round(), slow.run_round()
            pairs = []
            for number in range(COMMENT_ROUNDS):
                first, second = (off, slow) if number % 2 else (slow, off)
                times = {each: each.run_round() for each in (first, second)}
                pairs.append((times[off], times[slow]))
        finally:
            for server in servers:
                server.clean_up()
    medians = [1000 * statistics.median(side) for side in zip(*pairs, strict=True)]
    ratios = [slow / off for off, slow in pairs]
    print(f"a comment: {medians[0]:.1f} ms without FCM, {medians[1]:.1f} ms with it in 2 s")
    print(f"their ratio: median {statistics.median(ratios):.2f}, {spread(ratios, '.2f')}")


class Commenter:
    """A user who comments on a post whose author has a phone."""

    def __init__(self, server: Server) -> None:
        assert run([LINKY, "migrate"], server.environment).returncode == 0
        admin = Person(server.url, "admin")
        command = [LINKY, "create-admin", admin.email, "--password-stdin"]
        assert run(command, server.environment, stdin=admin.password).returncode == 0
        server.start()
        form = {"name": "部屋", "description": "計測用"}
        lounge = admin.sign_in().call("POST", "/admin/lounges", 201, json=form)
        author = Person(server.url, "花子").register()
        reader = Person(server.url, "健太").register()
        device = {"kind": "fcm_token", "value": "ok-1", "platform": "ios"}
        author.call("PUT", "/notifications/devices/the-phone", 204, json=device)
        post = author.publish(lounge["id"], "お茶")
        self._path = f"/api/v1/posts/{post['id']}/comments"
        headers = {"Authorization": f"Bearer {reader.access}"}
        self._http = httpx.Client(base_url=server.url, headers=headers, timeout=30)

    def run_round(self) -> float:
        """Write comments. Returns the median time of an answer, in seconds."""
        seconds = []
        for _ in range(COMMENTS):
            started = time.perf_counter()
            response = self._http.post(self._path, json={"body": "おいしそう"})
            seconds.append(time.perf_counter() - started)
            assert response.status_code == 201, response.text
        return statistics.median(seconds)


def spread(values: list[float], form: str) -> str:
    return f"from {min(values):{form}} to {max(values):{form}} in {len(values)} rounds"


def main() -> None:
    os.chdir(ROOT)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        measure_pushes(Path(folder))
        measure_comments(Path(folder))
    print(f"{GOALS}; {time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
