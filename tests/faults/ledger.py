"""Writers that remember what they were told is done, and the oracle that asks the database.

Every acknowledged write is there, and once. A writer with a key repeats its request until it is
acknowledged, as a phone does; one without a key never repeats.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.core.texts import Text
from tests.support.outcomes import Outcome, show
from tests.support.person import Person
from tests.support.sql import rows

WRITERS, READERS = 4, 2
PAUSE_SECONDS = 0.02
RECOVERY_SECONDS = 10.0
TIMEOUT_SECONDS = 30.0

MORE_DESCRIPTORS = 23 + 8
"""The pools fill up to 23 connections when many requests wait at once, and keep them. The rest is
for the worker's connections, which it makes again.
"""

MORE_MEMORY = 1.15
MORE_MEMORY_MB = 12
"""A burst of refused requests leaves holes in the allocator's memory, which later ones fill."""


@dataclass
class Ledger:
    """What the clients saw."""

    acknowledged: set[str] = field(default_factory=set)
    attempted: set[str] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    exchanged: int = 0
    """Access tokens that had expired and were exchanged."""

    slowest: float = 0.0
    unexpected: list[str] = field(default_factory=list)

    @property
    def other_5xx(self) -> int:
        return sum(n for status, n in self.statuses.items() if status >= 500 and status != 503)

    @property
    def refused(self) -> int:
        return self.statuses[503] + self.broken


@dataclass(frozen=True)
class Kept:
    """What the database has of a ledger."""

    lost: int
    twice: int


class Clients:
    """Writers and readers of one server, each a thread and a person."""

    def __init__(self, people: list[Person], post_id: str) -> None:
        self._people = people
        self._post_id = post_id
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.ledger = Ledger()

    @contextmanager
    def acting(self) -> Iterator[Ledger]:
        roles: list[Callable[[Person], None]] = [self._write_with_key, self._write_once]
        roles = [roles[number % 2] for number in range(WRITERS)] + [self._read] * READERS
        threads = [
            threading.Thread(target=role, args=(person,), daemon=True)
            for role, person in zip(roles, self._people, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self.ledger
        finally:
            self._over.set()
            for thread in threads:
                thread.join(TIMEOUT_SECONDS * 2)

    def _write_once(self, person: Person) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            self._write(person, secrets.token_hex(8), {})

    def _write_with_key(self, person: Person) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            body, key = secrets.token_hex(8), secrets.token_hex(16)
            while not self._write(person, body, {"Idempotency-Key": key}):
                if self._over.wait(PAUSE_SECONDS):
                    return

    def _write(self, person: Person, body: str, headers: dict[str, str]) -> bool:
        with self._lock:
            self.ledger.attempted.add(body)
        path = f"/posts/{self._post_id}/comments"
        status = self._ask(person, "POST", path, json={"body": body}, headers=headers)
        if status == 201:
            with self._lock:
                self.ledger.acknowledged.add(body)
        return status == 201

    def _read(self, person: Person) -> None:
        while not self._over.wait(PAUSE_SECONDS):
            self._ask(person, "GET", f"/posts/{self._post_id}/comments?limit=20")

    def _ask(self, person: Person, method: str, path: str, **how: Any) -> int:
        begun = time.monotonic()
        try:
            response = person.send(method, path, **how)
        except httpx.TransportError:
            with self._lock:
                self.ledger.broken += 1
            return 0
        status = response.status_code
        if status == 401 and response.json()["code"] == "token_expired":
            return self._refresh(person)
        with self._lock:
            self.ledger.statuses[status] += 1
            self.ledger.slowest = max(self.ledger.slowest, time.monotonic() - begun)
            if status not in (200, 201, 429, 503):
                self.ledger.unexpected.append(f"{method} {path} {status} {response.text[:300]}")
        return status

    def _refresh(self, person: Person) -> int:
        """Exchange the tokens, as the app does, and leave the request to the next round."""
        form = {"refresh_token": person.refresh_token}
        response = person.send("POST", "/auth/refresh", json=form)
        with self._lock:
            self.ledger.exchanged += 1
            if response.status_code != 200:
                self.ledger.unexpected.append(f"refresh {response.status_code} {response.text}")
        if response.status_code == 200:
            person.take(response.json())
        return 401


def kept(url: str, ledger: Ledger) -> Kept:
    """What the database has of the writes in a ledger."""
    counted = rows(
        url,
        "SELECT body, count(*) FROM comments WHERE body = ANY($1) GROUP BY body",
        list(ledger.attempted),
    )
    found = dict(counted)
    return Kept(
        lost=len(ledger.acknowledged - found.keys()),
        twice=sum(number > 1 for number in found.values()),
    )


@dataclass(frozen=True)
class Resources:
    """What a process holds."""

    memory_mb: float
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Resources":
        status = Path(f"/proc/{pid}/status").read_text()
        kilobytes = int(status.partition("VmRSS:")[2].split()[0])
        return cls(kilobytes / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))

    def are_back(self, before: "Resources") -> bool:
        """Whether they are where they were, with the margins above."""
        return (
            self.descriptors <= before.descriptors + MORE_DESCRIPTORS
            and self.memory_mb <= before.memory_mb * MORE_MEMORY + MORE_MEMORY_MB
        )


def seconds_until_served(person: Person, post_id: str) -> float:
    """How long it takes until a read and a write succeed again. Gives up after a while."""
    begun = time.monotonic()
    asks: list[tuple[str, dict[str, Any]]] = [("GET", {}), ("POST", {"json": {"body": "もう一度"}})]
    while asks and time.monotonic() - begun < 6 * RECOVERY_SECONDS:
        method, how = asks[0]
        try:
            status = person.send(method, f"/posts/{post_id}/comments", **how).status_code
        except httpx.TransportError:
            status = 0
        if status in (200, 201):
            asks.pop(0)
        else:
            time.sleep(0.05)
    return time.monotonic() - begun


def judge(
    name: str,
    title: Text,
    ledger: Ledger,
    url: str,
    seconds: float | None,
    note: Text | None = None,
    limit: float = RECOVERY_SECONDS,
) -> None:
    """Record the run, and fail if something was lost, doubled, or answered with a bare error."""
    found = kept(url, ledger)
    recovered = seconds is None or seconds <= limit
    show(
        "faults",
        Outcome(
            name=name,
            title=title,
            acknowledged=len(ledger.acknowledged),
            lost=found.lost,
            twice=found.twice,
            refused=ledger.refused,
            other_5xx=ledger.other_5xx,
            recovered=recovered,
            recovery_seconds=seconds,
            note=note,
        ),
    )
    print(f"{name}: {dict(ledger.statuses)}, {ledger.broken} broken,", end=" ")
    print(f"slowest {ledger.slowest:.1f} s, {found}, recovery {seconds}")
    assert ledger.acknowledged
    assert ledger.unexpected == []
    assert (found.lost, found.twice) == (0, 0)
    assert recovered, f"it took {seconds} s"
