"""Reads a file in a multipart body, after its sender is known and has a slot.

Until then the body stays in the network's buffers and costs this process nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, BinaryIO
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.types import Message, Receive

from app.core.errors import (
    BadRequest,
    Overloaded,
    PayloadTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
    ValidationFailed,
)
from app.core.field_texts import EXTRA_FORBIDDEN, MISSING
from app.runtime.context import Context
from app.web.form_parser import FIELD, OneFileParser, UploadParser, is_form
from app.web.middleware import FILE_LIMIT
from app.web.runtime import runtime_of

SILENT_SECONDS = 10.0
"""A body that sends nothing for so long loses its slot."""

GRACE_SECONDS = 20.0
SLOWEST_BYTES_A_SECOND = 16 * 1024
"""The slowest average after the grace. A phone has more, even after its monthly data is used up."""

LONGEST_SECONDS = 200.0
"""The limit for one body. A photo of 3 MB comes in time at the slowest average (183 s), and the
largest file at 52 KiB/s.
"""

LONGEST_TEXT = 1024
"""Bytes of a text beside a file, in a form of the console. A text is kept in memory."""

MOST_OTHERS = 20
"""Parts that an upload may have beside its file, so that the refusal can name them."""

REFUSALS = (
    BadRequest,
    Overloaded,
    PayloadTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
    ValidationFailed,
)
"""For the `@raises` of a route that reads a file by `uploaded_file`."""

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "additionalProperties": False,
                    "properties": {
                        FIELD: {
                            "type": "string",
                            "format": "binary",
                            "description": "JPEG, PNG, WebP or HEIC; 10 MiB, 25 megapixels "
                            "and 20,000 pixels a side at most. The file's name and declared type "
                            "are ignored.",
                        }
                    },
                }
            }
        },
    }
}
"""For the `openapi_extra` of a route that reads a file by `uploaded_file`."""


@asynccontextmanager
async def uploaded_file(request: Request, ctx: Context, user_id: UUID) -> AsyncIterator[BinaryIO]:
    """The part `file` of the body. It holds an upload slot until it is closed.

    A body takes up to minutes, so the connection of `ctx` is given back before it is read. The
    client's file name and content type are ignored. Raises UnsupportedMediaType, Overloaded,
    RequestTimeout, BadRequest, ValidationFailed, PayloadTooLarge.
    """
    await ctx.release_connection()
    limits = {"max_files": 1 + MOST_OTHERS, "max_fields": MOST_OTHERS}
    async with _form(request, user_id, OneFileParser, limits) as form:
        others = [name for name in form if name != FIELD]
        if others:
            raise ValidationFailed(*(EXTRA_FORBIDDEN.at(name) for name in others[:MOST_OTHERS]))
        yield file_of(form)


@asynccontextmanager
async def uploaded_form(request: Request, user_id: UUID, *, fields: int) -> AsyncIterator[FormData]:
    """A form with a part `file` and up to `fields` short texts, as `uploaded_file` reads it."""
    limits = {"max_files": 1, "max_fields": fields, "max_part_size": LONGEST_TEXT}
    async with _form(request, user_id, UploadParser, limits) as form:
        yield form


@asynccontextmanager
async def _form(
    request: Request, user_id: UUID, parser: type[UploadParser], limits: Mapping[str, int]
) -> AsyncIterator[FormData]:
    if not is_form(request):
        raise UnsupportedMediaType
    async with runtime_of(request).admissions.uploads.slot(str(user_id)):
        steady = Request(request.scope, _in_time(request.receive))
        form = await parser.of(steady, limits)
        try:
            yield form
        finally:
            await form.close()


def file_of(form: FormData) -> BinaryIO:
    """The file of an uploaded form.

    Raises ValidationFailed without one, BadRequest for two, PayloadTooLarge.
    """
    files = form.getlist(FIELD)
    if not files:
        raise ValidationFailed(MISSING.at(FIELD))
    file, *more = files
    if more or not isinstance(file, UploadFile):
        raise BadRequest
    if (file.size or 0) > FILE_LIMIT:
        raise PayloadTooLarge
    return file.file


def _in_time(receive: Receive) -> Receive:
    """Ends a body that stops or trickles: meanwhile it holds an upload slot."""
    clock = asyncio.get_running_loop().time
    slowest_end, last_end = clock() + GRACE_SECONDS, clock() + LONGEST_SECONDS

    async def receive_in_time() -> Message:
        nonlocal slowest_end
        try:
            async with asyncio.timeout_at(min(slowest_end, last_end, clock() + SILENT_SECONDS)):
                message = await receive()
        except TimeoutError:
            raise RequestTimeout from None
        if message["type"] == "http.disconnect":
            raise BadRequest  # The client has disconnected. Other errors are logged as ours.
        slowest_end += len(message.get("body", b"")) / SLOWEST_BYTES_A_SECOND
        return message

    return receive_in_time
