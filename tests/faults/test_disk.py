"""The disk of PostgreSQL is full."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.core.texts import Text
from tests.faults.fault_server import House
from tests.support.sql import rows

FAULT_SECONDS = 4.0
SIZE = "1g"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk can be mounted by root only: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_the_disk_is_full(house: House, disk: Path) -> None:
    ballast, postmaster = disk / "ballast", house.postmaster

    def fill() -> None:
        # Not in one piece: PostgreSQL takes and gives back room at the same time.
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65536))
        # PostgreSQL has a log segment to write into. Fill it, too.
        with_room = True
        end = time.monotonic() + FAULT_SECONDS
        while with_room and time.monotonic() < end:
            with_room = _writes(house)
        time.sleep(FAULT_SECONDS / 2)

    def mend() -> None:
        ballast.unlink()
        # It ends if it can't even write its log. The service manager then starts it again.
        if not Path(f"/proc/{postmaster}/fd").exists():
            house.restart_database()
        house.proxy.heal()

    ledger = house.survives(
        "disk-full",
        Text("PostgreSQL のディスクが満杯になる", "The disk of PostgreSQL is full"),
        fill,
        mend,
    )
    assert ledger.refused


def _writes(house: House) -> bool:
    """Whether the database still takes a large write."""
    try:
        rows(house.url, "SELECT pg_logical_emit_message(false, 'ballast', repeat('x', 4000000))")
    except Exception:
        return False
    return True
