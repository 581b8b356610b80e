"""One file in a multipart body, read after the caller is known to be allowed to send it."""

from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from app.core.errors import FieldError, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from app.core.middleware import FILE_LIMIT

FIELD = "file"

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [FIELD],
                    "properties": {
                        FIELD: {
                            "type": "string",
                            "format": "binary",
                            "description": "JPEG, PNG, WebP or HEIC, 10 MiB and 25 megapixels "
                            "at most. The name and the type that it is sent with don't matter.",
                        }
                    },
                }
            }
        },
    }
}
"""The `openapi_extra` of a route that reads a file by `read_file`."""


async def read_file(request: Request) -> bytes:
    """The bytes of the part `file`. Its name and type are nobody's word for anything.

    Raises UnsupportedMediaType, ValidationFailed, PayloadTooLarge.
    """
    kind = request.headers.get("content-type", "").lower()
    if not kind.startswith("multipart/form-data"):
        raise UnsupportedMediaType
    async with request.form(max_files=1, max_fields=5) as form:
        others = [name for name in form if name != FIELD]
        if others:
            raise ValidationFailed(*(FieldError(f"body.{n}", "extra_forbidden") for n in others))
        file = form.get(FIELD)
        if not isinstance(file, UploadFile):
            raise ValidationFailed(FieldError(f"body.{FIELD}", "missing"))
        if (file.size or 0) > FILE_LIMIT:
            raise PayloadTooLarge
        return await file.read()
