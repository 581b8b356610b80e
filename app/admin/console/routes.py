"""The routes of the console: each refusal is a page."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from app.admin.console.form import OURS, form_of
from app.admin.console.gate import COOKIE, forget
from app.admin.console.render import (
    REFUSAL,
    SECOND_STEP,
    SIGN_IN,
    SIGNED_OUT,
    by_script,
    locale_of,
    render,
    sentence,
)
from app.core.errors import AppError, NotAuthenticated, NotFound, ServiceUnavailable, SessionRevoked
from app.core.unavailable import is_unavailable
from app.user.exceptions import MfaRequired, SessionIdle
from app.web.problems import error_headers

_NEVER_SHOWN = ("setup", "code", "present", "password")
"""Fields of the sign-in that hold secrets."""


class ConsoleRoute(APIRoute):
    """Without a session the browser goes to the sign-in page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except SessionIdle:
                return await _to_sign_in(request, f"{SIGN_IN}?ended=idle")
            except (NotAuthenticated, SessionRevoked):
                return await _to_sign_in(request)
            except MfaRequired:
                return await _to_sign_in(request, SECOND_STEP)
            except RequestValidationError:
                return _refusal_page(request, NotFound())
            except AppError as error:
                return _refusal_page(request, error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return _refusal_page(request, ServiceUnavailable())

        return handle_as_page


async def _to_sign_in(request: Request, page: str = SIGN_IN) -> Response:
    """A page of the sign-in. Of a form that was sent, a page that keeps what the admin typed."""
    if by_script(request):
        return render(request, "signed_out.html", 401, SIGNED_OUT, typed=[])
    if request.method == "POST" and not request.url.path.endswith("/sign-out"):
        typed = await _typed(request)
        return render(request, "signed_out.html", 401, SIGNED_OUT, typed=typed)
    response = RedirectResponse(page, 303)
    if request.cookies.get(COOKIE) and page != SECOND_STEP:
        forget(response)
    return response


async def _typed(request: Request) -> list[str]:
    """What the admin typed into a form, which was not carried out."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return []  # A file of a stranger is not read.
    form = form_of(await request.form())
    hidden = (*OURS, *_NEVER_SHOWN)
    return [value for name, value in form.fields.items() if name not in hidden and value]


def _refusal_page(request: Request, error: AppError) -> Response:
    """A page that says only why the request was refused."""
    title = error.title.in_(locale_of(request))
    response = render(
        request, "refusal.html", error.status, REFUSAL, title=title, banner=sentence(request, error)
    )
    response.headers.update(error_headers(error))
    return response
