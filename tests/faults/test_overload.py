"""A server under overload: stalled readers, dozens of uploads and sign-ins at once.

It still answers other users, refuses at once what it can't handle, and its memory stays bounded.
"""

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.core.admission import HASHES
from app.core.admission import UPLOADS as UPLOADS_AT_WORK
from tests.support import photos
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.server import LINKY, Server

CAN_SEE_MEMORY = Path("/proc/self/smaps_rollup").exists()
MAX_MEMORY_MB = 450
"""The memory of the server and its PostgreSQL together."""

READERS, UPLOADS, LOGINS = 20, 58, 60
PROBE = Path(__file__).with_name("probe.py")


@pytest.fixture(scope="module")
def server(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("overload") / "data"
    copy_installation(shared_folder, data_dir)
    server = Server(data_dir, [LINKY, "serve"])
    try:
        yield server.start()
    finally:
        server.clean_up()


@pytest.fixture(scope="module")
def bystander(server: Server) -> Person:
    """A member who takes no part in the attacks; there is one lounge."""
    admin_of(server.url).open_lounge()
    return Person(server.url, "健太").register()


class Meanwhile:
    """Measures the answers to other users during an attack, and the memory of the server."""

    def __init__(self, server: Server, bystander: Person) -> None:
        self._server, self._bystander = server, bystander
        self._over = threading.Event()
        self._lounge = bystander.items("/lounges")[0]["id"]
        self.health: list[float] = []
        self.reads = self.writes = 0
        self.megabytes = [0.0]

    @contextmanager
    def watched(self) -> Iterator["Meanwhile"]:
        command = [sys.executable, str(PROBE), self._server.url]
        with (
            ThreadPoolExecutor(2) as pool,
            subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as probe,
        ):
            watching = [pool.submit(self._read_and_write), pool.submit(self._measure_memory)]
            try:
                yield self
            finally:
                self._over.set()
                out, _ = probe.communicate(b"enough")
            for watcher in watching:
                watcher.result()
        self.health = [float(seconds) for seconds in json.loads(out)]
        print(f"{len(self.health)} probes, the slowest {max(self.health) * 1000:.0f} ms;", end=" ")
        print(f"{self.reads} reads, {self.writes} writes; {max(self.megabytes):.0f} MB at most")

    def _read_and_write(self) -> None:
        while not self._over.wait(0.05):
            self._bystander.items("/posts")
            self.reads += 1
            self._bystander.publish(self._lounge, "その間に")
            self.writes += 1

    def _measure_memory(self) -> None:
        while CAN_SEE_MEMORY and not self._over.wait(0.05):
            self.megabytes.append(self._server.all_memory_mb())

    def ensure_others_were_served(self) -> None:
        """Check the counts. A failed request would have raised in its thread."""
        assert self.reads > 2
        assert self.writes > 2
        assert len(self.health) > 20
        assert max(self.megabytes) < MAX_MEMORY_MB


def all_at_once(*acts: Callable[[], httpx.Response]) -> list[tuple[httpx.Response, float]]:
    """Send all requests at once; returns every answer with its time."""
    together = threading.Barrier(len(acts))

    def act_on(act: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
        together.wait()
        response = act()
        return response, time.monotonic()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act_on, acts))


def ensure_served_or_refused_at_once(
    answers: list[tuple[httpx.Response, float]], status: int, at_least: int
) -> None:
    """Check that the refused requests got 503 with Retry-After, and some before most was done.

    A slow machine serves fewer, because those who wait are refused after a while (ADR 0034).
    """
    served = [at for response, at in answers if response.status_code == status]
    refused = [(response, at) for response, at in answers if response.status_code != status]
    print(Counter(response.status_code for response, _ in answers), end="; ")
    assert len(served) >= at_least
    assert refused
    for response, _ in refused:
        assert (response.status_code, response.json()["code"]) == (503, "overloaded")
        assert int(response.headers["retry-after"]) > 0
    assert min(at for _, at in refused) < statistics.median(served)


