"""The steps of the rehearsal, in the order of docs/operations.md."""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.core import migrations
from bench.requests.community import PASSWORD
from tests.cluster.parts import Process
from tests.rehearsal.installation import CommandEnded, Installation
from tests.rehearsal.load import Address, Caller, Ledger, Person, acting
from tests.rehearsal.locks import Look, distance, locks_of, watching
from tests.rehearsal.versions import BEFORE_BACK, Version
from tests.rehearsal.witnesses import ADMIN, Witnesses, busiest, differing
from tests.support.outcomes import TableLock

PEOPLE, WITNESSES = 6, 3
TRIES = 5
"""Of `linky migrate`: after a lock that it did not get, docs/operations.md says to try again."""
UP, BACK, AGAIN, CONTRACT = "up", "back", "again", "contract"
_COLUMNS = """
    SELECT table_name || '.' || column_name AS name FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT indexrelid::regclass::text FROM pg_stat_user_indexes
"""
_REVISION = "SELECT version_num FROM alembic_version"


@dataclass
class Found:
    """What the rehearsal found."""

    ledger: Ledger
    locks: list[TableLock] = field(default_factory=list)
    look_ms: float = 0.0
    """The distance of two looks at the locks, in the median."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Of each command that operators give, by stage."""

    busy: float = 0.0
    """How many processes wanted a core while the migrations ran."""

    gone: list[str] = field(default_factory=list)
    """The columns and indexes that the contracts removed."""

    problems: list[str] = field(default_factory=list)


