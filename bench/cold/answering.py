"""The API of one tree in a process: a script that runs with the code of any commit.

It reads a list of calls as JSON from each line, and writes a line with their answers. It uses
nothing of the app but its entry, which `uvicorn app.main:app` needs too, and the settings of the
environment.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

LOWEST_COST = 4
"""bcrypt's. At its real cost a password takes more than all that is measured here together."""


async def ask(app: Any, call: dict[str, Any]) -> list[Any]:
    """Send a request to the app. Returns status, body and CPU microseconds."""
    path, _, query = call["path"].partition("?")
    body = call["body"].encode("latin-1")
    headers = {"host": "bench.example", "content-length": str(len(body)), **call["headers"]}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "method": call["method"],
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop() if incoming else await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    begin = time.process_time_ns()
    await app(scope, receive, send)
    cost = (time.process_time_ns() - begin) / 1000
    content = b"".join(message.get("body", b"") for message in sent)
    return [sent[0]["status"], content.decode("latin-1"), cost]


async def query(statement: str, values: list[Any]) -> list[Any]:
    """What only a mail, or another person's phone, would know or do."""
    import asyncpg

    url = os.environ["LINKY_DATABASE_URL"].replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        return [list(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


def hash_cheaply() -> None:
    from passlib.context import CryptContext

    make = CryptContext.__init__

    def make_cheap(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options | {"bcrypt_sha256__rounds": LOWEST_COST})

    CryptContext.__init__ = make_cheap


async def answer() -> None:
    # What the app prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    hash_cheaply()
    import app.main

    assert Path(app.main.__file__).is_relative_to(Path.cwd()), app.main.__file__
    served = app.main.load_app()
    calls = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    # The loop runs on while it waits for a call, and does what is left of the one before.
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(calls), sys.stdin)
    async with served.router.lifespan_context(served):
        while line := await calls.readline():
            asked = json.loads(line)
            if "sql" in asked:
                found = await query(asked["sql"], asked["values"])
            else:
                found = [await ask(served, call) for call in asked["calls"]]
            print(json.dumps(found, default=str), file=answers, flush=True)


if __name__ == "__main__":
    asyncio.run(answer())