def member_with_large_export(server: Server, bystander: Person) -> Person:
    """A member whose export is larger than what the sockets of a stalled reader take."""
    member = Person(server.url, "花子").register()
    lounge = str(bystander.items("/lounges")[0]["id"])
    for number in range(80):
        member.publish(lounge, f"題 {number}", body="あ" * 10_000)
    return member


def stalled_reader(server: Server, member: Person) -> socket.socket:
    """A client that asks for an export and does not read the answer."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", server.port))
    lines = ["GET /api/v1/users/me/export HTTP/1.1", "Host: x"]
    lines += [f"Authorization: Bearer {member.access}", "", ""]
    reader.sendall("\r\n".join(lines).encode())
    return reader


def test_twenty_stalled_readers_of_exports_do_not_block_others(
    server: Server, bystander: Person
) -> None:
    members = [member_with_large_export(server, bystander) for _ in range(2)]
    with Meanwhile(server, bystander).watched() as meanwhile, ExitStack() as stack:
        for number in range(READERS):
            stack.enter_context(stalled_reader(server, members[number % 2]))
        # Check this first: on a slow machine the server may soon free the places.
        server.wait_until("refused", lambda: is_refused(members[0]))
        reads, writes = meanwhile.reads, meanwhile.writes
        exported = bystander.call("GET", "/users/me/export", 200)
        assert exported["user"]["id"] == bystander.id
        assert server.readiness() == 200
        server.wait_until("read by others", lambda: meanwhile.reads > reads + 5)
        server.wait_until("written by others", lambda: meanwhile.writes > writes + 5)
        # The clients still do not read: the server itself frees their places.
        whole = wait_for_export(server, members[0])
        assert len(whole["posts"]) == 80
    meanwhile.ensure_others_were_served()


def is_refused(member: Person) -> bool:
    """Whether another export is refused as overloaded."""
    answer = member.send("GET", "/users/me/export")
    return answer.status_code == 503 and answer.json()["code"] == "overloaded"


def wait_for_export(server: Server, member: Person) -> dict[str, Any]:
    answers: list[httpx.Response] = []

    def export_succeeds() -> bool:
        answers.append(member.send("GET", "/users/me/export"))
        return answers[-1].status_code == 200

    server.wait_until("exported", export_succeeds)
    return dict(answers[-1].json())


def test_of_58_uploads_at_once_some_are_refused_and_others_are_served(
    server: Server, bystander: Person
) -> None:
    # Small photos, because 20 or more are rendered. Other tests measure large photos.
    photo = photos.noisy(2000, 1500)
    members = [Person(server.url, "花子").register() for _ in range(2)]

    def upload(member: Person) -> Callable[[], httpx.Response]:
        return lambda: member.send("PUT", "/users/me/avatar", files={"file": ("p", photo)})

    with Meanwhile(server, bystander).watched() as meanwhile:
        begun = meanwhile.writes
        answers = all_at_once(*(upload(members[number % 2]) for number in range(UPLOADS)))
        assert meanwhile.writes > begun
        at_work = len(members) * UPLOADS_AT_WORK.slots_each
        ensure_served_or_refused_at_once(answers, 200, at_least=at_work)
    meanwhile.ensure_others_were_served()


def test_of_60_sign_ins_at_once_some_are_refused_and_others_are_served(
    server: Server, bystander: Person
) -> None:
    member = Person(server.url, "花子").register()
    form = {"email": member.email, "password": member.password}

    def sign_in() -> httpx.Response:
        return Person(server.url).send("POST", "/auth/login", json=form)

    with Meanwhile(server, bystander).watched() as meanwhile:
        answers = all_at_once(*[sign_in] * LOGINS)
        ensure_served_or_refused_at_once(answers, 200, at_least=HASHES.slots)
    meanwhile.ensure_others_were_served()
