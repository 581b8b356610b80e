"""One act in one transaction, and what the browser sees of it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from app.admin.console.refusals import Refusal, refused
from app.admin.console.visit import Visit
from app.admin.enums import TargetType
from app.admin.exceptions import ChangedMeanwhile, JobGone
from app.core.errors import AppError
from app.lounge_request.exceptions import AlreadyDecided
from app.moderation.exceptions import ReportResolved
from app.runtime.context import Context

type About = tuple[TargetType, UUID]
type Act = Callable[[Context], Awaitable[object]]
type Show = Callable[[Visit, Refusal | None], Awaitable[Response]]

_TOO_LATE = (AlreadyDecided, ReportResolved, ChangedMeanwhile, JobGone)


async def carry_out(
    visit: Visit,
    act: Act,
    form: FormData,
    target: object,
    done: str,
    page: str,
    show: Show,
    about: About | None = None,
) -> Response:
    """Do it, and go back to the page. A refusal shows the page again, with the form as it was;
    with `about`, what the audit log calls it, also who was quicker.
    """
    try:
        async with visit.acting() as ctx:
            await act(ctx)
    except (ValidationError, AppError) as error:
        last = await _who_was_quicker(visit, error, about)
        return await show(visit, refused(visit.request, error, form, str(target), last))
    return visit.back_to(page, done)


async def _who_was_quicker(
    visit: Visit, error: ValidationError | AppError, about: About | None
) -> dict[str, Any] | None:
    if about is None or not isinstance(error, _TOO_LATE):
        return None
    async with visit.looking() as acts:
        return await acts.last_act_on(*about)
