"""More than the server can do: readers that stall, uploads and sign-ins by the dozen.

Meanwhile it answers everybody else, refuses at once what it can't take, and its memory stays
bounded.
"""

import json
import socket
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

from tests.support import photos
from tests.support.installation import admin_of, copy_installation
from tests.support.person import Person
from tests.support.server import LINKY, Server

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

CAN_SEE_MEMORY = Path("/proc/self/smaps_rollup").exists()
MOST_MEMORY_MB = 450
"""Of the server and its PostgreSQL together."""

READERS, UPLOADS, LOGINS = 20, 58, 60
PROBE = Path(photos.__file__).with_name("probe.py")


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
    """A member who takes no part in the attacks, in the only lounge."""
    admin_of(server.url).open_lounge()
    return Person(server.url, "健太").register()


class Meanwhile:
    """What others get while an attack goes on: how many answers, and the most memory taken."""

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
            watching = [pool.submit(self._live), pool.submit(self._weigh)]
            try:
                yield self
            finally:
                self._over.set()
                out, _ = probe.communicate(b"enough")
            for one in watching:
                one.result()
        self.health = [float(seconds) for seconds in json.loads(out)]
        print(f"{len(self.health)} probes, the slowest {max(self.health) * 1000:.0f} ms;", end=" ")
        print(f"{self.reads} reads, {self.writes} writes; {max(self.megabytes):.0f} MB at most")

    def _live(self) -> None:
        while not self._over.wait(0.05):
            self._bystander.items("/posts")
            self.reads += 1
            self._bystander.publish(self._lounge, "その間に")
            self.writes += 1

    def _weigh(self) -> None:
        while CAN_SEE_MEMORY and not self._over.wait(0.05):
            self.megabytes.append(self._server.all_memory_mb())

    def ensure_others_were_served(self) -> None:
        """No request of theirs failed: a failure would have raised in its thread."""
        assert self.reads > 2
        assert self.writes > 2
        assert len(self.health) > 20
        assert max(self.megabytes) < MOST_MEMORY_MB


def all_at_once(*acts: Callable[[], httpx.Response]) -> list[tuple[httpx.Response, float]]:
    """Every answer, and when it came."""
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
    """Some are served, the others are told when to come again, before all of the work is done."""
    served = [at for response, at in answers if response.status_code == status]
    refused = [(response, at) for response, at in answers if response.status_code != status]
    print(Counter(response.status_code for response, _ in answers), end="; ")
    assert len(served) >= at_least
    assert refused
    for response, at in refused:
        assert (response.status_code, response.json()["code"]) == (503, "overloaded")
        assert int(response.headers["retry-after"]) > 0
        assert at < max(served)


def hoarder(server: Server, bystander: Person) -> Person:
    """A member whose export is larger than what the sockets of a stalled reader take."""
    member = Person(server.url, "花子").register()
    lounge = str(bystander.items("/lounges")[0]["id"])
    for number in range(80):
        member.publish(lounge, f"題 {number}", body="あ" * 10_000)
    return member


def stalled_reader(server: Server, member: Person) -> socket.socket:
    """Asks for an export and reads nothing of it."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect(("127.0.0.1", server.port))
    lines = ["GET /api/v1/users/me/export HTTP/1.1", "Host: x"]
    lines += [f"Authorization: Bearer {member.access}", "", ""]
    reader.sendall("\r\n".join(lines).encode())
    return reader


def test_twenty_stalled_readers_of_exports_hold_up_nobody(
    server: Server, bystander: Person
) -> None:
    hoarders = [hoarder(server, bystander) for _ in range(2)]
    with Meanwhile(server, bystander).watched() as meanwhile, ExitStack() as stack:
        for number in range(READERS):
            stack.enter_context(stalled_reader(server, hoarders[number % 2]))
        # At once: on a slow machine the server may soon take the places back.
        server.wait_until("refused", lambda: is_refused(hoarders[0]))
        reads, writes = meanwhile.reads, meanwhile.writes
        exported = bystander.call("GET", "/users/me/export", 200)
        assert exported["user"]["id"] == bystander.id
        assert server.readiness() == 200
        server.wait_until("read by others", lambda: meanwhile.reads > reads + 5)
        server.wait_until("written by others", lambda: meanwhile.writes > writes + 5)
        # They read nothing still: the server itself takes the place back.
        whole = wait_for_export(server, hoarders[0])
        assert len(whole["posts"]) == 80
    meanwhile.ensure_others_were_served()


def is_refused(member: Person) -> bool:
    """Whether one more export is too much, which is said by its code."""
    answer = member.send("GET", "/users/me/export")
    return answer.status_code == 503 and answer.json()["code"] == "overloaded"


def wait_for_export(server: Server, member: Person) -> dict[str, Any]:
    answers: list[httpx.Response] = []

    def is_there() -> bool:
        answers.append(member.send("GET", "/users/me/export"))
        return answers[-1].status_code == 200

    server.wait_until("exported", is_there)
    return dict(answers[-1].json())


def test_58_uploads_at_once_from_two_members(server: Server, bystander: Person) -> None:
    # Not larger: 20 or more are rendered. Memory for large photos is measured elsewhere.
    photo = photos.noisy(2000, 1500)
    members = [Person(server.url, "花子").register() for _ in range(2)]

    def upload(member: Person) -> Callable[[], httpx.Response]:
        return lambda: member.send("PUT", "/users/me/avatar", files={"file": ("p", photo)})

    with Meanwhile(server, bystander).watched() as meanwhile:
        begun = meanwhile.writes
        answers = all_at_once(*(upload(members[number % 2]) for number in range(UPLOADS)))
        assert meanwhile.writes > begun
        ensure_served_or_refused_at_once(answers, 200, at_least=20)
    meanwhile.ensure_others_were_served()


def test_60_sign_ins_at_once(server: Server, bystander: Person) -> None:
    member = Person(server.url, "花子").register()
    form = {"email": member.email, "password": member.password}

    def sign_in() -> httpx.Response:
        return Person(server.url).send("POST", "/auth/login", json=form)

    with Meanwhile(server, bystander).watched() as meanwhile:
        answers = all_at_once(*[sign_in] * LOGINS)
        ensure_served_or_refused_at_once(answers, 200, at_least=20)
    meanwhile.ensure_others_were_served()
