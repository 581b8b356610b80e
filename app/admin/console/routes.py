"""The routes of the console: each refusal is a page."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from app.admin.console.gate import COOKIE, forget
from app.admin.console.render import SECOND_STEP, SIGN_IN, by_script, locale_of, render, sentence
from app.core.errors import AppError, NotAuthenticated, NotFound, ServiceUnavailable, SessionRevoked
from app.core.unavailable import is_unavailable
from app.user.exceptions import MfaRequired, SessionIdle
from app.web.problems import error_headers


class ConsoleRoute(APIRoute):
    """Without a session the browser goes to the sign-in page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except SessionIdle:
                return _to_sign_in(request, f"{SIGN_IN}?ended=idle")
            except (NotAuthenticated, SessionRevoked):
                return _to_sign_in(request)
            except MfaRequired:
                return _to_sign_in(request, SECOND_STEP)
            except RequestValidationError:
                return _refusal_page(request, NotFound())
            except AppError as error:
                return _refusal_page(request, error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return _refusal_page(request, ServiceUnavailable())

        return handle_as_page


def _to_sign_in(request: Request, page: str = SIGN_IN) -> Response:
    if by_script(request):
        # htmx would follow a 303 by itself, and put the sign-in form into the page.
        return Response(headers={"HX-Redirect": page})
    response = RedirectResponse(page, 303)
    if request.cookies.get(COOKIE) and page != SECOND_STEP:
        forget(response)
    return response


def _refusal_page(request: Request, error: AppError) -> Response:
    """A page that says only why the request was refused."""
    title = error.title.in_(locale_of(request))
    response = render(
        request, "refusal.html", error.status, title=title, banner=sentence(request, error)
    )
    response.headers.update(error_headers(error))
    return response
