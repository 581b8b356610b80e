"""A replica that lags, is killed, halted and promoted under load, and a primary that crashes.

Two minutes. Each step asserts what was promised: nothing acknowledged is lost, each writer sees the
own comment at once on the other server, and no request fails because of the replica.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGCONT, SIGSTOP

from app.core.texts import Text
from tests.replication.failover import run_failover
from tests.replication.load import Ledger, Load, kept, post_of
from tests.replication.parts import Stage, running
from tests.support.outcomes import Outcome, show
from tests.support.person import Person
from tests.support.waiting import until

SUITE = "replica"
WRITERS = 6
BEFORE_SECONDS, DURING_SECONDS, AFTER_SECONDS = 2.0, 4.0, 3.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens under load. Returns when it was over."""

    name: str
    title: Text
    act: Callable[[Stage], Awaitable[float]]
    note: Text | None = None
    may_refuse: bool = False
    """Whether the primary itself is hit, so that requests get a 503."""


async def lag(stage: Stage) -> float:
    """The replay stands still and goes on, for a random time each."""
    until_then = time.monotonic() + 2 * DURING_SECONDS
    while time.monotonic() < until_then:
        await stage.databases.replica.ask("SELECT pg_wal_replay_pause()")
        await asyncio.sleep(random.uniform(0.05, 1.5))
        await stage.databases.resume()
        await asyncio.sleep(random.uniform(0.05, 0.5))
    return time.monotonic()


async def kill_replica(stage: Stage) -> float:
    await asyncio.to_thread(stage.databases.replica.kill)
    await _replica_becomes(stage, "down")
    await asyncio.sleep(DURING_SECONDS)
    await asyncio.to_thread(stage.databases.replica.start)
    return time.monotonic()


async def halt_replica(stage: Stage) -> float:
    stage.databases.replica.send_to_all(SIGSTOP)
    try:
        await _replica_becomes(stage, "down")
        await asyncio.sleep(DURING_SECONDS)
    finally:
        stage.databases.replica.send_to_all(SIGCONT)
    return time.monotonic()


async def crash_primary(stage: Stage) -> float:
    """A crash empties the table of the positions. The replay stands still meanwhile."""
    await stage.databases.replica.ask("SELECT pg_wal_replay_pause()")
    await asyncio.sleep(1.0)
    await asyncio.to_thread(stage.databases.primary.kill)
    await asyncio.to_thread(stage.databases.primary.start)
    over = time.monotonic()
    await asyncio.sleep(1.0)
    await stage.databases.resume()
    return over


async def promote_replica(stage: Stage) -> float:
    """From here on it has a history of its own."""
    await stage.databases.replica.ask("SELECT pg_promote()")
    return time.monotonic()


STEPS = (
    Step("replica-lags", Text("レプリカが不規則に遅れる", "The replica lags, more and less"), lag),
    Step("replica-killed", Text("レプリカを強制終了", "The replica is killed"), kill_replica),
    Step(
        "replica-halted",
        Text("レプリカが応答しない", "The replica hangs (SIGSTOP)"),
        halt_replica,
    ),
    Step(
        "primary-crashes",
        Text(
            "レプリカが遅れる中でプライマリーが異常終了",
            "The primary crashes as the replica lags",
        ),
        crash_primary,
        may_refuse=True,
    ),
    Step(
        "replica-promoted", Text("レプリカが昇格する", "The replica is promoted"), promote_replica
    ),
)  # fmt: skip


async def _replica_becomes(stage: Stage, state: str) -> None:
    """Wait until both servers say so."""

    def is_so() -> bool:
        return all(server.replica() == state for server in stage.servers)

    await until(lambda: asyncio.to_thread(is_so))


async def run_step(stage: Stage, step: Step, load: Load) -> None:
    """Run it under load, record what was seen, and assert what was promised."""
    async with load as ledger:
        await asyncio.sleep(BEFORE_SECONDS)
        over = await step.act(stage)
        state = "down" if step.act is promote_replica else "ok"
        await _replica_becomes(stage, state)
        await asyncio.sleep(AFTER_SECONDS)
    found = await kept(stage, ledger)
    lost = [text for text in ledger.acknowledged if text not in found]
    again = [at for at in ledger.good_at if at >= over]
    outcome = Outcome(
        name=step.name,
        title=step.title,
        acknowledged=len(ledger.acknowledged),
        lost=len(lost),
        twice=sum(count > 1 for count in found.values()),
        refused=ledger.refused.total(),
        other_5xx=sum(count for status, count in ledger.other.items() if status >= 500),
        recovered=bool(again),
        recovery_seconds=round(again[0] - over, 2) if again else None,
        note=_note(ledger),
    )
    show(SUITE, outcome)
    reads = [round(server.figure('linky_replica_reads_total{place="replica",reason=""}'))
             for server in stage.servers]  # fmt: skip
    print(f"{step.name}: {outcome}, {ledger.good_reads} other reads, from the replica {reads}")
    assert outcome.survived, outcome
    assert not ledger.unseen, f"{len(ledger.unseen)} own writes were not seen"
    assert not ledger.other, ledger.other
    assert step.may_refuse or not ledger.refused, ledger.refused


def _note(ledger: Ledger) -> Text:
    checked, unseen = len(ledger.acknowledged), len(ledger.unseen)
    return Text(
        f"{checked} 件を別のサーバーで直後に読み、見えなかったものは {unseen} 件",
        f"of {checked} writes, read at once on the other server, {unseen} were not seen",
    )


async def run_all(stage: Stage) -> None:
    """All steps, one after the other. The last one ends the replica's life as a replica."""
    people = [Person(stage.servers[0].url, f"人 {n}").register() for n in range(WRITERS)]
    lounge, post = await post_of(stage, people[0])
    for step in STEPS:
        await run_step(stage, step, Load(stage, people, lounge, post))


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="linky-replication-") as folder:
        path = Path(folder)
        path.chmod(0o755)  # PostgreSQL may run as another account.
        with running(path / "servers") as stage:
            asyncio.run(run_all(stage))
        run_failover(path / "failover")
    print("The replica did no harm.")


if __name__ == "__main__":
    main()
