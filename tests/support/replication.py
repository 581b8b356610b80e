"""A primary and its replica by streaming replication: two real PostgreSQL servers."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from signal import SIGKILL, Signals
from typing import Any

import asyncpg
from sqlalchemy import make_url

from app.core import migrations
from app.operations import embedded
from app.operations.embedded.server import EmbeddedServer
from tests.support.waiting import HANG_SECONDS, POLL_SECONDS, until, wait_until


class Postgres:
    """One server in a folder of its own. It can be killed, halted and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._server = EmbeddedServer(folder.resolve())
        self.url = ""

    def start(self) -> "Postgres":
        """On the same port as before, if it is free."""
        self.url = embedded.acquire(self._server.data_dir)
        return self

    def stop(self) -> None:
        embedded.release(self._server.data_dir)

    def kill(self) -> None:
        """SIGKILL for the postmaster; its children end by themselves."""
        self.send(SIGKILL)
        wait_until("ended", lambda: not self._server._is_alive())

    def send(self, number: Signals) -> None:
        os.kill(self._postmaster(), number)

    def send_to_all(self, number: Signals) -> None:
        """For SIGSTOP and SIGCONT: a halted postmaster alone leaves its children at work."""
        pid = self._postmaster()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            os.kill(each, number)

    def run(self, statement: str) -> Any:
        """The first value that a statement of the superuser answers with."""
        return asyncio.run(self.ask(statement))

    async def ask(self, statement: str) -> Any:
        """Like `run`, and again if the replica ended the session because it stood in the way of its
        replay.
        """
        async with asyncio.timeout(HANG_SECONDS):
            while True:
                connection = await asyncpg.connect(self.superuser_url)
                try:
                    return await connection.fetchval(statement)
                except (asyncpg.ConnectionDoesNotExistError, asyncpg.SerializationError):
                    await asyncio.sleep(POLL_SECONDS)
                finally:
                    connection.terminate()

    @property
    def superuser_url(self) -> str:
        # The embedded server's superuser has the same password as the app's role.
        url = make_url(self.url).set(drivername="postgresql", username="postgres")
        return url.render_as_string(hide_password=False)

    def copy_to(self, folder: Path) -> None:
        """Make a replica's data folder of this running server."""
        folder.mkdir(parents=True, exist_ok=True)
        copy = EmbeddedServer(folder.resolve())
        work = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=copy.data_dir))
        copy._give(work)
        command = [
            self._server.binaries.path("pg_basebackup"), f"--dbname={self.superuser_url}",
            f"--pgdata={work / 'cluster'}", "--write-recovery-conf", "--wal-method=stream",
            "--checkpoint=fast", "--no-sync",
        ]  # fmt: skip
        subprocess.run([*copy._prefix(), *command], check=True, cwd="/", capture_output=True)
        (work / "cluster").rename(copy.cluster)
        shutil.rmtree(work)

    def _postmaster(self) -> int:
        postmaster = self._server._postmaster()
        assert postmaster is not None
        return postmaster.pid


class Replication:
    """A migrated primary, and a replica whose replay can be paused."""

    def __init__(self, primary: Postgres, replica: Postgres) -> None:
        self.primary = primary
        self.replica = replica

    async def pause(self) -> None:
        await self.catch_up()
        await self.replica.ask("SELECT pg_wal_replay_pause()")
        await until(self._is_paused)

    async def resume(self) -> None:
        await self.replica.ask("SELECT pg_wal_replay_resume()")

    @asynccontextmanager
    async def impatient_replay(self) -> AsyncIterator[None]:
        """In the block the replica cancels each statement that is in the way of its replay."""
        name = "max_standby_streaming_delay"
        try:
            await self.replica.ask(f"ALTER SYSTEM SET {name} = 0")
            await self.replica.ask("SELECT pg_reload_conf()")
            yield
        finally:
            await self.replica.ask(f"ALTER SYSTEM RESET {name}")
            await self.replica.ask("SELECT pg_reload_conf()")

    async def catch_up(self) -> None:
        """Wait until the replica has all that is written now."""
        written = await self.primary.ask("SELECT pg_current_wal_flush_lsn()::text")
        reached = f"SELECT pg_last_wal_replay_lsn() >= '{written}'"
        await until(lambda: self.replica.ask(reached))

    async def _is_paused(self) -> bool:
        state = await self.replica.ask("SELECT pg_get_wal_replay_pause_state()")
        return bool(state == "paused")


@contextmanager
def replicated_database(folder: Path) -> Iterator[Replication]:
    primary, replica = Postgres(folder / "primary"), Postgres(folder / "replica")
    try:
        primary.start()
        migrations.upgrade(primary.url)
        primary.copy_to(folder / "replica")
        replica.start()
        yield Replication(primary, replica)
    finally:
        replica.stop()
        primary.stop()
