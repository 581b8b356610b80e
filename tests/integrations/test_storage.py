"""The contract of every store, on a folder and on a real S3 server that checks signatures."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.core.settings.config import Settings
from app.integrations.storage import s3
from app.integrations.storage.base import CACHE_CONTROL, Storage, StorageError, StorageMisconfigured
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage
from app.operations.doctor.installation import open_installation
from app.operations.doctor.runner import INSTALLATION_CHECKS, run_checks
from tests.support.full_server import full_server
from tests.support.s3 import (
    ACCESS_KEY,
    OPEN_BUCKET,
    READ_ONLY_KEY,
    READ_ONLY_SECRET,
    SECRET_KEY,
    client,
    few_at_once,
    let_s3_be_slow,
    s3_server,
    weed,
)
from tests.support.waiting import HANG_SECONDS

pytestmark = pytest.mark.anyio

needs_s3 = pytest.mark.skipif(weed() is None, reason="there is no S3 server for this machine")
PICTURE = b"RIFF\x00\x01picture"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        for bucket in ("pictures", OPEN_BUCKET):
            client(server.endpoint).create_bucket(Bucket=bucket)
        yield server.endpoint


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Credentials for boto3's default chain."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    let_s3_be_slow(monkeypatch)
    return monkeypatch


@pytest.fixture(params=["local", pytest.param("s3", marks=needs_s3)])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    if request.param == "local":
        yield LocalStorage(tmp_path / "store", "http://test/media/")
        return
    request.getfixturevalue("credentials")
    url = request.getfixturevalue("endpoint")
    yield S3Storage("pictures", "http://test/media/", url)


def key(prefix: str = "images") -> str:
    return f"{prefix}/{uuid4()}/full.webp"


async def test_an_object_can_be_read_after_put_and_not_after_delete(storage: Storage) -> None:
    name = key()
    assert await storage.read(name) is None
    await storage.put(name, PICTURE, "image/webp")
    assert await storage.read(name) == PICTURE
    await storage.delete([name])
    assert await storage.read(name) is None


async def test_a_copy_has_the_same_bytes_and_keeps_the_original(storage: Storage) -> None:
    source, target = key(), key("hidden/images")
    assert not await storage.copy(source, target)
    assert not await storage.exists(source)
    assert not await storage.exists(target)
    await storage.put(source, PICTURE, "image/webp")
    assert await storage.exists(source)
    for _ in range(2):
        assert await storage.copy(source, target)
        assert [await storage.read(name) for name in (source, target)] == [PICTURE] * 2


async def test_deleting_takes_many_keys_and_ignores_unknown_keys(storage: Storage) -> None:
    names = [key() for _ in range(5)]
    for name in names:
        await storage.put(name, PICTURE, "image/webp")
    await storage.delete([*names, key(), names[0]])
    assert [await storage.read(name) for name in names] == [None] * 5
    await storage.delete([])


async def test_objects_are_listed_by_prefix_with_their_time(storage: Storage) -> None:
    prefix = f"images/{uuid4()}"
    names = {f"{prefix}/{n}.webp" for n in range(3)}
    for name in [*names, key("avatars")]:
        await storage.put(name, PICTURE, "image/webp")
    listed = [stored async for batch in storage.list_objects(prefix + "/") for stored in batch]
    assert {stored.key for stored in listed} == names
    now = datetime.now(UTC)
    assert all(abs(now - stored.modified_at) < timedelta(minutes=1) for stored in listed)
    nothing = [batch async for batch in storage.list_objects(f"images/{uuid4()}/")]
    assert not any(nothing)


async def test_many_objects_are_listed_and_deleted_in_pages(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_at_once(monkeypatch)
    prefix = f"images/{uuid4()}/"
    names = {f"{prefix}{n}.webp" for n in range(5)}
    for name in names:
        await storage.put(name, PICTURE, "image/webp")
    pages = [[stored.key for stored in batch] async for batch in storage.list_objects(prefix)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {key for page in pages for key in page} == names
    behind = [batch async for batch in storage.list_objects(prefix, f"{prefix}1.webp")]
    assert [[stored.key for stored in batch] for batch in behind] == [
        [f"{prefix}2.webp", f"{prefix}3.webp"],
        [f"{prefix}4.webp"],
    ]
    await storage.delete(names)
    assert not any([batch async for batch in storage.list_objects(prefix)])


async def test_the_url_is_the_base_and_the_key(storage: Storage) -> None:
    assert storage.url("images/a.webp") == "http://test/media/images/a.webp"


async def test_a_working_store_passes_its_check_and_keeps_no_probe(
    storage: Storage,
) -> None:
    await storage.check()
    listed = [stored async for batch in storage.list_objects("probe/") for stored in batch]
    assert listed == []


@needs_s3
async def test_an_s3_object_has_its_type_and_an_immutable_cache_header(
    endpoint: str, credentials: pytest.MonkeyPatch
) -> None:
    name = key()
    await S3Storage("pictures", "", endpoint).put(name, PICTURE, "image/webp")
    head = client(endpoint).head_object(Bucket="pictures", Key=name)
    assert (head["ContentType"], head["CacheControl"]) == ("image/webp", CACHE_CONTROL)


@needs_s3
@pytest.mark.parametrize(
    ("bucket", "key_id", "secret", "says"),
    [
        ("no-such-bucket", ACCESS_KEY, SECRET_KEY, "does not exist"),
        ("pictures", READ_ONLY_KEY, READ_ONLY_SECRET, "access is denied"),
        ("pictures", ACCESS_KEY, "wrong", "access"),
    ],
)
async def test_the_check_names_the_reason(
    endpoint: str,
    credentials: pytest.MonkeyPatch,
    bucket: str,
    key_id: str,
    secret: str,
    says: str,
) -> None:
    credentials.setenv("AWS_ACCESS_KEY_ID", key_id)
    credentials.setenv("AWS_SECRET_ACCESS_KEY", secret)
    with pytest.raises(StorageMisconfigured, match=says) as refused:
        await S3Storage(bucket, "", endpoint).check()
    assert bucket in str(refused.value)
    assert secret not in str(refused.value)


@needs_s3
async def test_the_check_names_missing_credentials(
    endpoint: str, credentials: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    credentials.delenv("AWS_ACCESS_KEY_ID")
    credentials.delenv("AWS_SECRET_ACCESS_KEY")
    credentials.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    credentials.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(StorageMisconfigured, match="no AWS credentials"):
        await S3Storage("pictures", "", endpoint).check()


async def test_an_unreachable_server_is_a_temporary_error(
    credentials: pytest.MonkeyPatch,
) -> None:
    unreachable = S3Storage("pictures", "", "http://127.0.0.1:9")
    with pytest.raises(StorageError) as refused:
        await unreachable.read("images/a.webp")
    assert not isinstance(refused.value, StorageMisconfigured)


@pytest.mark.parametrize("bad", ["../secret", "images/../../secret", "/etc/passwd"])
async def test_a_key_outside_the_folder_is_refused(tmp_path: Path, bad: str) -> None:
    store = LocalStorage(tmp_path / "store", "")
    with pytest.raises(StorageError):
        await store.put(bad, PICTURE, "image/webp")
    with pytest.raises(StorageError):
        await store.read(bad)


@needs_s3
async def test_a_copy_in_s3_keeps_its_type_and_cache_header(
    endpoint: str, credentials: pytest.MonkeyPatch
) -> None:
    source, target = key(), key("hidden/images")
    storage = S3Storage("pictures", "", endpoint)
    await storage.put(source, PICTURE, "image/webp")
    await storage.copy(source, target)
    await storage.delete([source])
    await storage.copy(target, source)
    head = client(endpoint).head_object(Bucket="pictures", Key=source)
    assert (head["ContentType"], head["CacheControl"]) == ("image/webp", CACHE_CONTROL)


@needs_s3
async def test_the_doctor_reports_published_hidden_pictures(
    endpoint: str, credentials: pytest.MonkeyPatch
) -> None:
    checks = tuple(check for check in INSTALLATION_CHECKS if check.name == "pictures")
    settings = Settings(
        _env_file=None, storage="s3", s3_bucket=OPEN_BUCKET, s3_endpoint_url=endpoint,
        s3_public_url=f"{endpoint}/{OPEN_BUCKET}",
    )  # type: ignore[call-arg]  # fmt: skip
    async with open_installation(settings, "postgresql+asyncpg://127.0.0.1:1/none") as installation:
        findings = [result.words for result in await run_checks(installation, checks)]
    hidden = "anyone can load hidden images: what begins with hidden/ is served"
    assert findings == ["anybody can read the bucket by its own address", hidden]
    assert client(endpoint).list_objects_v2(Bucket=OPEN_BUCKET)["KeyCount"] == 0


@needs_s3
async def test_the_doctor_reports_a_public_bucket(
    endpoint: str, credentials: pytest.MonkeyPatch
) -> None:
    checks = tuple(check for check in INSTALLATION_CHECKS if check.name == "pictures")
    findings = []
    for bucket in (OPEN_BUCKET, "pictures"):
        settings = Settings(
            _env_file=None, storage="s3", s3_bucket=bucket, s3_endpoint_url=endpoint,
            public_url="http://127.0.0.1:1",
        )  # type: ignore[call-arg]  # fmt: skip
        async with open_installation(
            settings, "postgresql+asyncpg://127.0.0.1:1/none"
        ) as installation:
            findings.append([result.words for result in await run_checks(installation, checks)])
        left = client(endpoint).list_objects_v2(Bucket=bucket, Prefix="images/doctor")
        assert left["KeyCount"] == 0
    # No server serves pictures here, and the doctor reports that too.
    unserved = "clients can't load them (ConnectError)"
    assert findings == [["anybody can read the bucket by its own address", unserved], [unserved]]


async def test_a_server_that_says_nothing_is_a_temporary_error(
    credentials: pytest.MonkeyPatch,
) -> None:
    credentials.setattr(s3, "READ_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        storage = S3Storage("pictures", "", f"http://127.0.0.1:{silent.getsockname()[1]}")
        async with asyncio.timeout(HANG_SECONDS):
            with pytest.raises(StorageError) as refused:
                await storage.read("images/a.webp")
    assert not isinstance(refused.value, StorageMisconfigured)


async def test_a_server_that_takes_no_connection_is_a_temporary_error(
    credentials: pytest.MonkeyPatch,
) -> None:
    credentials.setattr(s3, "CONNECT_SECONDS", 0.1)
    with full_server() as port:
        storage = S3Storage("pictures", "", f"http://127.0.0.1:{port}")
        async with asyncio.timeout(HANG_SECONDS):
            with pytest.raises(StorageError):
                await storage.read("images/a.webp")
