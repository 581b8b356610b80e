"""The clock is two hours off and goes back; names of other machines cannot be looked up."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.texts import Text
from tests.faults.fault_server import House, StartOfServer
from tests.faults.ledger import judge, seconds_until_served
from tests.support.proxy import Fault
from tests.support.server import LINKY

FAULT_SECONDS = 3.0
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    file.write_text("+0")
    return file


def set_clock(file: Path, offset: str) -> None:
    """In one step: libfaketime ends a process that reads an empty file."""
    part = file.with_suffix(".part")
    part.write_text(offset)
    part.replace(file)


class TestClock:
    """The server's clock differs from that of PostgreSQL and of the clients."""

    @pytest.fixture
    def settings_of_house(self, clock_file: Path) -> dict[str, str]:
        if LIBRARY is None:
            pytest.skip("no libfaketime: apt-get install libfaketime")
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(clock_file),
            "FAKETIME_NO_CACHE": "1",
            # A clock that is set does not change how long things take.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    @pytest.mark.parametrize("hours", [2, -2])
    def test_the_clock_is_off_and_goes_back(
        self, house: House, clock_file: Path, hours: int
    ) -> None:
        with house.under_load() as ledger:
            set_clock(clock_file, f"{hours:+d}h")
            time.sleep(FAULT_SECONDS)
            set_clock(clock_file, "+0")
            house.witness.rotate()
            seconds = seconds_until_served(house.witness, house.post_id)
        ahead = hours > 0
        title = Text(
            f"時計が 2 時間{'進み' if ahead else '遅れ'}、元に戻る",
            f"The clock is two hours {'ahead' if ahead else 'behind'}, and is set right",
        )
        judge(f"clock{hours:+d}h", title, ledger, house.url, seconds)
        assert ledger.refused == 0
        # Ahead they had expired; behind they came from the future, as those of a clock set right.
        assert ledger.exchanged


HOST = "database.linky.test"
SILENT_SERVER = "127.0.0.153"
"""A name server that takes questions and never answers."""

WITH_OWN_NAMES = """
mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf
exec "$2" serve
"""


class TestNames:
    """The server finds PostgreSQL by a name, which cannot be looked up for a while."""

    @pytest.fixture
    def names(self, tmp_path: Path) -> Iterator[Path]:
        """The file of names that only the server sees."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            try:
                silent.bind((SILENT_SERVER, 53))
            except PermissionError:
                pytest.skip("only root may give a process names of its own")
            folder = tmp_path / "names"
            folder.mkdir()
            (folder / "resolv.conf").write_text(f"nameserver {SILENT_SERVER}\n")
            (folder / "hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
            can = ["unshare", "--mount", "true"]
            if subprocess.run(can, capture_output=True, check=False).returncode != 0:
                pytest.skip("a mount namespace is not allowed here")
            yield folder / "hosts"

    @pytest.fixture
    def start(self, names: Path) -> StartOfServer:
        shell = ("sh", "-c", WITH_OWN_NAMES, "sh", str(names.parent), LINKY)
        return StartOfServer(("unshare", "--mount", *shell), database_host=HOST)

    def test_names_cannot_be_looked_up(self, house: House, names: Path) -> None:
        def forget() -> None:
            names.write_text("127.0.0.1 localhost\n")
            house.proxy.inject(Fault.RESETS)
            house.proxy.heal()
            time.sleep(FAULT_SECONDS)

        def mend() -> None:
            names.write_text(f"127.0.0.1 localhost {HOST}\n")

        ledger = house.survives(
            "names-gone",
            Text("DNS が応答しない", "DNS does not answer"),
            forget,
            mend,
            Text(
                "接続が切れた直後で、データベースの名前を引けない。",
                "Just after all connections broke, so that the database must be looked up.",
            ),
        )
        assert ledger.refused
