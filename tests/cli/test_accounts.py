"""`linky leave-again`: after a restore, it deletes the accounts again that had left before."""

import json

import pytest
from anyio import to_thread
from typer.testing import CliRunner, Result

from app.account.jobs import JOBS
from app.cli import cli
from app.cli.common import CommandError
from tests.support.api import expect
from tests.support.jobs import run_jobs
from tests.support.world import World

pytestmark = pytest.mark.anyio


async def leave_again(world: World, monkeypatch: pytest.MonkeyPatch, log: str) -> Result:
    url = world.runtime.database_url
    monkeypatch.setenv("LINKY_DATABASE_URL", url)
    return await to_thread.run_sync(lambda: CliRunner().invoke(cli, ["leave-again"], input=log))


async def test_leave_again_deletes_only_the_accounts_in_the_log(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    leaver, listed_by_id, reader = [await world.member() for _ in range(3)]
    post = await world.post(leaver)
    stranger = "01a21057-28ae-7703-9152-9adb589f4472"
    log_lines = [
        json.dumps({"user_id": user_id, "event": "account_erased"})
        for user_id in (leaver.id, stranger)
    ]
    log = "\n".join([*log_lines, log_lines[0], listed_by_id.id, f"request_id={reader.id}", "noise"])
    result = await leave_again(world, monkeypatch, log)
    assert "2 of 3 accounts deleted" in result.output
    expect(await reader.get(f"/posts/{post['id']}"), 404)
    expect(await reader.get(f"/users/{leaver.id}"), 404)
    # Two jobs erase the accounts and two jobs send the mails.
    assert await run_jobs(world, JOBS) == 4
    assert (await leave_again(world, monkeypatch, log)).output.startswith("0 of 3")
    expect(await reader.get("/users/me"), 200)


@pytest.mark.parametrize("log", ["", "-- No entries --\n"], ids=["empty", "nothing found"])
async def test_leave_again_refuses_a_log_without_ids(
    committed_world: World, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    result = await leave_again(committed_world, monkeypatch, log)
    assert isinstance(result.exception, CommandError)
    assert "no id of a user" in str(result.exception)


async def test_leave_again_refuses_to_delete_the_last_admin(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = await committed_world.admin()
    result = await leave_again(committed_world, monkeypatch, admin.id)
    assert isinstance(result.exception, CommandError)
    assert "last admin" in str(result.exception)
