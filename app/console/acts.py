"""One act of a form in one transaction, and what the browser sees of it."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from app.admin.enums import TargetType
from app.admin.exceptions import AboutStaff, ChangedMeanwhile, DeadJobNotFound
from app.admin.rows import AuditRow
from app.console.console_request import ConsoleRequest
from app.console.done_texts import Done, says_what
from app.console.form import OURS, Form
from app.console.refusals import Refusal, refusal_of
from app.core.errors import AlreadyDecided, AppError, SessionRevoked
from app.core.idempotency import Answer, IdempotencyRepository, KeyedRequest, fingerprints
from app.reports.exceptions import ReportResolved
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended, AdminOnly, MfaRequired
from app.web.runtime import runtime_of

type Show = Callable[[ConsoleRequest, Refusal | None], Awaitable[Response]]

_TOO_LATE = (AlreadyDecided, ReportResolved, ChangedMeanwhile, DeadJobNotFound)
_SHUT_OUT = (SessionRevoked, AccountSuspended, AdminOnly, MfaRequired)


@dataclass(frozen=True, slots=True)
class Act:
    do: Callable[[Context], Awaitable[object]]
    """What it returns is ignored, but for a `Done`."""

    form: Form
    page: str
    """Where the browser goes afterwards."""

    done: str
    """What the page then says, unless `do` returns a `Done`; a key of `SAID`."""

    element: object
    """The id of the card or the form that shows a refusal."""

    target: tuple[TargetType, UUID] | None = None
    """What the audit log calls the thing. It tells who was quicker, and the page names it."""

    undoable: bool = False
    """Whether the admin can take it back for ten seconds. Its pushes then wait (ADR 0087)."""

    file: bytes = b""
    """A file that came with the form. With another file it is another form."""


async def carry_out(console: ConsoleRequest, act: Act, show: Show) -> Response:
    """Do it, and go back to the page. If it is refused, `show` the page with the refusal.

    A form that is sent again, because its answer was lost, does nothing and gets the first answer.
    An admin who lost the right to act meanwhile gets what the gate answers, and no page of ours.
    """
    try:
        async with console.transaction(undoable=act.undoable) as ctx:
            location = await _do_once(console, ctx, act)
    except (ValidationError, AppError) as error:
        if isinstance(error, _SHUT_OUT) and not isinstance(error, AboutStaff):
            console.close()
            raise
        last = await _find_quicker(console, act) if isinstance(error, _TOO_LATE) else None
        refusal = refusal_of(console.request, error, act.form, str(act.element), last)
        await console.load_frame()
        return await show(console, refusal)
    return RedirectResponse(location, 303)


async def _do_once(console: ConsoleRequest, ctx: Context, act: Act) -> str:
    """Where to go after the act, which the form's key did before or does now.

    Raises IdempotencyKeyReused if the form was changed after it had been carried out.
    """
    keyed = keyed_request(console.request, console.admin.user_id, act.form, act.file)
    answers = IdempotencyRepository(ctx.db)
    if keyed is not None:
        await answers.wait(keyed)
        if (kept := await answers.find(keyed, ctx.clock())) and kept.location:
            return kept.location
    result = await act.do(ctx)
    done = result if isinstance(result, Done) else Done(act.done)
    if done.about is None and not done.number and says_what(done.word):
        done = replace(done, about=act.target)
    act_id = await console.service(ctx).undo.offer(done.word) if act.undoable else None
    location = console.address_of(act.page, done, act_id, act.form.following)
    if keyed is not None:
        await answers.keep(keyed, Answer(303, location, b""), ctx.clock())
    return location


def keyed_request(
    request: Request, user_id: UUID, form: Form, file: bytes = b""
) -> KeyedRequest | None:
    """The key of a form, and a digest of what the admin typed and chose."""
    if form.key is None:
        return None
    typed = sorted((name, *form.lists[name]) for name in form.lists if name not in OURS)
    digest = hashlib.sha256(repr(typed).encode("utf-8", "surrogatepass"))
    digest.update(file)
    # One page has one key for all of its forms.
    key = f"console:{request.url.path}:{form.key}"
    secrets = runtime_of(request).settings.signing_keys.values()
    # A form may hold a code of the second step.
    return KeyedRequest(user_id, key, fingerprints(digest.digest(), secrets, holds_secret=True))


async def _find_quicker(console: ConsoleRequest, act: Act) -> AuditRow | None:
    """The latest act on the same thing, if the audit log has one."""
    if act.target is None:
        return None
    async with console.reading() as admin:
        return await admin.audit.find_last(*act.target)
