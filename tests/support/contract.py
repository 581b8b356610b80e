"""What a run of level 1 has seen of the contract: which operations succeeded, which codes came.

Each answer of the app is noted where the tests' client gets it. At the end of a whole `make test`
the notes of all processes are compared with `openapi.json`: each operation was answered by a 2xx,
and by each error code that the document lists for it, but for EXCUSES.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from typing import Any, Final, NamedTuple

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests import levels
from tools import ROOT
from tools.document import in_full

OK: Final = "2xx"

type Note = tuple[str, str]
"""An operation's id, and OK or a code."""

seen: set[Note] = set()

_COMPLAINTS = pytest.StashKey[list[str]]()

type Document = dict[str, Any]


class Excuse(NamedTuple):
    """Codes that level 1 does not get from these operations, and why."""

    why: str
    codes: set[str]
    operations: Callable[[str, Document], bool] = lambda _method, _operation: True


def _named(*names: str) -> Callable[[str, Document], bool]:
    return lambda _, operation: operation["operationId"] in names


def _but_for(*names: str) -> Callable[[str, Document], bool]:
    return lambda _, operation: operation["operationId"] not in names


EXCUSES = (
    Excuse(
        "The server answers these before it has looked up a route (tests/web/test_slow_clients.py, "
        "tests/web/test_long_heads.py).",
        {"headers_too_large", "request_timeout"},
    ),
    Excuse(
        "So it is with this one, but for routes that wait for a password's hash.",
        {"overloaded"},
        _but_for(
            *("change_password", "leave", "login", "prove_session", "register"),
            *("reset_password", "upgrade_guest"),
        ),
    ),
    Excuse(
        "Reads are answered by the token, until it expires.",
        {"account_suspended", "session_revoked"},
        lambda method, _: method == "get",
    ),
    Excuse(
        "What has no body answers it only to a client that has gone.",
        {"bad_request"},
        lambda _, operation: "requestBody" not in operation,
    ),
    Excuse(
        "All routes that create share one way of keeping answers, which these three show.",
        {"idempotency_in_progress", "idempotency_key_reused"},
        _but_for("create_comment", "create_post", "upload_image"),
    ),
    Excuse(
        "They lead a browser on, also to what went wrong.",
        {
            *("bad_request", "rate_limited", "service_unavailable"),
            *("unsupported_media_type", "validation_failed"),
        },
        _named("authorize_with_provider", "return_from_provider", "return_from_apple"),
    ),
    Excuse(
        "Streams are opened over TCP (tests/live), past the client that notes.",
        {"invalid_cursor", "live_full", "too_many_topics", "validation_failed"},
        _named("follow_live"),
    ),
    Excuse(
        "An act that the route shares raises it, for what the route never asks of it.",
        {"not_registered", "last_admin", "post_not_found"},
        _named("decide_appeal", "hide_comment", "restore_comment"),
    ),
    Excuse(
        "As above: a case suspends, and changes no role.",
        {"not_registered"},
        _named("resolve_report"),
    ),
    Excuse(
        "Its parameters are free text; what is wrong in them has codes of its own.",
        {"validation_failed"},
        _named("list_changes"),
    ),
    Excuse(
        "It answers without a database, or a provider stands before it.",
        {"service_unavailable"},
        _named("get_meta", "hear_apple", "sign_in_with_provider"),
    ),
)
"""Where one of several routes can show a code, only the others are excused."""


def noting(app: ASGIApp) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        status, parts = 0, list[bytes]()

        async def send_and_keep(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            if status >= 400:
                parts.append(message.get("body", b""))
            await send(message)

        await app(scope, receive, send_and_keep)
        note(scope, status, b"".join(parts))

    return noted


def note(scope: Scope, status: int, body: bytes) -> None:
    operation = getattr(scope.get("route"), "name", "")
    if 200 <= status < 300 or status in (302, 303):  # Some only lead a browser on.
        seen.add((operation, OK))
    elif body.startswith(b"{") and (code := json.loads(body).get("code")):
        seen.add((operation, code))


def promised() -> Iterator[Note]:
    """What the document lists for each operation, but for what is excused."""
    document = in_full(json.loads((ROOT / "openapi.json").read_text(encoding="utf-8")))
    for path in document["paths"].values():
        for method, operation in path.items():
            excused = {
                code
                for excuse in EXCUSES
                if excuse.operations(method, operation)
                for code in excuse.codes
            }
            yield operation["operationId"], OK
            for response in operation["responses"].values():
                for code in set(response.get("x-error-codes", ())) - excused:
                    yield operation["operationId"], code


def complaints(notes: Set[Note]) -> Iterator[str]:
    lacking = defaultdict[str, list[str]](list)
    for operation, code in set(promised()) - notes:
        lacking[code].append(operation)
    for code, operations in sorted(lacking.items()):
        yield f"no test of level 1 saw {code} from {', '.join(sorted(operations))}"


# The hooks that gather the notes of all processes


def pytest_testnodedown(node: Any) -> None:
    seen.update(map(tuple, getattr(node, "workeroutput", {}).get("seen", ())))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["seen"] = sorted(seen)
    elif _is_whole(session) and (found := list(complaints(seen))):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        config.stash[_COMPLAINTS] = found


def _is_whole(session: pytest.Session) -> bool:
    """Whether all of level 1 ran, and passed."""
    config = session.config
    return (
        session.exitstatus == pytest.ExitCode.OK
        and config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and config.option.markexpr == levels.IN_PROCESS
        and not (config.option.keyword or config.option.deselect or config.option.collectonly)
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for complaint in terminalreporter.config.stash.get(_COMPLAINTS, ()):
        terminalreporter.write_line(f"FAILED {complaint}", red=True)
