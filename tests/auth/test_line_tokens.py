"""LINE hears that a user has left, or has closed its sign-in method (ADR 0017)."""

import logging
from typing import Any

import pytest

from app.api import JOBS
from app.auth.jobs import forget_what_is_over
from app.core.sealing import Sealer
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.tracing.exporting import Tracing
from app.integrations.tracing.spans import statement_trace
from app.jobs.definitions import GiveUp, Job
from tests.support.api import Api, expect
from tests.support.auth import dump
from tests.support.browser import Browser, query_of
from tests.support.jobs import run_jobs
from tests.support.methods import LATE, METHODS, code_of, link, social
from tests.support.otlp import running_collector
from tests.support.provider import LINE
from tests.support.sql import count, sql
from tests.support.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("idp")

UNLINK = "auth.unlink_at_line"
DEAUTHORIZE, CHANNEL = "user/v1/deauthorize", "oauth2/v3/token"
VERIFY, USER_INFO = "oauth2/v2.1/verify", "oauth2/v2.1/userinfo"
(JOB,) = [job for job in JOBS if job.name == UNLINK]
OTHERS = [job for job in JOBS if job.name != UNLINK]


async def leave(api: Api, token: str | None = None) -> bool:
    """Leave by the app. Returns whether it is left to the user to unlink the app at LINE."""
    body = {} if token is None else {"line_access_token": token}
    answer = expect(await api.call("DELETE", "/users/me", json=body), 202)
    return bool(answer["unlink_at_provider"])


async def close(api: Api, method: str = "line", **body: Any) -> str | None:
    answer = await api.call("DELETE", f"{METHODS}/{method}", json=body)
    expect(answer, 204)
    told: str | None = answer.headers.get("Linky-Unlink")
    return told


async def came_by_browser(world: World, sub: str) -> Api:
    world.idp["line"].user = {"sub": sub}
    browser = Browser(world, "line")
    signed_in = await browser.exchange(query_of(await browser.whole())["code"])
    return world.anonymous().take(expect(signed_in, 201))


async def ensure_found_nowhere(world: World, *tokens: str) -> None:
    """Neither in a table nor in the queue, nor sealed."""
    queue = await sql(world, "SELECT convert_from(payload, 'UTF8') AS payload FROM pgqueuer")
    log = await sql(world, "SELECT traceback::text AS traceback FROM pgqueuer_log")
    content = await dump(world) + str(queue) + str(log)
    for token in tokens:
        assert token not in content
        assert token.encode().hex() not in content


async def test_who_leaves_with_a_token_of_the_sdk_is_unlinked_at_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    api = await social(world, "line", "U1")
    token = world.idp.line_token("U1")
    with caplog.at_level(logging.DEBUG):
        assert not await leave(api, token)
        # Leaving has not asked LINE, and no row has the token but sealed.
        assert not any("user/v1" in path for path in world.idp.asked)
        (kept,) = await sql(world, "SELECT * FROM auth_provider_tokens")
        assert kept["user_id"] is None
        assert token in Sealer(world.runtime.settings.signing_keys).open(kept["sealed"])
        await ensure_found_nowhere(world, token)
        await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["U1"]
    assert await count(world, "auth_provider_tokens") == await count(world, "users") == 0
    await ensure_found_nowhere(world, token, *world.idp["line"].channel_tokens)
    for secret in (token, *world.idp["line"].channel_tokens):
        assert secret not in caplog.text


async def test_a_trace_of_leaving_and_of_the_job_has_no_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.idp.line_token("U1")
    with running_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        tracing = Tracing("tests")
        monkeypatch.setattr(world.runtime, "spans", tracing.spans)
        for pool in world.runtime.pools.by_name().values():
            monkeypatch.setattr(pool, "trace", statement_trace(tracing.spans, "primary"))
        api = await came_by_browser(world, "U1")
        await leave(api, token)
        await run_jobs(world, JOBS)
        await tracing.close()
    assert world.idp["line"].unlinked == ["U1"]
    seen = "".join(span.name + span.text for span in collector.spans)
    assert "auth_provider_tokens" in seen
    for secret in (token, *world.idp["line"].refresh_tokens, *world.idp["line"].channel_tokens):
        assert secret not in seen


