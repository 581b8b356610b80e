"""`Context`: the database access, the services and the clock of a request or a job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from app.core.addresses import UNKNOWN, site_network, subscriber_network
from app.core.db import Database, Repository, Writing, as_writing
from app.core.rate_limit import CounterState
from app.live_log.changes import Kind, NewChange
from app.runtime.process import Process


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as the server and its trusted proxies see it."""

    address: str | None
    """An IP address in its shortest form. None for a local socket."""

    port: int | None


@dataclass(slots=True)
class Revocable:
    """An act that its admin can take back for some seconds, and what that needs (ADR 0087)."""

    push_delay: timedelta
    """How long pushes wait: longer than the act can be taken back, because a push can't be."""

    notified: list[UUID] = field(default_factory=list)
    """The notifications that the act has written."""

    recorded: list[UUID] = field(default_factory=list)
    """Its entries in the audit log."""

    kept: dict[str, str] = field(default_factory=dict)
    """By the id of a thing: what the log does not have, and taking the act back needs."""


class Context:
    """A unit of work: one request or one job, with its database access.

    `Runtime.writing` opens it with a transaction, and commits at the end; `Runtime.reading` for
    reads; `Runtime.single` for a write of one statement. Requests, jobs and tests use the same
    services.
    """

    __slots__ = (
        *("_services", "changes", "clock", "counted", "db", "if_rolled_back", "must_ask_again"),
        *("once_committed", "origin", "process", "revocable", "settings", "was_asked", "writers"),
    )

    def __init__(
        self,
        process: Process,
        db: Database,
        origin: Origin | None = None,
        writer: UUID | None = None,
        revocable: Revocable | None = None,
    ) -> None:
        self.process = process
        """The parts that live as long as the process: the store, the senders, the hasher …"""

        self.clock, self.settings = process.clock, process.settings
        self._services: dict[object, object] = {}
        self.db = db
        self.origin = origin
        """None in a job and on the command line: there is no caller."""

        self.writers: set[UUID] = set() if writer is None else {writer}
        """Users who must see at once what is written here: the caller, or whom a token names.

        With a read replica they read from the primary until the replica has it (ADR 0066).
        """
        self.was_asked = self.must_ask_again = False
        """Whether the database was asked for the caller, and has to be asked again."""

        self.revocable = revocable
        """Set for an act of the console that can be taken back."""

        self.changes: list[NewChange] = []
        """What this transaction has changed so far."""

        self.counted: list[CounterState] = []
        """Rate limits that a service has counted against. The answer's headers have them, too."""

        self.if_rolled_back: list[Callable[[], Awaitable[None]]] = []
        """Functions that undo effects outside the database if the transaction or commit fails."""

        self.once_committed: list[Callable[[], None]] = []
        """Called after the commit: for a line of the log that must not report what was rolled
        back.
        """

    def service[S](self, kind: type[S]) -> S:
        """The service or repository of a class. It is made on first use, once in a unit of work."""
        made = self._services.get(kind)
        if made is None:
            needed: Any = self.db if issubclass(kind, Repository) else self
            made = self._services[kind] = cast(Any, kind)(needed)
        return cast(S, made)

    def changed(self, topic: UUID, kind: Kind, subject: UUID, only_for: UUID | None = None) -> None:
        """Say that something changed that apps show. It is written with the commit, once.

        `topic` is the id of the user, lounge or post whose followers learn of it, `subject` the id
        of what changed. Of what is held only its author learns (`only_for`). Raises RuntimeError
        where there is no transaction: a write of one statement carries its changes
        (`live_log.logged`).
        """
        as_writing(self.db)
        self.changes.append(NewChange(topic, kind, subject, only_for))

    @property
    def push_delay(self) -> timedelta | None:
        """How long jobs that push wait, so that the act can be taken back. None if they do not."""
        return None if self.revocable is None else self.revocable.push_delay

    @property
    def media_url(self) -> str:
        """The beginning of every public picture's URL. Its key follows."""
        return self.process.storage.url("")

    @property
    def caller_network(self) -> str:
        """The caller's network, by which `Admission` gives each caller a share of the places.

        All IPv6 addresses of one subscriber count as one caller.
        """
        return subscriber_network(self._caller_address)

    @property
    def caller_site(self) -> str:
        """The caller's home or office network: wider than `caller_network` for IPv6 addresses."""
        return site_network(self._caller_address)

    @property
    def _caller_address(self) -> str:
        return (self.origin.address if self.origin else None) or UNKNOWN

    @property
    def base_url(self) -> str:
        """The beginning of every address of ours that a browser opens (`core/links.py`)."""
        return self.settings.base_url

    async def release_connection(self) -> None:
        """Give the connection back before slow work, such as hashing a password.

        Otherwise twenty sign-ins exhaust the pool. Call this before the first write: the
        transaction is rolled back. Raises WrittenBefore if it would lose a write or a lock. The
        caller may lose their rights meanwhile: ask again (`UserService.late`) before a write.
        """
        await self.db.release()
        self.must_ask_again = self.was_asked

    def ensure_asked_again(self) -> None:
        """Raises RuntimeError if a write came after slow work, and the caller was not asked for."""
        if self.must_ask_again and self.db.has_written:
            raise RuntimeError("ask for the caller again after slow work (`UserService.late`)")

    async def commit_and_release(self) -> None:
        """Commit, and give the connection back, before something outside uses what was written.

        For a job: if it fails after this, what was written stays, and the job runs again. Raises
        RuntimeError if apps or the log must learn of a change, or an effect may have to be undone:
        these belong to the last commit.
        """
        if self.changes or self.if_rolled_back or self.once_committed:
            raise RuntimeError("this unit of work can only be committed as a whole")
        await self.transaction.commit()

    @property
    def transaction(self) -> Writing:
        """The database access, where it is a transaction. Raises RuntimeError where it is not."""
        return as_writing(self.db)


class Service:
    """Rules of a feature, made once in a unit of work by `Context.service`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx


class Needs[S]:
    """A service or repository that a service uses. It stands at the head of the class:

        _users = Needs(UserService)

    `self._users` is then short for `self._ctx.service(UserService)`. It is made only where it is
    used: a read would otherwise make all that a write of the same class needs.
    """

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind

    def __get__(self, service: Service, owner: object) -> S:
        return service._ctx.service(self._kind)  # noqa: SLF001 - part of a service's class.
