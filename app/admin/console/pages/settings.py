"""The admin's own: the console's language, and where they are signed in."""

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import SignedIn, Visit
from app.auth.service import AuthService
from app.core.errors import NotFound
from app.core.schemas import Id
from app.runtime.context import Context
from app.user.schemas import MeUpdate
from app.user.service import UserService

router = page_router()

_PAGE = "/admin/settings"


@router.get("/settings", dependencies=LOOK)
async def show_settings(visit: SignedIn) -> Response:
    return await _show(visit)


async def _show(visit: Visit, refused: Refusal | None = None) -> Response:
    async with visit.runtime.reading() as ctx:
        me = await ctx.service(UserService).me(visit.admin)
        found = await ctx.service(AuthService).list_sessions(visit.admin, visit.page())
    return visit.show(
        "settings.html", refused, me_now=me, items=found.items, next=found.next_cursor
    )


@router.get("/{page}", dependencies=LOOK)
async def refuse_page(visit: SignedIn, page: str) -> Response:
    """What is none of the pages; this router is the last."""
    raise NotFound


@router.post("/settings/locale", dependencies=ACT)
async def choose_locale(visit: SignedIn) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> None:
        wanted = MeUpdate.model_validate({"locale": form.get("locale", "")})
        await ctx.service(UserService).update_me(visit.admin, wanted)

    return await carry_out(visit, act, form, "locale", "language", _PAGE, _show)


@router.post("/settings/sessions/{session_id}/end", dependencies=ACT)
async def end_one_session(visit: SignedIn, session_id: Id) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> None:
        await ctx.service(AuthService).end_session(visit.admin, session_id)

    return await carry_out(visit, act, form, session_id, "ended", _PAGE, _show)