async def test_what_a_browser_brought_is_kept_sealed_and_used_at_leaving(world: World) -> None:
    api = await came_by_browser(world, "U1")
    (refresh,) = world.idp["line"].refresh_tokens
    (kept,) = await sql(world, "SELECT * FROM auth_provider_tokens")
    assert (kept["provider"], kept["client_id"]) == ("line", LINE[0])
    assert kept["expires_at"] is None
    await ensure_found_nowhere(world, refresh)
    exported = expect(await api.get("/users/me/export"), 200)
    assert exported["connected_apps"] == [{"provider": "line", "client_id": LINE[0]}]
    assert not await leave(api)
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["U1"]
    assert await count(world, "auth_provider_tokens") == 0
    await ensure_found_nowhere(world, refresh, *world.idp["line"].access_tokens)


async def test_without_a_token_the_user_is_told_that_it_is_left_to_them(world: World) -> None:
    api = await social(world, "line", "U1")
    assert await leave(api)
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == []
    assert await count(world, "users") == 0


async def test_it_is_left_to_nobody_who_has_no_method_of_line(world: World) -> None:
    assert not await leave(await social(world, "google", "G1"), world.idp.line_token("U1"))
    member = await world.member()
    body = {"password": PASSWORD, "line_access_token": world.idp.line_token("U2")}
    left = expect(await member.call("DELETE", "/users/me", json=body), 202)
    assert left["unlink_at_provider"] is False
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == []


