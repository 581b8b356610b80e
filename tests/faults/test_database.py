"""PostgreSQL stops, hangs, refuses writes or connections; the server is killed under writers."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import make_url

from app.core.texts import Text
from tests.faults.fault_server import House
from tests.faults.ledger import RECOVERY_SECONDS
from tests.support.proxy import Fault
from tests.support.sql import execute, plain_url
from tests.support.waiting import wait_until

FAULT_SECONDS = 3.0


def superuser(house: House) -> str:
    """The embedded cluster's superuser has the same password as its role."""
    return plain_url(make_url(house.url).set(username="postgres"))


def ask(house: House, *statements: str) -> None:
    asyncio.run(execute(superuser(house), *statements))


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def test_the_server_is_killed_under_writers(house: House) -> None:
    def kill() -> None:
        os.kill(house.server.pid, signal.SIGKILL)
        house.server.wait()

    def start_again() -> None:
        house.server.launch()

    house.survives(
        "server-killed",
        Text(
            "書き込み中にサーバーを強制終了（kill -9）",
            "The server is killed under writers (kill -9)",
        ),
        kill,
        start_again,
        Text("再起動の時間を含む。", "The recovery includes the start of the new process."),
        # On a busy machine a start alone can take that long.
        limit=max(RECOVERY_SECONDS, 2 * house.start_seconds),
    )


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGKILL])
def test_postgresql_stops_at_once_and_starts_again(house: House, number: signal.Signals) -> None:
    def stop() -> None:
        postmaster = house.postmaster
        os.kill(postmaster, number)
        wait_until("stopped", lambda: not Path(f"/proc/{postmaster}/fd").exists())
        time.sleep(FAULT_SECONDS)

    house.survives(
        f"postgresql-{number.name.lower()}",
        Text(
            f"PostgreSQL を即時停止（{number.name}）して再起動",
            f"PostgreSQL stops at once ({number.name}) and starts again",
        ),
        stop,
        house.restart_database,
    )


def test_postgresql_hangs(house: House) -> None:
    stopped: list[int] = []

    def stop() -> None:
        stopped.extend(family(house.postmaster))
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        time.sleep(2 * FAULT_SECONDS)

    def go_on() -> None:
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    try:
        house.survives(
            "postgresql-hangs",
            Text("PostgreSQL が固まる（SIGSTOP）", "PostgreSQL hangs (SIGSTOP)"),
            stop,
            go_on,
        )
    finally:
        go_on()


@pytest.mark.parametrize("fault", Fault)
def test_the_network_to_postgresql_fails(house: House, fault: Fault) -> None:
    titles = {
        Fault.REFUSES: Text(
            "データベースへの接続が拒否される", "Connections to the database are refused"
        ),
        Fault.RESETS: Text(
            "データベースへの接続が切られる", "Connections to the database are reset"
        ),
        Fault.STALLS: Text("データベースへの通信が止まる", "The network to the database stalls"),
        Fault.GARBAGE: Text("データベースの代わりに別物が応答", "Garbage instead of the database"),
    }

    def break_it() -> None:
        house.proxy.inject(fault)
        time.sleep(FAULT_SECONDS)

    house.survives(f"database-{fault}", titles[fault], break_it, house.proxy.heal)


def test_postgresql_is_out_of_connections(house: House) -> None:
    async def take_all() -> None:
        taken = []
        with suppress(asyncpg.PostgresError):
            while True:
                taken.append(await asyncpg.connect(plain_url(house.url)))
        assert taken
        # The pools' connections end, and there are none for new ones.
        await taken[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND application_name LIKE 'linky%'"
        )
        with suppress(asyncpg.PostgresError):
            while True:
                taken.append(await asyncpg.connect(plain_url(house.url)))
        await asyncio.sleep(FAULT_SECONDS)
        for connection in taken:
            await connection.close()

    house.survives(
        "postgresql-full",
        Text("PostgreSQL の接続数が尽きる", "PostgreSQL is out of connections"),
        lambda: asyncio.run(take_all()),
        lambda: None,
    )


def test_postgresql_is_read_only(house: House) -> None:
    def make_read_only() -> None:
        ask(house, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        time.sleep(FAULT_SECONDS)

    def mend() -> None:
        ask(
            house,
            "SET default_transaction_read_only = off",
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        )

    ledger = house.survives(
        "postgresql-read-only",
        Text("PostgreSQL が読み取り専用になる", "PostgreSQL is read-only"),
        make_read_only,
        mend,
        Text("読み取りは続く。書き込みは 503。", "Reads go on; writes are 503."),
    )
    assert ledger.statuses[503]
