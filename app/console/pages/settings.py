"""The admin's own settings: the language, the second step, and the sessions."""

from fastapi import Response

from app.auth.service.mfa import MfaService
from app.auth.service.tokens import TokenService
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedIn
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, page_router
from app.console.refusals import Refusal
from app.core.errors import NotFound
from app.core.schemas import Id
from app.runtime.context import Context
from app.user.policy import mfa_is_required
from app.user.schemas import MeUpdate
from app.user.service.profiles import ProfileService

router = page_router()

_PAGE = "/admin/settings"


@router.get("/settings", dependencies=READ)
async def show_settings(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.runtime.reading() as ctx:
        me = await ctx.service(ProfileService).me(console.admin)
        found = await ctx.service(TokenService).list_sessions(
            console.admin, console.page("/settings")
        )
        codes_left = await ctx.service(MfaService).count_recovery_codes(console.admin.user_id)
    settings = console.runtime.settings
    return console.show(
        "settings.html",
        refusal,
        found,
        me_now=me,
        mfa=console.admin.has_mfa,
        mfa_required=mfa_is_required(settings),
        codes_left=codes_left,
        idle=settings.console_idle_minutes,
    )


@router.get("/{page}", dependencies=READ)
async def refuse_page(console: SignedIn, page: str) -> Response:
    """There is no such page. This router is included last."""
    raise NotFound


@router.post("/settings/locale", dependencies=ACT)
async def choose_locale(console: SignedIn, form: OwnForm) -> Response:
    async def choose(ctx: Context) -> object:
        changes = MeUpdate.model_validate(form.texts("locale"))
        return await ctx.service(ProfileService).update_me(console.admin, changes)

    return await carry_out(console, Act(choose, form, _PAGE, "language", "locale"), _show)


@router.post("/settings/sessions/end-others", dependencies=ACT)
async def end_other_sessions(console: SignedIn, form: OwnForm) -> Response:
    async def end(ctx: Context) -> None:
        await ctx.service(TokenService).end_other_sessions(console.admin)

    return await carry_out(console, Act(end, form, _PAGE, "ended-others", "others"), _show)


@router.post("/settings/sessions/{session_id}/end", dependencies=ACT)
async def end_session(console: SignedIn, form: OwnForm, session_id: Id) -> Response:
    async def end(ctx: Context) -> None:
        await ctx.service(TokenService).end_session(console.admin, session_id)

    return await carry_out(console, Act(end, form, _PAGE, "ended", session_id), _show)
