"""Setting up the second step of the sign-in, and changing it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from app.admin.service.mfa import MfaAdmin
from app.auth.exceptions import AlreadySetUp
from app.auth.service.mfa import MfaService, Setup
from app.console.acts import keyed_request
from app.console.form import EntrantForm, Form, OwnForm
from app.console.gate import PATH, ConsoleEntrant, writing_for
from app.console.pages.common import READ, page_router
from app.console.render import SECOND_STEP, locale_of, render, sentence
from app.core.errors import AppError, IdempotencyKeyReused
from app.core.idempotency import Answer, IdempotencyRepository
from app.core.texts import Text
from app.core.totp import qr_code, setup_address
from app.user.policy import ENTRANT, Viewer, mfa_is_required
from app.user.service.profiles import ProfileService
from app.web.dependencies import client_address
from app.web.limits import limited
from app.web.problems import error_headers
from app.web.runtime import runtime_of

router = page_router()

LONGEST_CODE = 64
LIMIT = [limited("login")]

SET_UP_BEFORE = Text(
    (
        "2 段階認証はすでに設定されています。"
        "回復コードをまだ保存していない場合は、アプリに次のコードが表示されてから、"
        "ここで作り直してください。"
    ),
    (
        "Two-factor authentication is already set up. If you haven’t saved your recovery codes, "
        "create new ones here with the next code from your app."
    ),
)
RENEWED_BEFORE = Text(
    (
        "回復コードはすでに作り直されています。"
        "まだ保存していない場合は、アプリに次のコードが表示されてから、"
        "ここでもう一度作り直してください。"
    ),
    (
        "New recovery codes were already created. If you haven’t saved them, create new ones here "
        "with the next code from your app."
    ),
)


@router.get("/mfa", dependencies=READ)
async def show_setup(request: Request, entrant: ConsoleEntrant) -> Response:
    """A new secret to scan. It counts once a code of it was sent."""
    if entrant.has_mfa and not entrant.passed_mfa:
        return RedirectResponse(SECOND_STEP, 303)
    _open_menu(request, entrant)
    async with runtime_of(request).reading() as ctx:
        setup = ctx.service(MfaService).begin(entrant)
    return await _show_setup(request, entrant, setup)


@router.post("/mfa", dependencies=LIMIT)
async def confirm(request: Request, entrant: ConsoleEntrant, form: EntrantForm) -> Response:
    """Set it up, and show the recovery codes, once."""
    if entrant.has_mfa and not entrant.passed_mfa:
        return RedirectResponse(SECOND_STEP, 303)
    sealed, code, present = form.text("setup"), _code(form), _code(form, "present")

    async def act(mfa: MfaAdmin) -> list[str]:
        return await mfa.confirm(sealed, code, present)

    try:
        codes = await _carry_out(request, entrant, act)
    except AlreadySetUp:
        request.state.console_is_open = True
        return _offer_new_codes(request, SET_UP_BEFORE)
    except AppError as error:
        _open_menu(request, entrant)
        async with runtime_of(request).reading() as ctx:
            setup = ctx.service(MfaService).resume(entrant, sealed)
        return await _show_setup(request, entrant, setup, error)
    request.state.console_is_open = True  # The code of a set-up passes the second step.
    return _show_codes(request, codes)


@router.post("/mfa/recovery-codes", dependencies=LIMIT)
async def renew_recovery_codes(
    request: Request, form: OwnForm, entrant: ConsoleEntrant
) -> Response:
    async def act(mfa: MfaAdmin) -> list[str]:
        return await mfa.renew_recovery_codes(_code(form))

    try:
        codes = await _carry_out_once(request, entrant, form, act)
    except AppError as error:
        return _ask_again(request, error, "recovery-codes")
    _open_menu(request, entrant)
    if codes is None:
        return _offer_new_codes(request, RENEWED_BEFORE)
    return _show_codes(request, codes)


@router.post("/mfa/off", dependencies=LIMIT)
async def turn_off(request: Request, form: OwnForm, entrant: ConsoleEntrant) -> Response:
    async def act(mfa: MfaAdmin) -> None:
        await mfa.turn_off(_code(form))

    try:
        await _carry_out(request, entrant, act)
    except AppError as error:
        return _ask_again(request, error, "off")
    return RedirectResponse(f"{PATH}/settings?done=mfa-off", 303)


def _open_menu(request: Request, entrant: Viewer) -> None:
    """Show the menu to an admin who may use it."""
    if entrant.passed_mfa or not mfa_is_required(runtime_of(request).settings):
        request.state.console_is_open = True


async def _carry_out[Done](
    request: Request, entrant: Viewer, act: Callable[[MfaAdmin], Awaitable[Done]]
) -> Done:
    async with writing_for(request, entrant, ENTRANT) as ctx:
        return await act(MfaAdmin(ctx, entrant, client_address(request)))


async def _carry_out_once[Done](
    request: Request, entrant: Viewer, form: Form, act: Callable[[MfaAdmin], Awaitable[Done]]
) -> Done | None:
    """Like `_carry_out`. None, without the act, if the same form was carried out before.

    What the act has made is not kept with the form's key: it is secret. With another code in it,
    the form is another one.
    """
    keyed = keyed_request(request, entrant.user_id, form)
    async with writing_for(request, entrant, ENTRANT) as ctx:
        answers = IdempotencyRepository(ctx.db)
        if keyed is not None:
            await answers.wait(keyed)
            with suppress(IdempotencyKeyReused):
                if await answers.find(keyed, ctx.clock()) is not None:
                    return None
        done = await act(MfaAdmin(ctx, entrant, client_address(request)))
        if keyed is not None:
            await answers.keep(keyed, Answer(200, None, b""), ctx.clock())
        return done


def _code(form: Form, name: str = "code") -> str:
    return form.text(name)[:LONGEST_CODE]


async def _show_setup(
    request: Request, entrant: Viewer, setup: Setup, error: AppError | None = None
) -> Response:
    async with runtime_of(request).reading() as ctx:
        me = await ctx.service(ProfileService).me(entrant)
        app_name = ctx.settings.app_name
    shown = {
        "setup": setup,
        "qr": qr_code(setup_address(setup.secret, me.email or me.nickname, app_name)),
        "replaces": entrant.has_mfa,
        "banner": sentence(request, error) if error else "",
    }
    response = render(request, "mfa.html", error.status if error else 200, **shown)
    if error:
        response.headers.update(error_headers(error))
    return response


def _show_codes(request: Request, codes: list[str]) -> Response:
    """The recovery codes. The caller has opened the menu, if the admin may use it."""
    return render(request, "recovery_codes.html", codes=codes)


def _offer_new_codes(request: Request, words: Text) -> Response:
    """The form for new recovery codes. Its act was done, but its answer may have been lost."""
    said = words.in_(locale_of(request))
    return render(request, "mfa_act.html", act="recovery-codes", said=said)


def _ask_again(request: Request, error: AppError, act: str) -> Response:
    """A page with only the form, and why it was refused."""
    banner = sentence(request, error)
    response = render(request, "mfa_act.html", error.status, act=act, banner=banner)
    response.headers.update(error_headers(error))
    return response
