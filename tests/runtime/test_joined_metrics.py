"""The figures of several processes, joined."""

import socket
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from app.runtime.joined_metrics import SiblingProcesses, join


def figures(calls: int) -> bytes:
    registry = CollectorRegistry()
    counter = Counter("calls_total", "Calls", ["route"], registry=registry)
    counter.labels('/a{b} "c" 1').inc(calls)
    Histogram("seconds", "Seconds", buckets=(1.0,), registry=registry).observe(calls)
    return generate_latest(registry)


def samples(text: bytes) -> dict[tuple[str, str], float]:
    """The values by name and process, read by Prometheus' own parser."""
    families = list(text_string_to_metric_families(text.decode()))
    assert len({family.name for family in families}) == len(families), "a family came twice"
    return {
        (sample.name, sample.labels["process"]): sample.value
        for family in families
        for sample in family.samples
    }


async def test_each_sample_has_its_process_and_each_family_comes_once() -> None:
    joined = samples(join({1: figures(2), 2: figures(3), 3: None}))
    assert joined["calls_total", "1"] == 2
    assert joined["calls_total", "2"] == 3
    assert joined["seconds_sum", "2"] == 3
    assert [joined["linky_process_answers", number] for number in "123"] == [1, 1, 0]
    assert ("calls_total", "3") not in joined


async def test_labels_stay_as_they_were() -> None:
    families = text_string_to_metric_families(join({1: figures(2)}).decode())
    (sample,) = (s for family in families for s in family.samples if s.name == "calls_total")
    assert sample.labels == {"process": "1", "route": '/a{b} "c" 1'}


async def test_a_process_asks_the_others_and_one_that_was_killed_is_missing(tmp_path: Path) -> None:
    first, second, third = (SiblingProcesses(tmp_path, number, 3) for number in (1, 2, 3))
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(tmp_path / "figures-3"))
    async with first.answering(lambda: figures(1)), second.answering(lambda: figures(2)):
        joined = samples(await second.joined(figures(2)))
        assert [joined["linky_process_answers", number] for number in "123"] == [1, 1, 0]
        assert joined["calls_total", "1"] == 1
        # One that takes the place of a killed one finds its socket there.
        async with third.answering(lambda: figures(3)):
            assert samples(await first.joined(figures(1)))["calls_total", "3"] == 3


async def test_one_that_hangs_does_not_keep_the_others_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.runtime.joined_metrics.ASK_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "figures-2"))
        silent.listen()
        joined = samples(await SiblingProcesses(tmp_path, 1, 2).joined(figures(1)))
    assert (joined["linky_process_answers", "1"], joined["linky_process_answers", "2"]) == (1, 0)
