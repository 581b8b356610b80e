"""Backups of a real PostgreSQL: restoring them, and refusing damaged ones."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from app.core.errors import SessionRevoked
from app.core.settings.config import Settings
from app.integrations.storage.local import LocalStorage
from app.operations.backup import restoring
from app.operations.backup.checking import Finding, check_restored, check_sessions
from app.operations.backup.encryption import read_identities, write_new_identity
from app.operations.backup.errors import BackupError
from app.operations.backup.inventory import connect_without_timeout
from app.operations.backup.places import Folder
from app.operations.backup.programs import find_program
from app.operations.backup.restoring import OpenedBackup, open_backup, restore, scratch_database
from app.runtime.runtime import Runtime
from tests.operations.backups import (
    A_GUEST,
    NAME,
    NOW,
    BackedUp,
    Key,
    make,
    opened_for,
    store_of,
    wrong,
)
from tests.support.api import Api, expect
from tests.support.apps import borrowed_app
from tests.support.auth import refresh, write
from tests.support.notifications import register_device
from tests.support.sql import fetch
from tests.support.world import World, picture

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("patient_pools")]


# Restoring


@asynccontextmanager
async def app_on(url: str, settings: Settings) -> AsyncIterator[World]:
    """The app on a restored database."""
    runtime = Runtime.build(settings, url)
    with borrowed_app("committed", runtime) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield World(app, runtime, http)
    await runtime.close()


async def sign_in_again(restored: World, person: Api) -> Api:
    """Sign in to the restored installation with the password that the person had before."""
    again = restored.anonymous()
    again.email, again.password = person.email, person.password
    return await restored.sign_in(again)


async def test_a_restored_installation_has_the_posts_and_pictures_of_the_backup(
    committed_world: World, server_url: str, key: Key, tmp_path: Path
) -> None:
    world = committed_world
    author = await world.member("花子")
    image = await world.image(author)
    post = await world.post(author, title="海の写真", image_ids=[image["id"]])
    expect(await author.upload(picture(), "/users/me/avatar", "PUT"), 200)
    url = world.runtime.database_url
    storage = world.runtime.storage
    assert isinstance(storage, LocalStorage)
    made = await make(url, storage, Folder(tmp_path / "backups"), key)
    assert made.facts.objects == 3
    known = await world.runtime.live_log.advance()
    await world.post(author, title="後の投稿")

    identities = read_identities(key.file)
    place = Folder(tmp_path / "backups")
    async with (
        open_backup(place, made.name, identities, tmp_path / "workshop") as opened_backup,
        scratch_database(server_url) as restored_url,
    ):
        await restore(opened_backup, restored_url)
        findings = await check_restored(
            opened_backup, restored_url, storage, live_url=url, sample=50, migrate=False
        )
        assert wrong(findings) == []
        async with app_on(restored_url, world.runtime.settings) as restored:
            author_again = await sign_in_again(restored, author)
            listed = expect(await author_again.get("/posts"), 200)["items"]
            assert [post["title"] for post in listed] == ["海の写真"]
            assert listed[0]["id"] == post["id"]
            assert (await restored.http.get(listed[0]["images"][0]["url"])).status_code == 200
            # The log of changes begins again. Clients load their lists again.
            state = await restored.runtime.live_log.advance()
            assert known.top > state.top == 0
            assert state.epoch != known.epoch
            # New rows and jobs get ids that the restored ones do not use.
            await restored.comment(author_again, post)

    names = await fetch(server_url, "SELECT datname FROM pg_database")
    # Other tests have scratch databases on this server too: check only this one.
    assert make_url(restored_url).database not in [name for (name,) in names]
    assert list((tmp_path / "workshop").iterdir()) == []


async def test_a_failed_restore_leaves_the_database_unchanged(
    backed_up: BackedUp, server_url: str, tmp_path: Path
) -> None:
    async with (
        opened_for(backed_up, tmp_path, cut_short=True) as broken,
        scratch_database(server_url) as target,
    ):
        with pytest.raises(BackupError, match=r"damaged|changed nothing"):
            await restore(broken, target)
        assert await fetch(target, "SELECT FROM pg_tables WHERE schemaname = 'public'") == []


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("psql", "kill -9 $$"),
        ("pg_restore", "cat > /dev/null; kill -9 $$"),
        ("pg_restore", "echo 'CREATE TABLE half ();'; kill -9 $$"),
    ],
)
async def test_a_restore_whose_program_is_killed_changes_nothing(
    backed_up: BackedUp,
    own_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    script: str,
) -> None:
    replace_program(monkeypatch, tmp_path / name, script)
    await fetch(own_database, A_GUEST.format(name="花子"))
    await fetch(
        own_database,
        "INSERT INTO user_sessions (user_id, user_agent, expires_at)"
        " SELECT id, '', now() + interval '1 day' FROM users",
    )
    async with opened_for(backed_up, tmp_path) as opened_backup:
        with pytest.raises(BackupError, match=r"changed nothing: signal 9 ended it \(the memory"):
            await restore(opened_backup, own_database, replace=True)
    sessions = await fetch(own_database, "SELECT ended_at FROM user_sessions")
    assert [ended_at for (ended_at,) in sessions] == [None]


async def test_a_restore_that_breaks_at_its_commit_says_that_it_may_be_done(
    backed_up: BackedUp, own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_program(monkeypatch, tmp_path / "psql", "cat > /dev/null; kill -9 $$")
    async with opened_for(backed_up, tmp_path) as opened_backup:
        with pytest.raises(BackupError, match=r"may have .* start nothing, and restore again"):
            await restore(opened_backup, own_database, replace=True)


def replace_program(patch: pytest.MonkeyPatch, program: Path, script: str) -> None:
    """Let a script take the place of the program that has its name."""
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)

    def found(wanted: str, at_least: int, url: str) -> str:
        return str(program) if wanted == program.name else find_program(wanted, at_least, url)

    patch.setattr(restoring, "find_program", found)


async def test_a_restore_ends_all_sessions_and_pushes_to_no_phone(
    committed_world: World, server_url: str, key: Key, tmp_path: Path
) -> None:
    world = committed_world
    member, guest = await world.member("花子"), await world.guest()
    await register_device(member, "i-1", "phone")
    url = world.runtime.database_url
    place = Folder(tmp_path / "backups")
    made = await make(url, store_of(tmp_path / "store"), place, key)
    identities = read_identities(key.file)
    async with (
        open_backup(place, made.name, identities, tmp_path / "workshop") as opened_backup,
        scratch_database(server_url) as restored_url,
    ):
        await restore(opened_backup, restored_url)
        findings = await check_restored(
            opened_backup,
            restored_url,
            store_of(tmp_path / "store"),
            live_url=url,
            sample=50,
            migrate=False,
        )
        assert wrong(findings) == []
        async with app_on(restored_url, world.runtime.settings) as restored:
            for person in (member, guest):
                # The token was never exchanged: without the end of the session it would work.
                assert (await refresh(restored, person.refresh_token)).status_code == 401
                before = restored.anonymous()
                before.access = person.access
                expect(await write(before), 401, SessionRevoked.code)
            assert await fetch(restored_url, "SELECT FROM user_devices") == []
            again = await sign_in_again(restored, member)
            expect(await write(again), 200)
            await register_device(again, "i-1", "phone")
            assert len(await fetch(restored_url, "SELECT FROM user_devices")) == 1
        (found,) = wrong([await _sessions_of(restored_url)])
        assert found == "1 sessions of the backup have not ended"


async def _sessions_of(url: str) -> Finding:
    async with connect_without_timeout(url) as connection:
        return await check_sessions(connection)


async def test_a_restore_that_can_t_end_the_sessions_says_that_nothing_may_start(
    backed_up: BackedUp, server_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.operations.backup.restoring._END", "SELECT 1 / 0")
    async with (
        opened_for(backed_up, tmp_path) as opened_backup,
        scratch_database(server_url) as target,
    ):
        with pytest.raises(BackupError, match="start nothing, and restore again with --replace"):
            await restore(opened_backup, target)


# Damaged and swapped backups


async def opened(folder: Path, key: Key, tmp_path: Path) -> OpenedBackup:
    """Open and close the newest backup of a folder. A damaged backup raises BackupError."""
    identities = read_identities(key.file)
    place = Folder(folder)
    async with open_backup(place, None, identities, tmp_path / "workshop") as opened_backup:
        return opened_backup


def damaged(backed_up: BackedUp, tmp_path: Path, part: str, act: Any) -> Path:
    folder = tmp_path / "damaged"
    shutil.copytree(backed_up.folder, folder)
    path = folder / (NAME + part)
    path.write_bytes(act(path.read_bytes()))
    return folder


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    ("part", "act", "words"),
    [
        (".manifest.age", flipped, "manifest is damaged"),
        (".manifest.age", lambda data: data[:-1], "manifest is damaged"),
        (".manifest.age", lambda data: b"", "manifest is damaged"),
        (".manifest.age", lambda data: b"no backup at all" * 20, "manifest is damaged"),
        (".dump.age", flipped, "its SHA-256 is not the manifest's"),
        (".dump.age", lambda data: data[:-1000], "the dump is damaged: it has"),
        (".dump.age", lambda data: b"", "the dump is damaged: it has 0 bytes"),
    ],
)
async def test_a_changed_or_truncated_file_is_refused(
    backed_up: BackedUp, tmp_path: Path, part: str, act: Any, words: str
) -> None:
    with pytest.raises(BackupError, match=words):
        await opened(damaged(backed_up, tmp_path, part, act), backed_up.key, tmp_path)


async def test_a_wrong_or_missing_key_is_refused(backed_up: BackedUp, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    write_new_identity(other)
    with pytest.raises(BackupError, match="encrypted for another"):
        await opened(backed_up.folder, Key(other, ""), tmp_path)
    with pytest.raises(BackupError, match="can't be read"):
        read_identities(tmp_path / "nowhere")
    other.write_text(f"# public key: {backed_up.key.public}\n")
    with pytest.raises(BackupError, match="no secret key"):
        read_identities(other)


async def test_a_swapped_dump_is_refused(backed_up: BackedUp, tmp_path: Path) -> None:
    # An attacker with write access to the folder can also encrypt for the public key.
    folder = tmp_path / "backups"
    store = store_of(backed_up.store)
    later = await make(
        backed_up.url, store, Folder(folder), backed_up.key, NOW + timedelta(hours=1)
    )
    shutil.copy(folder / f"{later.name}.dump.age", tmp_path / "dump")
    swapped = damaged(backed_up, tmp_path, ".dump.age", lambda _: (tmp_path / "dump").read_bytes())
    with pytest.raises(BackupError, match="the dump is damaged"):
        await opened(swapped, backed_up.key, tmp_path)
