"""A bucket of S3, or of another store with its protocol.

Credentials come from boto3's default chain (on EC2 the instance's role), not from our settings.
The bucket stays private. Clients load pictures from `LINKY_S3_PUBLIC_URL`, for example a CloudFront
distribution. Without it they load them through the app.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import batched
from threading import Lock
from typing import Any
from uuid import uuid4

from app.core.settings.database_tls import untrusted
from app.integrations.storage.base import (
    CACHE_CONTROL,
    StorageError,
    StorageMisconfigured,
    StoredObject,
)

THREADS = 8
CONNECT_SECONDS = 2
READ_SECONDS = 3
ATTEMPTS = 2
"""With `Expect: 100-continue` each attempt waits one more second before it sends the body. So with
a bucket that does not answer, a call takes about ten seconds and then gets a 503. Jobs are tried
again anyway.
"""

THREAD_SECONDS = 5
"""How long a call waits for a free thread. If the store hangs, all threads wait for it."""

DELETED_AT_ONCE = LISTED_AT_ONCE = 1000
"""The number of keys that one call takes or returns at most."""

DEFAULT_REGION = "us-east-1"

_NO_BUCKET = "it does not exist; create it, or set LINKY_S3_BUCKET to the one that does"
_OTHER_REGION = "it is in another region; set AWS_DEFAULT_REGION to the bucket's"
_NO_ACCESS = (
    "access is denied; the role needs s3:ListBucket, s3:GetObject, s3:PutObject and "
    "s3:DeleteObject on it"
)
_ADVICE = {
    "404": _NO_BUCKET,
    "NoSuchBucket": _NO_BUCKET,
    "301": _OTHER_REGION,
    "PermanentRedirect": _OTHER_REGION,
    "400": "the request was refused; check the region and the credentials",
    "403": _NO_ACCESS,
    "AccessDenied": _NO_ACCESS,
    "InvalidAccessKeyId": "the access key is unknown",
    "SignatureDoesNotMatch": "the secret access key is wrong",
    "ExpiredToken": "the credentials have expired",
}
"""What is wrong with the bucket and how to repair it, by S3's error code."""


