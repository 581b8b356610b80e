"""A bucket of S3, or of anything that speaks its protocol.

Credentials come from boto3's default chain (on EC2 the instance's role), never from our settings.
The bucket stays private: clients load from `LINKY_S3_PUBLIC_URL` (a CloudFront distribution, say),
or through the app where there is none.
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
"""Each waits another second for leave to send its body: a bucket that is silent costs a request
some ten seconds, and then it answers 503. Jobs come again by themselves.
"""

DELETED_AT_ONCE = LISTED_AT_ONCE = 1000
"""As many keys as one call takes, or gives."""
DEFAULT_REGION = "us-east-1"

_WHAT_TO_DO = {
    "404": "it does not exist; create it, or set LINKY_S3_BUCKET to the one that does",
    "NoSuchBucket": "it does not exist; create it, or set LINKY_S3_BUCKET to the one that does",
    "301": "it is in another region; set AWS_DEFAULT_REGION to the bucket's",
    "PermanentRedirect": "it is in another region; set AWS_DEFAULT_REGION to the bucket's",
    "400": "the request was refused; check the region and the credentials",
    "403": "access is denied; the role needs s3:ListBucket, s3:GetObject, s3:PutObject and "
    "s3:DeleteObject on it",
    "AccessDenied": "access is denied; the role needs s3:ListBucket, s3:GetObject, s3:PutObject "
    "and s3:DeleteObject on it",
    "InvalidAccessKeyId": "the access key is unknown",
    "SignatureDoesNotMatch": "the secret access key is wrong",
    "ExpiredToken": "the credentials have expired",
}


class S3Storage:
    """Objects in a bucket. boto3 blocks, so it has threads of its own."""

    def __init__(self, bucket: str, base_url: str, endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._base_url = base_url
        self._endpoint_url = endpoint_url
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")
        self._lock = Lock()
        self._made: Any = None

    @property
    def _client(self) -> Any:
        """Made with the first call: some 20 MB and a quarter of a second."""
        with self._lock:
            if self._made is None:
                self._made = self._make_client()
            return self._made

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
        for some in batched(keys, DELETED_AT_ONCE, strict=False):
            objects = {"Objects": [{"Key": key} for key in some], "Quiet": True}
            answer = await self._call("delete_objects", Delete=objects)
            if errors := answer.get("Errors"):
                raise StorageError(f"{len(errors)} objects were not deleted: {errors[0]['Code']}")

    async def list_objects(self, prefix: str) -> AsyncIterator[list[StoredObject]]:
        more: dict[str, str] = {}
        while True:
            answer = await self._call(
                "list_objects_v2", Prefix=prefix, MaxKeys=LISTED_AT_ONCE, **more
            )
            yield [
                StoredObject(o["Key"], o["LastModified"], o["Size"], o["ETag"].strip('"'))
                for o in answer.get("Contents", [])
            ]
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def url(self, key: str) -> str:
        return self._base_url + key

    async def check(self) -> None:
        key = f"probe/{uuid4()}"
        await self._call("head_bucket")
        await self.put(key, b"probe", "text/plain")
        await self._call("get_object", Key=key)
        await self.delete([key])

    async def is_public(self) -> bool:
        """Whether who has no credentials can read what is in the bucket, past our own addresses."""
        key = f"probe/{uuid4()}"
        await self.put(key, b"probe", "text/plain")
        try:
            return await self._run(partial(self._anybody_reads, key))
        finally:
            await self.delete([key])

    def _anybody_reads(self, key: str) -> bool:
        from botocore import UNSIGNED
        from botocore.exceptions import ClientError

        try:
            self._make_client(signature_version=UNSIGNED).get_object(Bucket=self._bucket, Key=key)
        except ClientError:
            return False
        return True

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
            # A HEAD has no body to name the error in: only its status tells.
            if _code_of(error) == "404":
                return False
            raise
        return True

    def _copy(self, source: str, target: str) -> bool:
        """Inside S3. Type and caching rules go along."""
        origin = {"Bucket": self._bucket, "Key": source}
        try:
            self._client.copy_object(Bucket=self._bucket, Key=target, CopySource=origin)
        except self._client.exceptions.NoSuchKey:
            return False
        return True

    async def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        def call() -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self._client, operation)(Bucket=self._bucket, **params)
            return answer

        return await self._run(call)

    async def _run[Result](self, act: Callable[[], Result]) -> Result:
        def guarded() -> Result:
            with _as_storage_error(self._bucket):
                return act()

        return await asyncio.get_running_loop().run_in_executor(self._threads, guarded)


@contextmanager
def _as_storage_error(bucket: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        code = _code_of(error)
        if code in _WHAT_TO_DO:
            raise StorageMisconfigured(
                f"The bucket {bucket} can't be used: {_WHAT_TO_DO[code]}."
            ) from error
        raise StorageError(f"S3 refused: {code}") from error
    except NoCredentialsError as error:
        raise StorageMisconfigured(
            f"The bucket {bucket} can't be used: there are no AWS credentials; give the instance "
            "a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error
    except BotoCoreError as error:
        raise StorageError(f"S3 is out of reach: {type(error).__name__}") from error


def _code_of(error: Any) -> str:
    code: str = error.response.get("Error", {}).get("Code", "")
    return code
