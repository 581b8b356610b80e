"""The header `Idempotency-Key`: a retry of a creating POST gets the first answer again."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any, BinaryIO, get_args, get_origin, get_type_hints

from anyio import to_thread
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.core.errors import IdempotencyInProgress, IdempotencyKeyReused
from app.core.idempotency import Answer, IdempotencyRepository, KeyedRequest, fingerprints
from app.core.schemas import Secret
from app.runtime.context import Context
from app.web.dependencies import Caller, TokenCaller
from app.web.openapi import raises
from app.web.responses import PRIVATE
from app.web.runtime import runtime_of

HASHED_AT_ONCE = 256 * 1024
"""Bytes of a file in one chunk."""

IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The client makes a key for each thing that it creates. A retry with the same "
        "key creates nothing, and gets the first answer again.",
    ),
]


class Once:
    """Runs a creating POST once for each `Idempotency-Key`. Without a key it runs each time."""

    def __init__(self, request: Request, key: str | None, caller: Caller) -> None:
        self._request = request
        self._key = key
        self._caller = caller

    async def run(
        self, ctx: Context, act: Callable[[], Awaitable[Response]], content: BinaryIO | None = None
    ) -> Response:
        """The answer of `act`, or the answer that the same request got before.

        `content` is the uploaded file if the body is not JSON. Raises IdempotencyInProgress
        while the first request runs, and IdempotencyKeyReused if the key came with another
        request. A refusal that `act` raises does not use up the key.
        """
        keyed = await self.keyed_request(content)
        if keyed is None:
            return await act()
        answers = IdempotencyRepository(ctx.db)
        if not await answers.lock(keyed):
            raise IdempotencyInProgress
        kept = await answers.find(keyed, ctx.clock())
        if kept is not None:
            await ctx.transaction.rollback()  # It has the lock on the key, and nothing else.
            return answer_response(kept)
        response = await act()
        await answers.keep(keyed, _answer(response), ctx.clock())
        return response

    async def find_kept(self, ctx: Context, content: BinaryIO | None = None) -> Response | None:
        """The answer that the same request got before. Call it before slow work."""
        keyed = await self.keyed_request(content)
        if keyed is None:
            return None
        kept = await IdempotencyRepository(ctx.db).find(keyed, ctx.clock())
        await ctx.release_connection()
        return None if kept is None else answer_response(kept)

    async def keyed_request(self, content: BinaryIO | None = None) -> KeyedRequest | None:
        """The request and its key, for a use case that keeps the answer itself. None without."""
        if self._key is None:
            return None
        if content is None:
            digest = await _digest_of_json(self._request)
        else:
            digest = await to_thread.run_sync(_digest_of_file, self._request, content)
        secrets = runtime_of(self._request).settings.signing_keys.values()
        kept_as = fingerprints(digest, secrets, holds_secret=sends_secret(self._request))
        return KeyedRequest(self._caller.claims.user_id, self._key, kept_as)


@raises(IdempotencyInProgress, IdempotencyKeyReused)
async def get_once(request: Request, caller: TokenCaller, key: IdempotencyKeyHeader = None) -> Once:
    return Once(request, key, caller)


Idempotent = Annotated[Once, Depends(get_once)]


def _answer(response: Response) -> Answer:
    return Answer(response.status_code, response.headers.get("location"), bytes(response.body))


def answer_response(answer: Answer) -> Response:
    headers = {"Cache-Control": PRIVATE}
    if answer.is_replay:
        headers["Idempotency-Replayed"] = "true"
    if answer.location:
        headers["Location"] = answer.location
    return Response(
        answer.body, status_code=answer.status, headers=headers, media_type="application/json"
    )


def sends_secret(request: Request) -> bool:
    """Whether the body of the request's route has a field for a password or a token."""
    body = request.scope["route"].body_field
    return body is not None and form_holds_secret(body.field_info.annotation)


@cache
def form_holds_secret(form: Any) -> bool:
    """Whether a request's model, or what it is made of, has a `Secret`."""
    return _holds_secret(form)


def _holds_secret(kind: Any) -> bool:
    if get_origin(kind) is Annotated:
        is_secret = get_args(Secret)[1] in kind.__metadata__
        return is_secret or _holds_secret(kind.__origin__)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any(map(_holds_secret, get_type_hints(kind, include_extras=True).values()))
    return any(map(_holds_secret, get_args(kind)))


async def _digest_of_json(request: Request) -> bytes:
    """A digest of method, path and body. Spaces and the order of the JSON's keys do not count."""
    body = (await request.body()).strip()
    spelled = json.dumps(json.loads(body), sort_keys=True) if body else ""
    return hashlib.sha256(_target(request) + spelled.encode()).digest()


def _digest_of_file(request: Request, file: BinaryIO) -> bytes:
    """A digest of method, path and file, read in chunks. Blocks: run it in a thread."""
    digest = hashlib.sha256(_target(request))
    file.seek(0)
    while chunk := file.read(HASHED_AT_ONCE):
        digest.update(chunk)
    return digest.digest()


def _target(request: Request) -> bytes:
    return f"{request.method} {request.url.path}\0".encode("utf-8", "replace")
