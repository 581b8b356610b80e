"""One act of a form in one transaction, and what the browser sees of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from fastapi import Response
from pydantic import ValidationError

from app.admin.console.console_request import ConsoleRequest
from app.admin.console.form import Form
from app.admin.console.refusals import Refusal, refusal_of
from app.admin.enums import TargetType
from app.admin.exceptions import ChangedMeanwhile, DeadJobNotFound
from app.admin.rows import AuditRow
from app.core.errors import AlreadyDecided, AppError
from app.moderation.exceptions import ReportResolved
from app.runtime.context import Context

type Show = Callable[[ConsoleRequest, Refusal | None], Awaitable[Response]]

_TOO_LATE = (AlreadyDecided, ReportResolved, ChangedMeanwhile, DeadJobNotFound)


@dataclass(frozen=True, slots=True)
class Act:
    do: Callable[[Context], Awaitable[object]]
    form: Form
    page: str
    """Where the browser goes afterwards."""

    done: str
    """What the page then says; a key of `said` in `base.html`."""

    element: object
    """The id of the card or the form that shows a refusal."""

    target: tuple[TargetType, UUID] | None = None
    """What the audit log calls the thing. It tells who was quicker."""


async def carry_out(console: ConsoleRequest, act: Act, show: Show) -> Response:
    """Do it, and go back to the page. If it is refused, `show` the page with the refusal."""
    try:
        async with console.transaction() as ctx:
            await act.do(ctx)
    except (ValidationError, AppError) as error:
        last = await _find_quicker(console, act) if isinstance(error, _TOO_LATE) else None
        refusal = refusal_of(console.request, error, act.form, str(act.element), last)
        return await show(console, refusal)
    return console.back_to(act.page, act.done)


async def _find_quicker(console: ConsoleRequest, act: Act) -> AuditRow | None:
    """The latest act on the same thing, if the audit log has one."""
    if act.target is None:
        return None
    async with console.reading() as admin:
        return await admin.audit.find_last(*act.target)
