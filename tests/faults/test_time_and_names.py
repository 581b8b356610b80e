"""The clock is two hours off and goes back; names of other machines cannot be looked up."""

import time
from pathlib import Path

import pytest

from app.core.words import Words
from tests.faults.conftest import House
from tests.support.ledger import judge, seconds_until_served

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]

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
        title = Words(
            f"時計が 2 時間{'進み' if ahead else '遅れ'}、元に戻る",
            f"The clock is two hours {'ahead' if ahead else 'behind'}, and is set right",
        )
        judge(f"clock{hours:+d}h", title, ledger, house.url, seconds)
        assert ledger.refused == 0
        assert bool(ledger.exchanged) == ahead