class S3Storage:
    """Objects in a bucket. boto3 blocks, so it has threads of its own."""

    def __init__(self, bucket: str, base_url: str, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._base_url = base_url
        self._endpoint_url = endpoint_url
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self._lock = Lock()
        self._made_client: Any = None

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        await self._call(
            "put_object", Key=key, Body=data, ContentType=content_type, CacheControl=CACHE_CONTROL
        )

    async def read(self, key: str) -> bytes | None:
        return await self._run(partial(self._read, key))

    async def exists(self, key: str) -> bool:
        return await self._run(partial(self._exists, key))

    async def copy(self, source: str, target: str) -> bool:
        return await self._run(partial(self._copy, source, target))

    async def delete(self, keys: Iterable[str]) -> None:
        for batch in batched(keys, DELETED_AT_ONCE, strict=False):
            objects = {"Objects": [{"Key": key} for key in batch], "Quiet": True}
            answer = await self._call("delete_objects", Delete=objects)
            if errors := answer.get("Errors"):
                raise StorageError(f"{len(errors)} objects were not deleted: {errors[0]['Code']}")

    async def list_objects(self, prefix: str, after: str = "") -> AsyncIterator[list[StoredObject]]:
        continuation = {"StartAfter": after} if after else {}
        while True:
            answer = await self._call(
                "list_objects_v2", Prefix=prefix, MaxKeys=LISTED_AT_ONCE, **continuation
            )
            yield [_stored_object(item) for item in answer.get("Contents", [])]
            if not answer.get("IsTruncated"):
                return
            continuation = {"ContinuationToken": answer["NextContinuationToken"]}

    def url(self, key: str) -> str:
        return self._base_url + key

    async def check(self) -> None:
        key = f"probe/{uuid4()}"
        await self._call("head_bucket")
        await self.put(key, b"probe", "text/plain")
        await self._call("get_object", Key=key)
        await self.delete([key])

    async def is_public(self) -> bool:
        """Whether the bucket itself serves objects to clients without credentials."""
        key = f"probe/{uuid4()}"
        await self.put(key, b"probe", "text/plain")
        try:
            return await self._run(partial(self._can_read_unsigned, key))
        finally:
            await self.delete([key])

    # What runs in a thread

    def _read(self, key: str) -> bytes | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        body: bytes = answer["Body"].read()
        return body

    def _exists(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            # The answer to HEAD has no body with an error code. Its status is all there is.
            if _code_of(error) == "404":
                return False
            raise
        return True

    def _copy(self, source: str, target: str) -> bool:
        """Copy inside S3, with the content type and the caching rules."""
        origin = {"Bucket": self._bucket, "Key": source}
        try:
            self._client.copy_object(Bucket=self._bucket, Key=target, CopySource=origin)
        except self._client.exceptions.NoSuchKey:
            return False
        return True

    def _can_read_unsigned(self, key: str) -> bool:
        from botocore import UNSIGNED
        from botocore.exceptions import ClientError

        try:
            self._make_client(signature_version=UNSIGNED).get_object(Bucket=self._bucket, Key=key)
        except ClientError:
            return False
        return True

    # How boto3 is called

    async def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call one of the client's methods with our bucket. Raises StorageError."""

        def call() -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self._client, operation)(Bucket=self._bucket, **params)
            return answer

        return await self._run(call)

    async def _run[Result](self, act: Callable[[], Result]) -> Result:
        """Run a function in one of the threads.

        Raises StorageError for boto3's errors, and if no thread was free in time. What has begun is
        not given up for its time: after such a failure nothing is still on its way to the store.
        """

        def guarded() -> Result:
            with _as_storage_error(self._bucket):
                return act()

        call = self._threads.submit(guarded)
        answer = asyncio.wrap_future(call)
        try:
            await asyncio.wait([answer], timeout=THREAD_SECONDS)
            if call.cancel():  # Only what has not begun can be cancelled.
                raise StorageError("S3 is out of reach: all threads wait for it")
            return await answer
        finally:
            answer.cancel()

    @property
    def _client(self) -> Any:
        """Made for the first call: it takes 20 MB and a quarter of a second."""
        with self._lock:
            if self._made_client is None:
                self._made_client = self._make_client()
            return self._made_client

    def _make_client(self, **config: Any) -> Any:
        import boto3
        from botocore.config import Config

        session = boto3.session.Session()
        return session.client(
            "s3",
            endpoint_url=self._endpoint_url,
            region_name=session.region_name or DEFAULT_REGION,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                max_pool_connections=THREADS,
                s3={"addressing_style": "path" if self._endpoint_url else "auto"},
                **config,
            ),
        )


def _stored_object(item: dict[str, Any]) -> StoredObject:
    return StoredObject(item["Key"], item["LastModified"], item["Size"], item["ETag"].strip('"'))


@contextmanager
def _as_storage_error(bucket: str) -> Iterator[None]:
    """Turn boto3's errors into ours. StorageMisconfigured says what an operator has to change."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        code = _code_of(error)
        if code in _ADVICE:
            words = f"The bucket {bucket} can't be used: {_ADVICE[code]}."
            raise StorageMisconfigured(words) from error
        raise StorageError(f"S3 refused: {code}") from error
    except NoCredentialsError as error:
        raise StorageMisconfigured(
            f"The bucket {bucket} can't be used: there are no AWS credentials; give the instance "
            "a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error
    except BotoCoreError as error:
        reason = untrusted(error)
        words = reason or type(error).__name__
        raise StorageError(f"S3 is out of reach: {words}") from error


def _code_of(error: Any) -> str:
    code: str = error.response.get("Error", {}).get("Code", "")
    return code
