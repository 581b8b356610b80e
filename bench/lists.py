"""`make bench-lists BASE=FOLDER`: the CPU time of the hot lists, compared with another checkout.

BASE is the other checkout, such as a `git worktree` of the previous commit. Both trees serve the
same embedded database, each in its own process. They answer the same requests in turns, so that
other load on the machine affects both. It takes a minute or two. The ratios count.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

TREE = Path(__file__).parents[1]
PROCESSES, ROUNDS, REQUESTS = 3, 20, 20
"""Each tree starts three times, because its memory layout changes the result by a few percent."""

LISTS = ("/posts", "/posts/{post}/comments", "/lounges", "/notifications")
PATHS = [f"{path}?limit={size}" for path in LISTS for size in (20, 100)]


async def ask(app: Any, path: str, method: str = "GET", token: str = "") -> bytes:
    """Call an app without a server, and return the body."""
    path, _, query = path.partition("?")
    path = f"/api/v1{path}"
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
    }
    scope |= {"path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"headers": headers, "client": ("127.0.0.1", 5000)}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] < 300, sent
    return b"".join(message.get("body", b"") for message in sent)


async def serve() -> None:
    """The process of a tree: reads a path from each line, and prints the CPU time of a request."""
    import app
    from app.core.config import Settings
    from app.core.logging import configure_logging
    from app.main import create_app

    assert Path(app.__file__).is_relative_to(Path.cwd()), app.__file__
    configure_logging("error", as_json=True, stream=sys.stderr)
    server = create_app(Settings())
    token = os.environ.get("BENCH_TOKEN", "")
    async with server.router.lifespan_context(server):
        if not token:
            print((await ask(server, "/auth/guest", "POST")).decode(), flush=True)
        for line in sys.stdin:
            begin = time.process_time()
            for _ in range(REQUESTS):
                await ask(server, line.strip(), token=token)
            print(1000 * (time.process_time() - begin) / REQUESTS, flush=True)


def start(tree: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, "serve"],
        cwd=tree,
        env={**environment, "PYTHONPATH": str(tree)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def read(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def compare(trees: dict[str, Path], environment: dict[str, str], post: str) -> None:
    """Send requests to both trees in turns, and print a line for each list."""
    times = {(path, name): list[float]() for path in PATHS for name in trees}
    for _ in range(PROCESSES):
        processes = {name: start(tree, environment) for name, tree in trees.items()}
        for number, path in product(range(-2, ROUNDS), PATHS):
            for name in sorted(trees, reverse=bool(number % 2)):
                print(path.format(post=post), file=processes[name].stdin, flush=True)
                cost = read(processes[name])
                if number >= 0:  # The first two rounds make the plans and fill the caches.
                    times[path, name].append(cost)
        for process in processes.values():
            process.communicate()
    print(f"{'CPU a request':36}{'base':>16}{'this tree':>16}{'ratio':>8}")
    for path in PATHS:
        base, this = times[path, "base"], times[path, "this"]
        ratio = statistics.median(this) / statistics.median(base)
        print(f"{path:36}{milliseconds(base):>16}{milliseconds(this):>16}{ratio:>8.2f}")


def milliseconds(times: list[float]) -> str:
    """The median, and half the distance between the quartiles."""
    low, middle, high = statistics.quantiles(times, n=4)
    return f"{middle:.2f} ± {(high - low) / 2:.2f} ms"


async def fill(url: str, guest: str) -> str:
    """Fill the database with a community. Returns the id of the post that has comments."""
    script = Path(__file__).with_suffix(".sql").read_text().replace("GUEST", guest)
    connection = await asyncpg.connect(url)
    await connection.execute(script)
    post = await connection.fetchval("SELECT id FROM written WHERE n = 1")
    await connection.close()
    return str(post)


def main() -> None:
    from app.core import migrations
    from app.operations import embedded

    if len(sys.argv) != 2:
        raise SystemExit("name the checkout to compare with: make bench-lists BASE=FOLDER")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        url = embedded.acquire(Path(folder))
        migrations.upgrade(url)
        settings = {"DATABASE_URL": url, "DATA_DIR": folder, "JWT_KEYS": "bench:" + "b" * 40}
        settings |= {"RATE_LIMITS": "off", "WORKER": "apart"}
        environment = os.environ | {f"LINKY_{name}": value for name, value in settings.items()}
        process = start(TREE, environment)
        guest = read(process)
        process.communicate()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        post = asyncio.run(fill(plain, guest["user"]["id"]))
        environment["BENCH_TOKEN"] = guest["tokens"]["access_token"]
        compare({"base": Path(sys.argv[1]).resolve(), "this": TREE}, environment, post)
        embedded.release()


if __name__ == "__main__":
    asyncio.run(serve()) if sys.argv[1:] == ["serve"] else main()
