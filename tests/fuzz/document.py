"""Calls that schemathesis makes from the OpenAPI document, sent by four kinds of callers.

All of its checks are on: the document promises what the server does, for good requests and bad.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import schemathesis
from hypothesis import given
from hypothesis.errors import FailedHealthCheck, Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import RejectedPositiveData

from tests.support.chance import tried
from tests.support.served import PREFIX, Served
from tests.support.waiting import HANG_SECONDS
from tests.support.world import PASSWORD, token

LAST = {"leave", "logout", "end_other_sessions", "delete_post", "delete_comment"}
"""They take away what other calls need."""

NO_SCHEMA = {
    "duplicate": "`uniqueItems` would say it, but makes generators send an empty set",
    "not_registered": "the app's own addresses are in the settings",
    "email": "which addresses exist as a form, `format: email` says roughly",
    "forbidden_character": "invisible characters in nicknames; U+2028 and U+2029 in a line",
    "too_many_marks": "more than 30 combining marks in a row",
    "no_letters": "a banned word of signs alone",
    "string_too_short": "a text of invisible characters alone",
    "string_too_long": "a text that becomes longer in NFC",
    "not_in_future": "when the request comes",
}
"""Rules of fields that no schema can express: a request that breaks one looks right."""

BETWEEN = {
    ("body.authorization_code", "extra_forbidden"): "only Apple's SDK gives one",
    ("body.nonce", "missing"): "LINE and Apple need one",
    ("query.q", "missing"): "`sort=relevance` needs it",
    ("query.sort", "not_with_feed"): "a feed is always newest first",
    ("body", "half_a_target"): "type and id come together",
    ("body.until", "only_when_suspended"): "it needs `status: suspended`",
    ("body.hide_content", "only_when_suspended"): "it needs `status: suspended`",
    ("body.permanent", "only_when_suspended"): "it needs `status: suspended`",
    ("body.until", "end_or_permanent"): "not together with `permanent`",
    ("body", "one_proof"): "a password, an ID token or a code, one of them",
}
"""Rules between a field and another part of the request."""

EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": ["hello", "changes", "beat", "reset", "bye"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": "integer"},
    },
    "additionalProperties": False,
}
"""An event of a stream. The document can only say that a stream is text; schemathesis reads events.
"""

CALLERS = ("anonymous", "guest", "user", "admin")
_UNKNOWN = "01890000-0000-7000-8000-000000000000"


@dataclass
class Caller:
    """Who calls: the headers, and the ids of things that exist."""

    name: str
    headers: dict[str, str]
    ids: dict[str, str]


def make_callers(served: Served) -> list[Caller]:
    """One of each kind. The user has written a post and a comment, in the admin's lounge."""
    _, admin = _sign_up(served)
    asyncio.run(_promote(served.database_url))
    user_id, user = _sign_up(served)
    guest = _bearer(served.http.post(f"{PREFIX}/auth/guest").json())
    form = {"name": f"部屋 {token()}", "description": "話す場所"}
    lounge = _made(served, admin, "/admin/lounges", form)
    post = _made(served, user, "/posts", {"lounge_id": lounge, "title": "題", "body": "本文"})
    comment = _made(served, user, f"/posts/{post}/comments", {"body": "返事"})
    ids = {"lounge_id": lounge, "post_id": post, "comment_id": comment, "user_id": user_id}
    return [
        Caller(name, headers, ids)
        for name, headers in zip(CALLERS, ({}, guest, user, admin), strict=True)
    ]


def operations(served: Served) -> list[Any]:
    """The operations of the document, those that end something last."""
    document = served.http.get("/openapi.json").json()
    live = document["paths"][f"{PREFIX}/live"]["get"]["responses"]["200"]["content"]
    live["text/event-stream"]["schema"] = EVENT
    schema = schemathesis.openapi.from_dict(document)
    # Its own limit is ten seconds, which a busy machine may need, and for which it reads a stream.
    schema.config.request_timeout = HANG_SECONDS
    schema.config.max_stream_events = 1
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    return sorted(found, key=lambda operation: operation.definition.raw["operationId"] in LAST)


def send_calls(operation: Any, caller: Caller, url: str) -> None:
    """Good and bad requests to an operation. Raises what schemathesis finds."""
    _send(operation, GenerationMode.POSITIVE, caller, url)
    try:
        _send(operation, GenerationMode.NEGATIVE, caller, url)
    except (Unsatisfiable, FailedHealthCheck):
        # An operation without input has no bad input. By day hypothesis gives up, too, where the
        # first fifty bad requests turned out to be good: any other has a bad one among four.
        pass


def _send(operation: Any, mode: GenerationMode, caller: Caller, url: str) -> None:
    @tried(1, at_night=20)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        if mode == GenerationMode.POSITIVE:
            case.path_parameters |= {
                name: caller.ids[name] for name in case.path_parameters if name in caller.ids
            }
        response = case.call(base_url=url, headers=caller.headers)
        # No provider is configured here, which is a 503 by the contract.
        excluded = [not_a_server_error] if b"provider_unavailable" in response.content else []
        try:
            case.validate_response(response, excluded_checks=excluded, headers=caller.headers)
        except FailureGroup as group:
            failures = [each for each in group.exceptions if not _is_foreseen(each, case, response)]
            if failures:
                raise FailureGroup(failures, f"{caller.name}: {case.as_curl_command()}") from None

    send()


def _is_foreseen(failure: Failure, case: Any, response: Any) -> bool:
    """Whether the document is not at fault."""
    if isinstance(failure, AcceptedNegativeData):
        # Too large a body is refused before anything else. The check does not know 413.
        return response.status_code == 413 or _was_put_right(failure, case)
    if not isinstance(failure, RejectedPositiveData):
        return False
    problem = response.json()
    if problem["code"] == "validation_failed":
        wrong = {(error["field"], error["code"]) for error in problem["errors"]}
        return all(code in NO_SCHEMA or (field, code) in BETWEEN for field, code in wrong)
    return str(problem["code"]) != "bad_request"


def _was_put_right(failure: AcceptedNegativeData, case: Any) -> bool:
    """Whether the fault was not sent, or vanished when the server trimmed a text."""
    faults = re.findall(r"- (\w+): (.*)", failure.message) or [("", failure.message)]
    trimmed = any(text != text.strip() for text in _texts(case.body))
    return all(
        "Authorization" in what  # Each request has the caller's own.
        or (where in ("query", "header") and "additionalProperties" in what)
        or ("maxLength" in what and trimmed)
        for where, what in faults
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _sign_up(served: Served) -> tuple[str, dict[str, str]]:
    form = {"email": f"s-{token()}@example.com", "password": PASSWORD, "nickname": "試験"}
    signed_in = served.http.post(f"{PREFIX}/auth/register", json=form).json()
    return signed_in["user"]["id"], _bearer(signed_in)


def _bearer(signed_in: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_in['tokens']['access_token']}"}


def _made(served: Served, headers: dict[str, str], path: str, form: dict[str, str]) -> str:
    response = served.http.post(PREFIX + path, json=form, headers=headers)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def _promote(database_url: str) -> None:
    """Make everybody who is there an admin."""
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        await connection.execute("UPDATE users SET role = 'admin'")
    finally:
        await connection.close()
