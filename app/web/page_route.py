"""Routes of pages for a browser: a refusal is a page, too."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.core.errors import AppError
from app.web.problems import error_headers, validation_error


class PageRoute(APIRoute):
    """A browser gets the page of an error, and each other client the problem that it expects.

    A browser says in `Accept` that it takes `text/html`; a program says `*/*` or nothing.
    """

    def refusal_page(self, request: Request, error: AppError) -> Response:
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
                return self._page(request, validation_error(request, error.errors()))
            except AppError as error:
                return self._page(request, error)

        return handle_as_page

    def _page(self, request: Request, error: AppError) -> Response:
        page = self.refusal_page(request, error)
        page.headers.update(error_headers(error))
        return page
