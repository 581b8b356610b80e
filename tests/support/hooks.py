"""A service of the operator on loopback: raw TCP, so that it can answer anything at all."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from app.integrations.hooks import Hooks
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four+ bytes").decode()
QUICK = 0.3
"""Seconds that a call may take where a test waits for them to pass."""


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Hook:
    """Keeps what arrives. `says` is its whole answer, byte for byte; None hangs."""

    says: bytes | None = answer(204)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t0ken"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            lines = [line.partition(": ") for line in head[1:] if line]
            headers = {name.lower(): value for name, _, value in lines}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(head[0].split(" ")[1], headers, body))
            if self.says is None:
                await reader.read()  # Until the caller gives up.
            else:
                writer.write(self.says)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def running_hook(says: bytes | None = answer(204)) -> AsyncIterator[Hook]:
    hook = Hook(says)
    server = await asyncio.start_server(hook.serve, "127.0.0.1", 0)
    hook.port = server.sockets[0].getsockname()[1]
    try:
        yield hook
    finally:
        server.close()
        server.close_clients()
        async with asyncio.timeout(HANG_SECONDS):
            await server.wait_closed()


def use_hooks(world: World, **settings: str) -> None:
    """Settings of hooks, for the rest of the test. A call may take as long as it must."""
    secrets = {name: SecretStr(value) for name, value in settings.items()}
    world.runtime.settings = world.runtime.settings.model_copy(update=secrets)
    world.runtime.hooks.seconds = HANG_SECONDS


def give_up_quickly(world: World) -> None:
    world.runtime.hooks = Hooks(seconds=QUICK)


def is_signed(received: Received, secret: str = SECRET) -> bool:
    """What docs/operating.md tells a receiver to check, written apart from our own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    webhook_id, sent_at = received.headers["webhook-id"], received.headers["webhook-timestamp"]
    content = f"{webhook_id}.{sent_at}.".encode() + received.body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in received.headers["webhook-signature"].split(" ")
