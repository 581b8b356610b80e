"""The check of a restored backup: which pictures are lost, erased or changed, and which are not."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.integrations.storage.base import StoredObject
from app.integrations.storage.local import LocalStorage
from app.operations.backup.checking import check_restored
from app.operations.backup.encryption import read_identities
from app.operations.backup.places import Folder
from app.operations.backup.restoring import open_backup, restore, scratch_database
from tests.operations.backups import KEYS, BackedUp, Key, checked, make, store_of, wrong
from tests.support.database import drop_database
from tests.support.sql import execute, fetch
from tests.support.world import token

pytestmark = pytest.mark.anyio


async def test_a_check_names_a_lost_picture_but_not_an_erased_one(
    backed_up: BackedUp, server_url: str, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    (store / KEYS[0]).unlink()
    (lost,) = wrong(await checked(backed_up, backed_up.folder, store, tmp_path, live=backed_up.url))
    assert lost == f"1 objects are lost: {KEYS[0]}"
    # In this database the picture was erased after the backup.
    with_copy = f"live_{token()}"
    await fetch(server_url, f"CREATE DATABASE {with_copy}")
    live = make_url(backed_up.url).set(database=with_copy).render_as_string(hide_password=False)
    try:
        (undecided,) = wrong(await checked(backed_up, backed_up.folder, store, tmp_path, live=live))
        assert "they may be lost or erased: the database in use does not answer" in undecided
        await execute(
            live,
            "CREATE TABLE images AS SELECT 'x' AS key, 'y' AS thumbnail_key, 1 AS owner_id",
            "CREATE TABLE users AS"
            " SELECT 1 AS id, NULL::text AS avatar_key, NULL::timestamptz AS left_at",
            "CREATE TABLE lounges AS SELECT NULL::text AS cover_key",
        )
        findings = await checked(backed_up, backed_up.folder, store, tmp_path, live=live)
        assert wrong(findings) == []
        assert any("1 were erased since" in finding.words for finding in findings)
    finally:
        await drop_database(server_url, with_copy)


async def test_a_check_names_a_missing_picture_even_without_the_live_database(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    unreachable = make_url(backed_up.url).set(port=1).render_as_string(hide_password=False)
    (missing,) = wrong(
        await checked(backed_up, backed_up.folder, tmp_path / "empty", tmp_path, live=unreachable)
    )
    assert missing.startswith("6 objects are not in the store")
    assert KEYS[0] in missing


async def test_a_check_names_a_picture_whose_bytes_changed(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    path = store / KEYS[1]
    path.write_bytes(b"B" + path.read_bytes()[1:])
    (changed,) = wrong(
        await checked(backed_up, backed_up.folder, store, tmp_path, live=backed_up.url)
    )
    assert changed == f"1 of 6 objects differ from what they were: {KEYS[1]}"


async def test_a_check_names_a_picture_that_was_lost_before_the_backup(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(backed_up.store, store)
    (store / KEYS[2]).unlink()
    await make(backed_up.url, store_of(store), Folder(tmp_path / "backups"), backed_up.key)
    (finding,) = wrong(
        await checked(backed_up, tmp_path / "backups", store, tmp_path, live=backed_up.url)
    )
    assert finding == f"1 images had no object already when it was made: {KEYS[2]}"


class ErasesMeanwhile(LocalStorage):
    """A store in which an avatar is erased when its objects begin to be listed."""

    def __init__(self, folder: Path, url: str, key: str) -> None:
        super().__init__(folder, "http://test/media/")
        self._url, self._key = url, key

    async def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        await fetch(
            self._url, "UPDATE users SET avatar_key = NULL WHERE avatar_key = $1", self._key
        )
        await self.delete([self._key])
        async for batch in super().list_objects(prefix, after):
            yield batch


async def test_a_picture_that_was_erased_while_the_backup_was_made_is_not_a_lost_one(
    own_database: str, server_url: str, key: Key, tmp_path: Path
) -> None:
    erased, of_leaver = "avatars/erased.webp", "avatars/of-leaver.webp"
    # The second user has left. A job has removed the picture, and has not come to the row yet.
    await fetch(
        own_database,
        "INSERT INTO users (provider, nickname, role, avatar_key, left_at)"
        " VALUES ('guest', '花子', 'guest', $1, NULL), ('guest', '太郎', 'guest', $2, now())",
        erased,
        of_leaver,
    )
    storage = ErasesMeanwhile(tmp_path / "store", own_database, erased)
    await storage.put(erased, b"picture", "image/webp")
    place = Folder(tmp_path / "backups")
    await make(own_database, storage, place, key)
    identities = read_identities(key.file)
    unreachable = make_url(own_database).set(port=1).render_as_string(hide_password=False)
    async with scratch_database(server_url) as restored:

        async def wrong_with(live: str | None) -> list[str]:
            async with open_backup(place, None, identities, tmp_path / "w") as files:
                if live is None:
                    await restore(files, restored)
                findings = await check_restored(
                    files, restored, storage, live_url=live, sample=50, migrate=False
                )
            return wrong(findings)

        for live in (None, unreachable):
            (undecided,) = await wrong_with(live)
            assert undecided == (
                "1 pictures were not listed (they were lost before, or erased while it was made: "
                f"the database in use does not answer): {erased}"
            )
        assert await wrong_with(own_database) == []


async def test_a_picture_that_was_shown_again_while_the_backup_was_made_is_not_a_lost_one(
    backed_up: BackedUp, tmp_path: Path
) -> None:
    store, hidden = tmp_path / "store", tmp_path / "hidden"
    shutil.copytree(backed_up.store, store)
    (store / KEYS[0]).rename(hidden)
    await make(backed_up.url, store_of(store), Folder(tmp_path / "backups"), backed_up.key)
    hidden.rename(store / KEYS[0])
    findings = await checked(backed_up, tmp_path / "backups", store, tmp_path, live=backed_up.url)
    assert wrong(findings) == []
