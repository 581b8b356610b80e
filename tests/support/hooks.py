"""A service of the operator on loopback, which can answer anything at all."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from pydantic import SecretStr

from app.integrations.outbound_http import OutboundHttp
from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS
from tests.support.world import World

SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four+ bytes").decode()
QUICK = 0.3
"""Seconds that a call may take where a test waits for them to pass."""


TAKEN = Response(204)


class Hook:
    """Answers each request by `says`; None hangs."""

    def __init__(self, says: Response | bytes | None) -> None:
        self.says = says
        self.received: list[Request] = []
        self.port = 0
        self.over = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t0ken"

    def respond(self, _: Request) -> Response | bytes:
        if self.says is None:
            self.over.wait(HANG_SECONDS)
        return self.says or b""


@contextmanager
def running_hook(says: Response | bytes | None = TAKEN) -> Iterator[Hook]:
    hook = Hook(says)
    with stub_server(hook.respond) as server:
        hook.port, hook.received = server.port, server.requests
        try:
            yield hook
        finally:
            hook.over.set()


def use_hooks(world: World, **settings: str) -> None:
    """Settings of hooks, for the rest of the test. A call may take as long as it must."""
    secrets = {name: SecretStr(value) for name, value in settings.items()}
    world.runtime.settings = world.runtime.settings.model_copy(update=secrets)
    world.runtime.outbound.seconds = HANG_SECONDS


def give_up_quickly(world: World) -> None:
    world.runtime.outbound = OutboundHttp(seconds=QUICK)


def is_signed(received: Request, secret: str = SECRET) -> bool:
    """The check that docs/reference.md gives to receivers, written apart from our own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    webhook_id, sent_at = received.headers["webhook-id"], received.headers["webhook-timestamp"]
    content = f"{webhook_id}.{sent_at}.".encode() + received.body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in received.headers["webhook-signature"].split(" ")
