"""The log has no secrets, even if the code passes one to it."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.core.logging import configure_logging, hide_secrets, log_request
from tests.support.api import expect
from tests.support.world import World

SECRET = "geheim-4711"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of the process, as JSON; afterwards it is as the other tests have it."""
    stream = io.StringIO()
    configure_logging("debug", as_json=True, stream=stream)
    yield stream
    configure_logging("warning", as_json=True)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.mark.parametrize(
    "name",
    [
        *("password", "new_password", "access_token", "RefreshToken", "client_secret"),
        *("Authorization", "email", "email_address", "Cookie", "api_key"),
    ],
)
def test_a_field_whose_name_sounds_secret_is_hidden(log: io.StringIO, name: str) -> None:
    structlog.get_logger("test").info("an event", **{name: SECRET, "user_id": "1"})
    (line,) = lines(log)
    assert (line[name], line["user_id"], line["event"]) == ("[hidden]", "1", "an event")


def test_the_name_of_an_event_is_never_hidden() -> None:
    assert hide_secrets(None, "", {"event": "refresh_token_reused"}) == {
        "event": "refresh_token_reused"
    }


def test_addresses_in_a_traceback_are_removed(log: io.StringIO) -> None:
    try:
        raise ValueError("Key (email)=(hanako@example.com) already exists")
    except ValueError:
        structlog.get_logger("test").exception("failed")
    (line,) = lines(log)
    assert "hanako" not in str(line)
    assert "ValueError" in line["exception"]


def test_the_logs_of_libraries_pass_the_same_filter(log: io.StringIO) -> None:
    logging.getLogger("library").warning("failed", extra={"password": SECRET})
    logging.getLogger("httpx").info("HTTP Request: GET https://example.com/?code=%s", SECRET)
    assert [line["event"] for line in lines(log)] == ["failed"]
    assert SECRET not in log.getvalue()


def test_a_request_is_logged_with_these_fields_only(log: io.StringIO) -> None:
    log_request(method="GET", route="/x", status=200, ms=1.5, user_id=None, request_id="a")
    (line,) = lines(log)
    assert line.keys() == {
        *("method", "route", "status", "ms", "user_id", "request_id"),
        *("event", "level", "timestamp"),
    }


async def test_a_request_leaves_no_body_header_query_or_address_in_the_log(
    world: World, log: io.StringIO
) -> None:
    author = await world.member()
    lounge = await world.lounge()
    log.seek(0)
    log.truncate()
    form = {"lounge_id": lounge["id"], "title": SECRET, "body": SECRET}
    headers = {
        "Referer": f"https://{SECRET}.example",
        "User-Agent": SECRET,
        "Cookie": f"a={SECRET}",
    }
    expect(await author.post("/posts", json=form, headers=headers), 201)
    expect(await author.get("/posts", params={"q": SECRET}), 200)
    await author.post("/auth/login", json={"email": f"{SECRET}@example.com", "password": SECRET})
    await author.post("/auth/refresh", json={"refresh_token": SECRET})
    await author.get("/users/me", headers={"Authorization": f"Bearer {SECRET}"})
    logged = [line for line in lines(log) if line["event"] == "request"]
    assert len(logged) == 5
    assert SECRET not in log.getvalue()
    assert "127.0.0.1" not in log.getvalue()
