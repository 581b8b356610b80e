"""Routes of pages for a browser: a refusal is a page, too."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from app.core.errors import (
    AppError,
    BadRequest,
    PayloadTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)
from app.core.unavailable import is_unavailable
from app.web.problems import as_app_error, error_headers, validation_error

_OF_THE_BODY = (BadRequest, PayloadTooLarge, RequestTimeout, UnsupportedMediaType)


async def sent_fields(request: Request, error: AppError) -> FormData:
    """The fields of a form that was refused, so that a page can keep what was typed.

    Empty for a form with a file, and where the body itself was refused: it can't be read again.
    """
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded") and not isinstance(error, _OF_THE_BODY):
        return await request.form()
    return FormData()


class PageRoute(APIRoute):
    """A browser gets the page of an error, and each other client the problem that it expects.

    A browser says in `Accept` that it takes `text/html`; a program says `*/*` or nothing.
    """

    async def refusal_page(self, request: Request, error: AppError) -> Response:
        """The page of an error, in the look of the feature's other pages."""
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            if "text/html" not in request.headers.get("accept", ""):
                return await handle(request)
            try:
                return await handle(request)
            except RequestValidationError as error:
                return await self._page(request, validation_error(request, error.errors()))
            except AppError as error:
                return await self._page(request, error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return await self._page(request, as_app_error(error))

        return handle_as_page

    async def _page(self, request: Request, error: AppError) -> Response:
        page = await self.refusal_page(request, error)
        page.headers.update(error_headers(error))
        return page
