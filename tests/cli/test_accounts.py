"""`linky leave-again`: after a restore, those who had left leave once more."""

import json

import pytest
from anyio import to_thread
from typer.testing import CliRunner, Result

from app.account.jobs import JOBS
from app.cli import cli
from app.cli.common import Refusal
from app.core.logging import configure_logging
from tests.support.api import expect
from tests.support.jobs import run_jobs
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def leave_again(world: World, monkeypatch: pytest.MonkeyPatch, log: str) -> Result:
    url = world.runtime.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("LINKY_DATABASE_URL", url)
    result = await to_thread.run_sync(lambda: CliRunner().invoke(cli, ["leave-again"], input=log))
    configure_logging("warning", as_json=True)
    return result


async def test_those_whom_the_log_names_leave_and_nobody_else(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    gone, by_hand, reader = [await world.member() for _ in range(3)]
    post = await world.post(gone)
    stranger = "01a21057-28ae-7703-9152-9adb589f4472"
    said = [json.dumps({"user_id": one, "event": "account_erased"}) for one in (gone.id, stranger)]
    log = "\n".join([*said, said[0], by_hand.id, f"request_id={reader.id}", "noise"])
    result = await leave_again(world, monkeypatch, log)
    assert result.output.startswith("2 of 3 accounts leave"), result.output
    expect(await reader.get(f"/posts/{post['id']}"), 404)
    expect(await reader.get(f"/users/{gone.id}"), 404)
    # Two accounts are erased, and two mails say so.
    assert await run_jobs(world, JOBS) == 4
    assert (await leave_again(world, monkeypatch, log)).output.startswith("0 of 3")
    expect(await reader.get("/users/me"), 200)


async def test_the_last_admin_stays_and_it_is_told(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await committed_world.admin()
    result = await leave_again(committed_world, monkeypatch, admin.id)
    assert isinstance(result.exception, Refusal)
    assert "last admin" in str(result.exception)
