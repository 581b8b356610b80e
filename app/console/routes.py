"""The routes of the console: each refusal is a page."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse

from app.console.form import OURS, form_of
from app.console.gate import forget_session
from app.console.render import (
    REFUSAL,
    SECOND_STEP,
    SIGN_IN,
    SIGNED_OUT,
    by_script,
    locale_of,
    render,
    sentence,
)
from app.core.errors import AppError, NotAuthenticated, NotFound, SessionRevoked
from app.core.unavailable import is_unavailable
from app.user.exceptions import MfaRequired, SessionIdle
from app.web.page_route import sent_fields
from app.web.problems import as_app_error, error_headers

_NEVER_SHOWN = ("setup", "code", "present", "password")
"""Fields of the sign-in that hold secrets."""

_CHOSEN = (
    *("action", "decision", "item", "page", "verb"),
    *("days", "hide_content", "locale", "push", "publish_at"),
)
"""Fields that are chosen by a button, a box or a list, and not typed."""


class ConsoleRoute(APIRoute):
    """Without a session the browser goes to the sign-in page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_as_page(request: Request) -> Response:
            try:
                return await handle(request)
            except SessionIdle as error:
                return await _to_sign_in(request, error, f"{SIGN_IN}?ended=idle")
            except (NotAuthenticated, SessionRevoked) as error:
                return await _to_sign_in(request, error)
            except MfaRequired as error:
                return await _to_sign_in(request, error, SECOND_STEP)
            except RequestValidationError:
                return await _refusal_page(request, NotFound())
            except AppError as error:
                return await _refusal_page(request, error)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                return await _refusal_page(request, as_app_error(error))

        return handle_as_page


async def _to_sign_in(request: Request, error: AppError, page: str = SIGN_IN) -> Response:
    """A page of the sign-in. Of a form that was sent, a page that keeps what the admin typed."""
    is_sent = request.method == "POST" and not request.url.path.endswith("/sign-out")
    if is_sent or by_script(request):
        typed = await _typed(request, error)
        return render(request, "signed_out.html", 401, SIGNED_OUT, typed=typed)
    response = RedirectResponse(page, 303)
    if page != SECOND_STEP:
        forget_session(request, response)
    return response


async def _typed(request: Request, error: AppError) -> list[str]:
    """What the admin typed into a form, which was not carried out. A script still has the form."""
    if by_script(request):
        return []
    form = form_of(await sent_fields(request, error))
    hidden = (*OURS, *_NEVER_SHOWN, *_CHOSEN)
    return [value for name, value in form.fields.items() if name not in hidden and value]


async def _refusal_page(request: Request, error: AppError) -> Response:
    """A page that says why the request was refused, and keeps what the admin typed."""
    shown = {
        "title": error.title.in_(locale_of(request)),
        "banner": sentence(request, error),
        "appeal_url": error.members.get("appeal_url"),
    }
    typed = await _typed(request, error)
    response = render(request, "refusal.html", error.status, REFUSAL, typed=typed, **shown)
    response.headers.update(error_headers(error))
    return response
