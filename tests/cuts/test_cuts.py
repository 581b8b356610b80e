"""The short form of `python -m tests.cuts`."""

from pathlib import Path

import pytest

from tests.cuts.simulation import simulate

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("patient_pools")]


async def test_nothing_is_lost_or_doubled_by_cuts(own_database: str, tmp_path: Path) -> None:
    outcome = await simulate(own_database, tmp_path, 40, 15, kills=False)
    assert outcome.differences == []
    assert outcome.doubled == 0
    assert outcome.cuts >= 40
    assert outcome.ends > outcome.cuts / 20
    assert outcome.events
    assert outcome.items


async def test_a_client_that_drops_changes_is_found_out(own_database: str, tmp_path: Path) -> None:
    """Otherwise the comparison would prove nothing."""
    outcome = await simulate(own_database, tmp_path, 25, 15, kills=False, is_broken=True)
    assert outcome.differences
