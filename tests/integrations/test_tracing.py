"""Making and sending spans in one process. Whole servers: tests/journey/test_traces.py."""

import asyncio
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import Counter
from structlog.testing import capture_logs

from app.core.clock import utc_now
from app.core.metrics import SPANS
from app.core.settings.config import Settings
from app.core.tracing import TRACEPARENT
from app.integrations.tracing import exporting, is_asked_for
from app.integrations.tracing.exporting import SHUTDOWN_SECONDS, Tracing
from app.integrations.tracing.spans import description
from app.runtime.runtime import Runtime
from app.runtime.tracing import trace
from tests.support.otlp import Collector, running_collector
from tests.support.ports import free_port
from tests.support.preloaded import start
from tests.support.waiting import HANG_SECONDS, until

pytestmark = pytest.mark.anyio

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with running_collector() as collector:
        monkeypatch.setenv(ENDPOINT, collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", f"{HANG_SECONDS:.0f}")
        monkeypatch.setattr(exporting, "SHUTDOWN_SECONDS", HANG_SECONDS)
        yield collector


def started(folder: Path) -> list[tuple[set[str], int]]:
    """For a start with traces, then one without: the modules that the process has loaded, and how
    many of them the traces loaded.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    printed, collector = folder / "printed", f"http://127.0.0.1:{free_port()}"
    with printed.open("wb") as output:
        process = start("tests.integrations.traced_start:run", [collector], kept, output)
    assert process.wait(HANG_SECONDS) == 0, printed.read_text()
    lines = [line.split() for line in printed.read_text().splitlines() if line]
    return [(set(modules), int(loaded)) for loaded, *modules in lines]


def of_tracing(modules: set[str]) -> set[str]:
    """The modules that only traces need. FastAPI itself loads OpenTelemetry's API."""
    ours = {"app.integrations.tracing", "app.runtime.tracing", "app.web.tracing"}
    beginnings = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto", "requests")
    return {
        name
        for name in modules
        if name.startswith((*beginnings, "app.integrations.tracing")) and name not in ours
    }


def test_without_the_setting_nothing_is_loaded(tmp_path: Path) -> None:
    (traced, _), (plain, loaded) = started(tmp_path)
    assert of_tracing(plain) == set()
    assert loaded == 0
    assert {"opentelemetry.sdk.trace", "app.integrations.tracing.spans"} <= of_tracing(traced)


def test_the_standards_own_switches_turn_it_off() -> None:
    on = {ENDPOINT: "http://collector:4318"}
    assert is_asked_for(on)
    assert is_asked_for({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"})
    assert not is_asked_for({})
    assert not is_asked_for({ENDPOINT: ""})
    assert not is_asked_for({**on, "OTEL_SDK_DISABLED": "true"})
    assert not is_asked_for({**on, "OTEL_TRACES_EXPORTER": "none"})


async def test_a_job_continues_the_trace_that_was_kept_with_it(collector: Collector) -> None:
    tracing = Tracing("tests")
    with tracing.spans.request("POST"):
        kept = TRACEPARENT.get()
    assert TRACEPARENT.get() is None
    with tracing.spans.job("push", kept, 2):
        assert TRACEPARENT.get() != kept
    await tracing.close()
    (request,) = collector.named("POST")
    (job,) = collector.named("job push")
    assert (job.trace, job.parent) == (request.trace, request.id)
    assert job.attributes["linky.attempt"] == 2
    assert job.service == "tests"


@pytest.mark.parametrize("kept", [None, "", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
async def test_a_job_without_a_usable_trace_begins_one(
    collector: Collector, kept: str | None
) -> None:
    tracing = Tracing("tests")
    with tracing.spans.job("push", kept, 1):
        pass
    await tracing.close()
    (job,) = collector.named("job push")
    assert job.parent == ""


async def test_the_standards_sampler_decides_for_request_and_job(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "named")
    tracing = Tracing("tests")
    for _ in range(400):
        with tracing.spans.request("GET"):
            kept = TRACEPARENT.get()
            with tracing.spans.call("SELECT posts", {}):
                pass
        with tracing.spans.job("push", kept, 1):
            pass
    await tracing.close()
    requests = {span.trace for span in collector.named("GET")}
    assert 0 < len(requests) < 250
    for name in ("SELECT posts", "job push"):
        assert {span.trace for span in collector.named(name)} == requests
    assert {span.service for span in collector.spans} == {"named"}


async def test_an_error_is_a_class_without_its_words(collector: Collector) -> None:
    tracing = Tracing("tests")
    with pytest.raises(ValueError), tracing.spans.call("SELECT users", {}):  # noqa: PT011
        raise ValueError("Key (email)=(geheim@example.com) already exists")
    await tracing.close()
    (span,) = collector.named("SELECT users")
    assert span.is_error
    assert span.attributes == {"error.type": "ValueError"}
    assert "geheim" not in span.text


async def test_a_statement_says_which_server_answered(collector: Collector) -> None:
    nowhere = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    settings = Settings(_env_file=None, database_replica_url=nowhere)  # type: ignore[call-arg]
    runtime, tracing = Runtime.build(settings, nowhere), Tracing("tests")
    trace(runtime, tracing.spans)
    assert runtime.replica is not None
    reads = [runtime.pools.reads, runtime.replica._make_pools(utc_now()).reader]
    for pool in reads:
        with pytest.raises(OSError):  # noqa: PT011 - any error will do, as nothing listens there
            await pool.fetch("SELECT id FROM posts WHERE id = $1", ["geheim"])
    await tracing.close()
    spans = collector.named("SELECT posts")
    assert [span.attributes["linky.database"] for span in spans] == ["primary", "replica"]
    assert all(span.is_error and "geheim" not in span.text for span in spans)


def made(outcome: str) -> float:
    counter: Counter = SPANS.labels(outcome)
    return float(counter._value.get())


def is_made(outcome: str, number: float) -> bool:
    return made(outcome) == number


async def test_a_collector_that_refuses_costs_one_line_of_the_log(collector: Collector) -> None:
    collector.status = 400
    lost = made("lost")
    tracing = Tracing("tests")
    with capture_logs() as logs:
        for number in range(1, 4):
            with tracing.spans.request("GET"):
                pass
            await until(partial(is_made, "lost", lost + number))
        await tracing.close()
    assert [line["event"] for line in logs] == ["spans_lost"]
    assert collector.requests == 3


async def test_a_collector_that_hangs_holds_up_neither_work_nor_the_end(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "64")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8")
    monkeypatch.setattr(exporting, "SHUTDOWN_SECONDS", SHUTDOWN_SECONDS)
    collector.hold()
    tracing, begun = Tracing("tests"), made("made")
    for _ in range(2000):
        with tracing.spans.request("GET"):
            pass
    await until(lambda: collector.requests)
    assert made("made") == begun + 2000
    # The collector still holds its first request. This returns all the same.
    await asyncio.wait_for(tracing.close(), 60)
    assert collector.spans == []


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT posts.id FROM posts JOIN users ON true WHERE posts.id = $1", "SELECT posts"),
        (("WITH c AS (INSERT INTO comments (body) VALUES ($1)), p AS (UPDATE posts SET n = $2) "
         "SELECT 1 FROM c"), "INSERT comments, UPDATE posts"),
        ("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE OF users", "SELECT users"),
        ("INSERT INTO keys (a) VALUES ($1) ON CONFLICT DO UPDATE SET a = $1", "INSERT keys"),
        ("DELETE FROM sessions WHERE id = $1", "DELETE sessions"),
        ("SELECT true", "SELECT"),
        ("SET LOCAL lock_timeout = '2s'", "SET"),
        ("", "?"),
        ("SELECT 1 FROM posts WHERE title = 'geheim'", "SELECT posts"),
    ],
)  # fmt: skip
def test_a_statement_is_named_by_acts_and_tables(sql: str, name: str) -> None:
    found, attributes = description(sql)
    assert found == name
    assert set(attributes) == {"db.system.name", "db.query.summary", "linky.statement"}
    assert "geheim" not in str(attributes)
