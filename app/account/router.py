"""`/users/me`: leaving, and the export. Pages for people without the app are in `pages.py`."""

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import StreamingResponse

from app.account.schemas import EXPORT_EXAMPLE, Heard, Leave, Leaving, ProviderNotification
from app.account.service.export import ExportService
from app.account.service.leaving import LeavingService
from app.account.service.notifications import ProviderNotificationService
from app.auth.dependencies import Apple
from app.auth.exceptions import ProofRequired, WrongPassword
from app.core.errors import Overloaded
from app.integrations.identity.exceptions import (
    InvalidIdToken,
    ProviderNotEnabled,
    ProviderUnavailable,
)
from app.user.dependencies import CheckedCaller, CurrentUser
from app.user.exceptions import LastAdmin
from app.user.policy import EXPORTER, Viewer
from app.web.dependencies import Ctx
from app.web.limits import limited
from app.web.openapi import raises
from app.web.responses import json_response
from app.web.routing import feature_router
from app.web.runtime import runtime_of
from app.web.spooled_response import SpooledResponse

router = feature_router("/users/me", tags=["users"])
notifications = feature_router("/auth/oauth/apple", tags=["auth"])

Exporter = Annotated[Viewer, Depends(CheckedCaller(EXPORTER))]


@router.delete("", status_code=202, response_model=Leaving, dependencies=[limited("password")])
@raises(WrongPassword, ProofRequired, LastAdmin, Overloaded)
async def leave(ctx: Ctx, viewer: CurrentUser, form: Leave | None = None) -> Response:
    """Delete the caller's account permanently. An account with a password must send it.

    One without needs a session that was verified within the last ten minutes, by its sign-in or by
    `POST /auth/proof`. A guest needs neither.

    Its content is hidden immediately, and its tokens stop working. Soon after, all of it is erased.

    Apple and LINE are notified that the app is disconnected. LINE needs a token of the user:
    `line_access_token` of its SDK, or what a sign-in in the browser left here. Without one
    `unlink_at_provider` is true: the user may unlink the app in LINE.
    """
    return json_response(await ctx.service(LeavingService).leave(viewer, form or Leave()), 202)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": EXPORT_EXAMPLE}
            }
        }
    },
    dependencies=[limited("password")],
)
@raises(Overloaded)
async def export_me(request: Request, viewer: Exporter) -> Response:
    """Export all data of the caller as one JSON object. A user gets one export at a time."""
    runtime = runtime_of(request)

    async def pieces() -> AsyncGenerator[bytes]:
        # The connection is given back when the spool has everything, even if the client is slow.
        async with runtime.writing() as ctx:
            async for piece in ctx.service(ExportService).export(viewer):
                yield piece

    slot = runtime.admissions.exports.slot(str(viewer.user_id))
    headers = {
        "Content-Disposition": 'attachment; filename="linky-export.json"',
        "Cache-Control": "no-store",
    }
    return SpooledResponse(pieces, slot, "application/json", headers)


@notifications.post("/notifications", response_model=Heard, dependencies=[limited("refresh")])
@raises(InvalidIdToken, ProviderNotEnabled, ProviderUnavailable)
async def hear_apple(form: ProviderNotification, ctx: Ctx, apple: Apple) -> Response:
    """Receive Apple's server-to-server notifications about users who signed in with Apple.

    Apple's signature is checked as in an ID token, and each notification works once. A user who has
    withdrawn their consent loses this sign-in method and the sessions that began with it. If it is
    the only sign-in method, it stays for when they come back. If their Apple account was deleted,
    their account here is deleted, too. Nothing is emailed to an address that Apple has stopped
    forwarding to. Unknown notifications are accepted and change nothing.
    """
    await ctx.service(ProviderNotificationService).hear_apple(apple, form.payload)
    return json_response(Heard(heard=True))