@dataclass
class Rehearsal:
    installation: Installation
    before: Version
    after: Version
    rest_seconds: float
    """For which each state is under load."""

    found: Found
    address: Address = field(default_factory=Address)
    serving: tuple[Process, ...] = ()

    async def play(self) -> None:
        """From the old release to the new, back, and there again; then the contracts."""
        ledger = self.found.ledger
        ledger.begin("start")
        server, worker = await asyncio.to_thread(self.installation.start, self.before)
        self.serving = server, worker
        await self.address.move(server.url)
        async with AsyncExitStack() as stack:
            people = [
                await self._sign_in(stack, Person, f"user{n}@bench.example", PASSWORD)
                for n in range(1, PEOPLE + 1)
            ]
            witnesses = await self._witnesses(stack, people)
            async with acting(people):
                await asyncio.sleep(self.rest_seconds)
                await witnesses.act(self.before)
                for stage in (self.climb, self.go_back, self.climb_again, self.contract):
                    await stage(witnesses)
            await witnesses.until_told()
            await self.judge(people)
        await asyncio.to_thread(self.installation.end, *self.serving)

    async def _sign_in[Kind: Caller](
        self, stack: AsyncExitStack, kind: type[Kind], email: str, password: str
    ) -> Kind:
        caller = kind(self.address, self.found.ledger, email, password)
        stack.push_async_callback(caller.close)
        await caller.sign_in()
        return caller

    async def _witnesses(self, stack: AsyncExitStack, people: list[Person]) -> Witnesses:
        chosen = await busiest(self.installation, [each.email for each in people], WITNESSES)
        callers = [await self._sign_in(stack, Caller, email, PASSWORD) for email in chosen]
        # Of which the old release knows one step alone.
        command = ("create-admin", ADMIN, "--password-stdin")
        self.installation.run(self.before, *command, stdin=PASSWORD)
        admin = await self._sign_in(stack, Caller, ADMIN, PASSWORD)
        actors = frozenset(each.id for each in people)
        return Witnesses(self.installation, callers, admin, actors)

    async def climb(self, witnesses: Witnesses) -> None:
        self._begin(UP)
        await self._migrate()
        await asyncio.sleep(self.rest_seconds)
        await witnesses.act(self.before)
        await self._ensure_alike(witnesses, self.before, self.after)
        await witnesses.read_all(self.after)

    async def go_back(self, witnesses: Witnesses) -> None:
        self._begin(BACK)
        await witnesses.act(self.after)
        await self._ensure_alike(
            witnesses, self.after, self.before, *BEFORE_BACK.get(self.before.name, ())
        )
        await witnesses.read_all(self.before)

    async def climb_again(self, witnesses: Witnesses) -> None:
        self._begin(AGAIN)
        await witnesses.act(self.before)
        await self._migrate()
        await self._ensure_alike(witnesses, self.before, self.after)
        await witnesses.read_all(self.after)

    async def contract(self, witnesses: Witnesses) -> None:
        self._begin(CONTRACT)
        before = await self._columns()
        await self._migrate("--contract")
        self.found.gone = sorted(before - await self._columns())
        await witnesses.act(self.after)
        await witnesses.read_all(self.after)
        await asyncio.sleep(self.rest_seconds)
        revision = (await self.installation.ask(_REVISION))[0][0]
        self._expect(revision == self.after.revision, f"the database is at {revision}")

    def _begin(self, stage: str) -> None:
        print(f"{datetime.now(UTC):%H:%M:%S} {stage} ...", flush=True)
        self.found.ledger.begin(stage)

    async def _migrate(self, *options: str) -> None:
        with watching(self.installation.superuser) as watch:
            await self._try_to_migrate(*options)
        self.found.busy = max(self.found.busy, os.getloadavg()[1])
        self._note_locks(watch.looks)

    async def _try_to_migrate(self, *options: str) -> None:
        for left in reversed(range(TRIES)):
            try:
                await self._command("migrate", *options)
            except CommandEnded as error:
                if left == 0 or "lock timeout" not in str(error):
                    raise
                print("  it did not get a lock, and is run again", flush=True)
            else:
                return

    def _note_locks(self, looks: list[Look]) -> None:
        line = [each.revision for each in reversed(migrations.newest_first())]
        self.found.locks += locks_of(looks, line)
        self.found.look_ms = max(self.found.look_ms, distance(looks))

    async def _command(self, *command: str) -> None:
        begun = time.monotonic()
        await asyncio.to_thread(self.installation.run, self.after, *command)
        seconds = time.monotonic() - begun
        name = f"{self.found.ledger.now.name}: linky {' '.join(command)}"
        self.found.seconds[name] = self.found.seconds.get(name, 0.0) + seconds
        print(f"  {name}: {seconds:.1f} s", flush=True)

    async def _ensure_alike(
        self, witnesses: Witnesses, left: Version, right: Version, *commands: str
    ) -> None:
        """Change the release that serves. Who only looks sees the same as before."""
        types = left.types_of_notifications & right.types_of_notifications
        moment = datetime.now(UTC)
        seen = await witnesses.view(moment, types)
        self._expect(all(seen), "a witness sees no notification")
        for command in commands:
            await self._command(command)
        await self._change(right)
        # Once more, for what came in between.
        for command in commands:
            await self._command(command)
        for caller, one, other in zip(
            witnesses.callers, seen, await witnesses.view(moment, types), strict=True
        ):
            differs = differing(one, other)
            words = f"{left.name} and {right.name} show {caller.email} not the same: {differs}"
            self._expect(not differs, words)

    async def _change(self, version: Version) -> None:
        """The release starts beside the one that serves; then the other ends."""
        old, (server, worker) = (
            self.serving,
            await asyncio.to_thread(self.installation.start, version),
        )
        await self.address.move(old[0].url, server.url)
        await asyncio.sleep(self.rest_seconds)
        await self.address.move(server.url)
        await asyncio.to_thread(self.installation.end, *old)
        self.serving = server, worker
        await asyncio.sleep(self.rest_seconds)

    async def _columns(self) -> set[str]:
        return {row["name"] for row in await self.installation.ask(_COLUMNS)}

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            self.found.problems.append(f"{self.found.ledger.now.name}: {words}")

    async def judge(self, people: list[Person]) -> None:
        """What was acknowledged is there, once; all that is counted is right."""
        ledger = self.found.ledger
        ledger.begin("end")
        await self._judge_likes(people)
        rows = await self.installation.ask(
            "SELECT body FROM comments WHERE body = ANY ($1) AND deleted_at IS NULL",
            list(ledger.deleted),
        )
        self._expect(not rows, f"{len(rows)} comments are there again that were deleted")
        for text, post in list(ledger.posts.items())[-100:]:
            await people[0].ask("GET", f"/posts/{post}", 200)
            answer = await people[0].ask("GET", "/posts", 200, params={"q": text})
            there = [item["id"] for item in answer.json()["items"]] if answer else []
            self._expect(there == [post], f"a search for {text} finds {there}, not {post}")
        dead = await self.installation.ask(
            "SELECT entrypoint FROM pgqueuer WHERE status::text = 'failed'"
        )
        self._expect(not dead, f"jobs were given up: {dead}")
        try:
            await self._command("recount", "--check")
        except CommandEnded as error:
            self.found.problems.append(str(error))

    async def _judge_likes(self, people: list[Person]) -> None:
        rows = await self.installation.ask(
            "SELECT user_id::text, post_id::text FROM post_likes WHERE user_id::text = ANY ($1)",
            [each.id for each in people],
        )
        there = {(row["user_id"], row["post_id"]) for row in rows}
        likes = self.found.ledger.likes
        wrong = [pair for pair, likes_it in likes.items() if (pair in there) != likes_it]
        self._expect(not wrong, f"{len(wrong)} likes are not as they were acknowledged")


async def kept(installation: Installation, ledger: Ledger) -> dict[str, int]:
    """How often each acknowledged text that was not deleted is in the database."""
    wanted = [text for stage in ledger.stages for text in stage.acknowledged - ledger.deleted]
    rows = await installation.ask(
        "SELECT body, count(*) AS times FROM (SELECT body FROM posts UNION ALL"
        " SELECT body FROM comments) AS written WHERE body = ANY ($1) GROUP BY body",
        wanted,
    )
    return dict.fromkeys(wanted, 0) | {row["body"]: row["times"] for row in rows}