async def test_a_method_that_is_closed_is_unlinked_too(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    told = await close(member, password=PASSWORD, line_access_token=world.idp.line_token("U1"))
    assert told is None
    expect(await link(world, member, "google", "G1"), 201)
    assert await close(member, "google", password=PASSWORD) is None
    expect(await link(world, member, "line", "U2"), 201)
    assert await close(member, password=PASSWORD) == "line"
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["U1"]


async def test_a_method_that_was_linked_by_the_browser_needs_no_token(world: World) -> None:
    member = await world.member()
    code = await code_of(world, "U1")
    expect(await member.post(f"{METHODS}/exchange", json=code), 201)
    assert await close(member, password=PASSWORD) is None
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["U1"]


async def test_a_refused_call_uses_no_token(world: World) -> None:
    member = await world.member()
    expect(await link(world, member, "line", "U1"), 201)
    body = {"password": "wrong", "line_access_token": world.idp.line_token("U1")}
    expect(await member.call("DELETE", f"{METHODS}/line", json=body), 403, "wrong_password")
    expect(await member.call("DELETE", "/users/me", json=body), 403, "wrong_password")
    assert await count(world, "auth_provider_tokens") == 0
    assert await run_jobs(world, [JOB]) == 0


async def test_a_token_of_another_user_or_channel_is_ignored(world: World) -> None:
    made_up = "a-" + "0" * 32
    foreign = [
        world.idp.line_token("U9"),
        world.idp.line_token("U1", channel="1659999999"),
        made_up,
    ]
    for token in (*foreign, world.idp.line_token("U1").upper(), "ト-クン", "a\nb: c"):
        assert not await leave(await social(world, "line", "U1"), token)
        await run_jobs(world, JOBS)
        assert world.idp["line"].unlinked == []
        assert await count(world, "auth_provider_tokens") == 0


REFUSALS: list[tuple[int, Any]] = [
    *((400, b""), (400, b"<html>Bad Request</html>"), (401, {"message": "no"})),
    *((500, {}), (429, b"\xff garbage"), (200, b"\xff garbage"), (200, b"<html>OK</html>")),
]
BROKEN: list[tuple[str, tuple[int, Any]]] = [
    *((path, answer) for path in (VERIFY, CHANNEL, DEAUTHORIZE, USER_INFO) for answer in REFUSALS),
    *((DEAUTHORIZE, (status, {})) for status in (200, 202)),
]


@pytest.mark.parametrize(("path", "answer"), BROKEN, ids=[f"{p}-{a[0]}" for p, a in BROKEN])
async def test_whatever_line_answers_nothing_is_lost(
    world: World, path: str, answer: tuple[int, Any]
) -> None:
    api = await social(world, "line", "U1")
    world.idp["line"].api_answers[path] = answer
    assert not await leave(api, world.idp.line_token("U1"))
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await run_jobs(world, [JOB])
    await run_jobs(world, OTHERS)
    assert await count(world, "users") == 0
    assert await count(world, "auth_provider_tokens") == 1
    del world.idp["line"].api_answers[path]
    await run_jobs(world, [JOB])
    assert world.idp["line"].unlinked == ["U1"]
    assert await count(world, "auth_provider_tokens") == 0


async def test_a_leaving_never_waits_for_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = await social(world, "line", "U1")
    world.idp.slow = {"line"}
    assert not await leave(api, world.idp.line_token("U1"))
    assert (
        sum(world.idp.asked.values())
        == world.idp.asked["line/keys"] + world.idp.asked["line/.well-known/openid-configuration"]
    )
    # Only here: on a busy machine an answer that comes takes longer.
    with monkeypatch.context() as patched:
        patched.setattr("app.integrations.identity.base.TOTAL_SECONDS", 0.2)
        with pytest.raises(ProviderUnavailable):
            await run_jobs(world, [JOB])
    await run_jobs(world, OTHERS)
    assert await count(world, "users") == 0
    world.idp.slow = set()
    world.idp.released.set()
    await run_jobs(world, [JOB])
    assert world.idp["line"].unlinked == ["U1"]


async def test_after_a_day_the_token_is_deleted_unused(world: World) -> None:
    api = await social(world, "line", "U1")
    world.idp.down = {"line"}
    await leave(api, world.idp.line_token("U1"))
    world.clock.advance(hours=23, minutes=59)
    with pytest.raises(ProviderUnavailable):
        await run_jobs(world, [JOB])
    world.clock.advance(minutes=2)
    await run_jobs(world, [JOB])
    assert await count(world, "auth_provider_tokens") == 0
    assert await count(world, "pgqueuer", f"entrypoint = '{UNLINK}'") == 0
    assert world.idp["line"].unlinked == []


async def test_a_job_that_failed_for_good_keeps_no_token(world: World) -> None:
    await leave(await came_by_browser(world, "U1"))
    keys = {"jwt_keys": ("new:" + "n" * 40,)}
    before = world.runtime.settings
    world.runtime.settings = type(before)(**(before.model_dump() | keys))
    with pytest.raises(GiveUp):
        await run_jobs(world, [JOB])
    world.clock.advance(hours=25)
    async with world.runtime.writing() as ctx:
        await forget_what_is_over(ctx)
    assert await count(world, "auth_provider_tokens") == 0
    # A user who stays has lost no token by that.
    world.runtime.settings = before
    await came_by_browser(world, "U2")
    world.clock.advance(days=30)
    async with world.runtime.writing() as ctx:
        await forget_what_is_over(ctx)
    assert await count(world, "auth_provider_tokens") == 1


async def test_a_refresh_token_that_line_does_not_take_any_more_ends_it(world: World) -> None:
    api = await came_by_browser(world, "U1")
    world.idp["line"].owners.clear()
    await leave(api)
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == []
    assert await count(world, "auth_provider_tokens") == 0


async def test_who_has_no_account_here_is_unlinked_again(world: World) -> None:
    """The console, and the page for leaving, make no account of somebody who signs in there."""
    world.idp["line"].user = {"sub": "unknown"}
    answer = await world.http.get("http://test/account/delete/line")
    browser = Browser(world, "line")
    for line in answer.headers.get_list("set-cookie"):
        browser.cookies.load(line)
    world.http.cookies.clear()
    await browser.come_back(await browser.visit(answer))
    await run_jobs(world, JOBS)
    assert world.idp["line"].unlinked == ["unknown"]
    assert await count(world, "auth_provider_tokens") == 0


async def test_without_the_channels_secret_it_is_left_to_the_user(world: World) -> None:
    api = await social(world, "line", "U1")
    world.configure(line_channel_secret=None)
    assert await leave(api, world.idp.line_token("U1"))
    assert await count(world, "auth_provider_tokens") == 0


async def test_a_token_that_is_empty_or_too_long_is_refused(world: World) -> None:
    api = await social(world, "line", "U1", exp=LATE)
    for token in ("", "a" * 4001):
        refused = await api.call("DELETE", "/users/me", json={"line_access_token": token})
        assert expect(refused, 422)["errors"][0]["field"] == "body.line_access_token"


def test_the_job_is_tried_for_longer_than_a_day() -> None:
    assert isinstance(JOB, Job)
    assert JOB.max_attempts > 24 * 6 * 2  # Ten minutes apart, or less.
