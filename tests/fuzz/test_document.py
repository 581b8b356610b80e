"""What the OpenAPI document says of requests and answers is true, for callers of every kind."""

from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis.core.failures import FailureGroup

from tests.fuzz.document import CALLERS, Caller, make_callers, operations, send_calls
from tests.support.chance import NIGHT, times
from tests.support.served import PREFIX, Served, serving

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # The generator's warnings, not ours.
    # Each request has a limit of its own. Making thousands of them takes its time.
    pytest.mark.timeout(times(600, 12_000)),
]


@pytest.fixture(scope="module")
def served(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(server_url, tmp_path_factory.mktemp("fuzzed")) as served:
        yield served


@pytest.fixture(scope="module")
def callers(served: Served) -> dict[str, Caller]:
    return {caller.name: caller for caller in make_callers(served)}


def pairs(served: Served, callers: dict[str, Caller]) -> Iterator[tuple[Any, Caller]]:
    """Each operation with one caller, and in the nightly run with all four."""
    for number, operation in enumerate(operations(served)):
        if NIGHT:
            yield from ((operation, caller) for caller in callers.values())
        elif "/admin/" in operation.path:
            yield operation, callers["admin"]
        else:
            yield operation, callers[CALLERS[number % len(CALLERS)]]


def test_the_server_does_what_the_document_says(served: Served, callers: dict[str, Caller]) -> None:
    url = f"http://127.0.0.1:{served.port}"
    failures, sent = [], 0
    for operation, caller in pairs(served, callers):
        sent += 1
        try:
            send_calls(operation, caller, url)
        except FailureGroup as group:
            failures.append(group)
    assert not failures, "\n\n".join(
        f"{group.message}\n{each}" for group in failures for each in group.exceptions
    )
    assert sent >= len(operations(served)) > 60
    assert served.http.get(f"{PREFIX}/meta").status_code == 200
