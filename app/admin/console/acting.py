"""What the console's pages share: one act in one transaction, and a refusal shown in its place."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from app.admin.console.gate import ensure_own_form
from app.admin.console.render import sentence, wrong_field
from app.admin.enums import TargetType
from app.admin.service import AdminService
from app.core.context import Context
from app.core.dependencies import client_address
from app.core.errors import AppError, NotFound
from app.core.pagination import DEFAULT_LIMIT, PageRequest
from app.core.runtime import runtime_of
from app.lounge_request.exceptions import AlreadyDecided
from app.moderation.exceptions import ReportResolved
from app.user.policy import Viewer

type Act = Callable[[AdminService], Awaitable[object]]
type Show = Callable[..., Awaitable[Response]]


def acts_of(request: Request, ctx: Context, admin: Viewer) -> AdminService:
    return AdminService(ctx, admin, client_address(request))


def page_at(request: Request, cursor: str | None) -> PageRequest:
    return PageRequest(DEFAULT_LIMIT, cursor or None, runtime_of(request).settings)


async def own_form(request: Request, admin: Viewer) -> FormData:
    """Raises Forbidden for a form that is not ours."""
    form = await request.form()
    ensure_own_form(request, form, admin, runtime_of(request).settings)
    return form


def text_of(form: FormData, name: str) -> str:
    return str(form.get(name, ""))


def must_be(verb: str, wanted: str) -> None:
    if verb != wanted:
        raise NotFound


async def do(
    request: Request,
    admin: Viewer,
    act: Act,
    show: Show,
    page: str,
    done: str,
    target_id: UUID | None,
    form: FormData,
) -> Response:
    """One act, in one transaction. A refusal shows the page again, with the form as it was."""
    try:
        async with runtime_of(request).unit_of_work() as ctx:
            await act(acts_of(request, ctx, admin))
    except (ValidationError, AppError) as error:
        return await _refused(request, admin, show, target_id, form, error)
    return RedirectResponse(f"/admin/{page}?done={done}", 303)


async def _refused(
    request: Request,
    admin: Viewer,
    show: Show,
    target_id: UUID | None,
    form: FormData,
    error: ValidationError | AppError,
) -> Response:
    if isinstance(error, ValidationError):
        words, code = wrong_field(request, error), 422
    else:
        words, code = sentence(request, error), error.status
    failed = {"id": str(target_id or ""), "form": form, "verb": request.url.path.rpartition("/")[2]}
    decided = isinstance(error, (AlreadyDecided, ReportResolved))
    last = await _last_act(request, admin, target_id) if decided and target_id else None
    return await show(request, admin, code=code, banner=words, failed=failed, last=last)


async def _last_act(request: Request, admin: Viewer, target_id: UUID) -> dict[str, Any] | None:
    """Who was quicker, and when."""
    kind = TargetType.REPORT if "/reports/" in request.url.path else TargetType.LOUNGE_REQUEST
    async with runtime_of(request).reading() as ctx:
        return await acts_of(request, ctx, admin).last_act_on(kind, target_id)
