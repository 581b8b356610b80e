"""Reads the parts of a multipart body that has a file."""

from collections.abc import Mapping
from contextlib import aclosing

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from app.core.errors import BadRequest

FIELD = "file"
"""The name of the part that is the file."""


def is_form(request: Request) -> bool:
    """Whether the body says that it is a multipart form."""
    kind, _ = parse_options_header(request.headers.get("content-type"))
    return kind == b"multipart/form-data"


class UploadParser(MultiPartParser):
    """Takes the part `file` as the file, and knows no other charset than UTF-8.

    RFC 7578 has no charset of a form. Python would look for the codec of any name, remember each
    that it does not find, and fail with `undefined`.
    """

    @classmethod
    async def of(cls, request: Request, limits: Mapping[str, int]) -> FormData:
        """The form that is the body. Raises BadRequest."""
        _, options = parse_options_header(request.headers["content-type"])
        if not options.get(b"boundary"):
            raise BadRequest
        kind = b'multipart/form-data; boundary="%s"' % options[b"boundary"]
        try:
            async with aclosing(request.stream()) as body:
                return await cls(Headers(raw=[(b"content-type", kind)]), body, **limits).parse()
        except MultiPartException:
            raise BadRequest from None

    def on_headers_finished(self) -> None:
        """Called by the parser when it has the headers of a part."""
        _, options = parse_options_header(self._current_part.content_disposition)
        if options.get(b"name") == FIELD.encode():
            # Dart's `MultipartFile.fromBytes` gives a file no name. Then it would be a text.
            named = b'form-data; name="file"; filename="file"'
            self._current_part.content_disposition = named
        super().on_headers_finished()


class OneFileParser(UploadParser):
    """Keeps nothing but the name of a part that is a text."""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Called by the parser for each piece of a part."""
        if self._current_part.file is not None:
            super().on_part_data(data, start, end)
