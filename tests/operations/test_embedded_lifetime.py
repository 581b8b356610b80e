"""How long the server of an embedded database runs: with many users, and after kills."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.operations import embedded
from tests.operations.embedded import Enter, postmaster, query
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.usefixtures("hide_other_uses")

FORK = """
import os, sys
from pathlib import Path
from app.operations import embedded
embedded.acquire(Path(sys.argv[1]))
if (child := os.fork()) == 0:
    sys.exit(0)
os.waitpid(child, 0)
print(embedded.server.EmbeddedServer(Path(sys.argv[1]))._postmaster() is not None)
"""


def test_the_last_user_stops_the_server(made_dir: Path, enter: Enter) -> None:
    first = enter(made_dir)
    assert first.answer.startswith("postgresql")
    second = enter(made_dir)
    assert second.answer == first.answer

    first.leave()
    assert first.wait() == 0
    assert query(second.answer, "SELECT 1") == 1

    second.leave()
    assert second.wait() == 0
    assert postmaster(made_dir) is None
    assert not (made_dir / "postgres" / "postmaster.pid").exists()


def test_ten_processes_that_start_at_once_share_one_server(data_dir: Path, enter: Enter) -> None:
    users = [enter(data_dir) for _ in range(10)]

    assert len({user.answer for user in users}) == 1
    assert query(users[0].answer, "SELECT 1") == 1

    for user in users:
        user.leave()
    assert [user.wait() for user in users] == [0] * 10
    assert postmaster(data_dir) is None


def test_a_process_can_join_while_the_last_user_leaves(made_dir: Path, enter: Enter) -> None:
    user = enter(made_dir)
    assert user.answer.startswith("postgresql")
    for _ in range(5):
        user.leave()
        follower = enter(made_dir)
        assert query(follower.answer, "SELECT 1") == 1
        assert user.wait() == 0
        user = follower


def test_the_server_of_a_killed_user_is_used_by_the_next(made_dir: Path, enter: Enter) -> None:
    user = enter(made_dir)
    query(user.answer, "CREATE TABLE t AS SELECT 7 AS a")
    orphan = postmaster(made_dir)
    assert orphan is not None
    # This kills the process group, as closing a terminal does. The server has its own session.
    user.kill()

    assert query(embedded.acquire(made_dir), "SELECT a FROM t") == 7
    assert postmaster(made_dir) == orphan
    embedded.release()
    assert postmaster(made_dir) is None


def test_a_killed_server_is_restarted_with_its_rows_and_its_port(made_dir: Path) -> None:
    url = embedded.acquire(made_dir)
    query(url, "CREATE TABLE t AS SELECT 7 AS a")
    pid = postmaster(made_dir)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    assert embedded.acquire(made_dir) == url
    assert query(url, "SELECT a FROM t") == 7


def test_a_restart_waits_for_a_query_of_the_killed_server(made_dir: Path) -> None:
    url = embedded.acquire(made_dir)
    pid = postmaster(made_dir)
    assert pid is not None

    async def kill_during_a_query() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        # A busy loop, not a sleep: the backend notices its parent's death only at the end.
        busy = "DO $$ DECLARE t timestamptz := clock_timestamp(); BEGIN WHILE clock_timestamp() "
        busy += "< t + interval '1 second' LOOP END LOOP; END $$"
        running = asyncio.create_task(connection.execute(busy))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        new_url = await asyncio.to_thread(embedded.acquire, made_dir)
        await asyncio.gather(running, return_exceptions=True)
        connection.terminate()
        assert await asyncio.to_thread(query, new_url, "SELECT 1") == 1

    asyncio.run(kill_during_a_query())


def test_a_killed_initdb_is_repeated(data_dir: Path, enter: Enter) -> None:
    while not (data_dir / "postgres.log").exists() or (data_dir / "postgres").exists():
        # Repeat if the initdb ended before we killed it.
        shutil.rmtree(data_dir / "postgres", ignore_errors=True)
        user = enter(data_dir)
        wait_until("begun", lambda: list(data_dir.glob("postgres*/**/PG_VERSION")))
        user.kill()
        embedded.release()

    assert query(embedded.acquire(data_dir), "SELECT 1") == 1
    assert not list(data_dir.glob("postgres.new-*"))


@pytest.mark.parametrize("content", ["{pid}\n{cluster}\n1\n{port}\n\n127.0.0.1\n1 1\nready\n", ""])
def test_a_stale_pid_file_is_ignored(made_dir: Path, content: str) -> None:
    owner = (made_dir / "postgres").stat()
    # PostgreSQL itself would take this process for the server: it has the same user.
    user = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": ()}
    arguments: dict[str, Any] = user if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], **arguments) as other:
        values = {"pid": other.pid, "cluster": made_dir / "postgres", "port": 5432}
        (made_dir / "postgres" / "postmaster.pid").write_text(content.format(**values))
        try:
            assert query(embedded.acquire(made_dir), "SELECT 1") == 1
            embedded.release()
            assert other.poll() is None
        finally:
            other.kill()


def test_a_server_without_its_lock_file_is_found_by_its_process(
    made_dir: Path, enter: Enter
) -> None:
    user = enter(made_dir)
    assert user.answer.startswith("postgresql")
    pid = postmaster(made_dir)
    (made_dir / "postgres.alive").unlink()

    assert embedded.acquire(made_dir) == user.answer
    assert postmaster(made_dir) == pid
    user.kill()
    embedded.release()
    assert postmaster(made_dir) is None


def test_a_removed_folder_gets_a_new_database(made_dir: Path) -> None:
    embedded.acquire(made_dir)
    old = postmaster(made_dir)
    assert old is not None
    shutil.rmtree(made_dir)
    try:
        assert query(embedded.acquire(made_dir), "SELECT 1") == 1
        assert postmaster(made_dir) not in (None, old)
    finally:
        # It ends automatically within a minute, and on a slow machine it has ended by now.
        with suppress(ProcessLookupError):
            os.kill(old, signal.SIGQUIT)


def test_the_end_of_a_forked_child_does_not_stop_the_server(made_dir: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK, str(made_dir)]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS, check=True
    )

    assert answer.stdout.strip() == "True"
    assert postmaster(made_dir) is None
