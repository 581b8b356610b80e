"""`/admin`: the console's pages. Each button is a form, each form one act of AdminService."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError
from starlette.responses import RedirectResponse

from app.admin.console.acting import acts_of, do, must_be, own_form, page_at, text_of
from app.admin.console.gate import (
    ConsoleAdmin,
    ensure_own_form,
    forget,
    keep_signed_in,
)
from app.admin.console.render import ConsoleRoute, render, sentence, style
from app.admin.schemas import (
    BannedWordsUpdate,
    LoungeCreate,
    LoungeUpdate,
    ManagedUserUpdate,
    WithReason,
)
from app.admin.service import AdminService
from app.auth.exceptions import InvalidCredentials
from app.auth.schemas import Login
from app.auth.service import AuthService
from app.core.context import Context
from app.core.dependencies import limited, origin_of
from app.core.errors import AppError, NotFound
from app.core.jobs.operate import list_jobs
from app.core.rate_limit import PER_ACCOUNT
from app.core.runtime import runtime_of
from app.core.schemas import Id
from app.lounge.enums import LoungeSort
from app.lounge.service import LoungeService
from app.lounge_request.enums import RequestStatus
from app.moderation.enums import CaseStatus
from app.moderation.schemas import Resolve
from app.user.enums import Role, UserStatus
from app.user.policy import Viewer, ensure_admin

router = APIRouter(prefix="/admin", include_in_schema=False, route_class=ConsoleRoute)

_LOOK, _ACT = [limited("read")], [limited("write")]
MOST_JOBS = 50

Cursor = Annotated[str | None, Query()]


@router.get("/style.css")
async def console_style() -> Response:
    headers = {"Cache-Control": "public, max-age=3600"}
    return Response(style(), media_type="text/css", headers=headers)


# Signing in and out


@router.get("/sign-in", dependencies=_LOOK)
async def show_sign_in(request: Request) -> Response:
    return render(request, "sign_in.html", None, email="")


@router.post("/sign-in", dependencies=[limited("login")])
async def sign_in(request: Request) -> Response:
    """By the admin's own e-mail address and password; nobody else's are of use."""
    runtime, form = runtime_of(request), await request.form()
    ensure_own_form(request, form, None, runtime.settings)
    email = str(form.get("email", ""))
    try:
        login = Login(email=email, password=str(form.get("password", "")))
        await runtime.limiter.hit(PER_ACCOUNT, "login", "account", login.email.lower())
        async with runtime.unit_of_work(origin_of(request)) as ctx:
            viewer = await _begin_session(ctx, login, request)
    except ValidationError:
        words = sentence(request, InvalidCredentials())
        return render(request, "sign_in.html", None, 401, email=email[:254], banner=words)
    except AppError as error:
        words = sentence(request, error)
        return render(request, "sign_in.html", None, error.status, email=email[:254], banner=words)
    response = RedirectResponse("/admin", 303)
    keep_signed_in(response, viewer, runtime.clock(), runtime.settings)
    return response


async def _begin_session(ctx: Context, login: Login, request: Request) -> Viewer:
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    signed_in = await AuthService(ctx).login(login, f"Console: {agent}"[:300])
    claims = ctx.tokens.decode(signed_in.tokens.access_token)
    viewer = Viewer(claims.user_id, claims.session_id, Role(claims.role))
    ensure_admin(viewer)
    return viewer


@router.post("/sign-out", dependencies=_ACT)
async def sign_out(request: Request, admin: ConsoleAdmin) -> Response:
    runtime = runtime_of(request)
    ensure_own_form(request, await request.form(), admin, runtime.settings)
    async with runtime.unit_of_work(origin_of(request)) as ctx:
        await AuthService(ctx).end_session(admin, admin.session_id)
    response = RedirectResponse("/admin/sign-in", 303)
    forget(response)
    return response


# Today


@router.get("", dependencies=_LOOK)
async def show_today(request: Request, admin: ConsoleAdmin) -> Response:
    """What waits, what is late, and the last thirty days."""
    async with runtime_of(request).reading() as ctx:
        acts = acts_of(request, ctx, admin)
        waiting, stats = await acts.waiting(), await acts.stats()
    return render(request, "today.html", admin, waiting=waiting, days=stats.days)


# Lounge requests


@router.get("/requests", dependencies=_LOOK)
async def show_requests(
    request: Request,
    admin: ConsoleAdmin,
    status: RequestStatus = RequestStatus.PENDING,
    cursor: Cursor = None,
) -> Response:
    return await _requests(request, admin, status, cursor)


async def _requests(
    request: Request,
    admin: Viewer,
    status: RequestStatus = RequestStatus.PENDING,
    cursor: str | None = None,
    code: int = 200,
    **how: Any,
) -> Response:
    async with runtime_of(request).reading() as ctx:
        items, following = await acts_of(request, ctx, admin).list_requests(
            status, page_at(request, cursor)
        )
    shown = {"items": items, "next": following, "status": status, **how}
    return render(request, "requests.html", admin, code, **shown)


@router.post("/requests/{request_id}/{verb}", dependencies=_ACT)
async def decide_request(
    request: Request, request_id: Id, verb: str, admin: ConsoleAdmin
) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        if verb == "approve":
            return await acts.approve(request_id)
        must_be(verb, "reject")
        return await acts.reject(request_id, WithReason(reason=text_of(form, "reason")).reason)

    done = {"approve": "approved", "reject": "rejected"}.get(verb, "")
    return await do(request, admin, act, _requests, "requests", done, request_id, form)


# Reports


@router.get("/reports", dependencies=_LOOK)
async def show_reports(
    request: Request,
    admin: ConsoleAdmin,
    status: CaseStatus = CaseStatus.OPEN,
    cursor: Cursor = None,
) -> Response:
    return await _reports(request, admin, status, cursor)


async def _reports(
    request: Request,
    admin: Viewer,
    status: CaseStatus = CaseStatus.OPEN,
    cursor: str | None = None,
    code: int = 200,
    **how: Any,
) -> Response:
    async with runtime_of(request).reading() as ctx:
        items, following = await acts_of(request, ctx, admin).list_reports(
            status, page_at(request, cursor)
        )
    shown = {"items": items, "next": following, "status": status, **how}
    return render(request, "reports.html", admin, code, **shown)


@router.post("/reports/{case_id}/resolve", dependencies=_ACT)
async def resolve_case(request: Request, case_id: Id, admin: ConsoleAdmin) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        given = {"action": text_of(form, "action"), "note": text_of(form, "note")}
        return await acts.resolve_report(case_id, Resolve.model_validate(given))

    return await do(request, admin, act, _reports, "reports", "resolved", case_id, form)


# What is held


@router.get("/held", dependencies=_LOOK)
async def show_held(request: Request, admin: ConsoleAdmin, cursor: Cursor = None) -> Response:
    return await _held(request, admin, cursor)


async def _held(
    request: Request, admin: Viewer, cursor: str | None = None, code: int = 200, **how: Any
) -> Response:
    async with runtime_of(request).reading() as ctx:
        items, following = await acts_of(request, ctx, admin).list_held(page_at(request, cursor))
    return render(request, "held.html", admin, code, **{"items": items, "next": following, **how})


@router.post("/held/{kind}/{target_id}/{verb}", dependencies=_ACT)
async def decide_held(
    request: Request, kind: str, target_id: Id, verb: str, admin: ConsoleAdmin
) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        ways = {
            ("post", "release"): acts.restore_post,
            ("post", "hide"): acts.hide_post,
            ("comment", "release"): acts.restore_comment,
            ("comment", "hide"): acts.hide_comment,
        }
        if (kind, verb) not in ways:
            raise NotFound
        given = text_of(form, "reason") if verb == "hide" else "確認済み"
        await ways[kind, verb](target_id, WithReason(reason=given).reason)
        return None

    done = {"release": "released", "hide": "hidden"}.get(verb, "")
    return await do(request, admin, act, _held, "held", done, target_id, form)


# Users


@router.get("/users", dependencies=_LOOK)
async def show_users(
    request: Request,
    admin: ConsoleAdmin,
    q: str = "",
    role: str = "",
    status: str = "",
    cursor: Cursor = None,
) -> Response:
    narrowed_role = Role(role) if role in Role else None
    narrowed_status = UserStatus(status) if status in UserStatus else None
    return await _users(request, admin, q, narrowed_role, narrowed_status, cursor)


async def _users(
    request: Request,
    admin: Viewer,
    q: str = "",
    role: Role | None = None,
    status: UserStatus | None = None,
    cursor: str | None = None,
    code: int = 200,
    **how: Any,
) -> Response:
    words = " ".join(q.replace("\0", "").split())[:100]
    async with runtime_of(request).reading() as ctx:
        items, following = await acts_of(request, ctx, admin).list_users(
            page_at(request, cursor), words or None, role, status
        )
    shown = {"items": items, "next": following, "q": words, "role": role, "status": status}
    return render(request, "users.html", admin, code, **shown, **how)


@router.post("/users/{user_id}/{verb}", dependencies=_ACT)
async def change_standing(
    request: Request, user_id: Id, verb: str, admin: ConsoleAdmin
) -> Response:
    form = await own_form(request, admin)
    changes: dict[str, dict[str, str]] = {
        "suspend": {"status": "suspended"},
        "restore": {"status": "active"},
        "promote": {"role": "admin"},
        "demote": {"role": "user"},
    }

    async def act(acts: AdminService) -> object:
        if verb not in changes:
            raise NotFound
        # Here a reason is always asked for: the user, or the log, is told.
        reason = WithReason(reason=text_of(form, "reason")).reason
        changed = ManagedUserUpdate.model_validate({**changes[verb], "reason": reason})
        return await acts.change_user(user_id, changed)

    return await do(request, admin, act, _users, "users", verb, user_id, form)


# Lounges


@router.get("/lounges", dependencies=_LOOK)
async def show_lounges(
    request: Request, admin: ConsoleAdmin, q: str = "", cursor: Cursor = None
) -> Response:
    return await _lounges(request, admin, q, cursor)


async def _lounges(
    request: Request,
    admin: Viewer,
    q: str = "",
    cursor: str | None = None,
    code: int = 200,
    **how: Any,
) -> Response:
    words = " ".join(q.replace("\0", "").split())[:100]
    async with runtime_of(request).reading() as ctx:
        items, following = await LoungeService(ctx).list_page(
            admin, LoungeSort.NEW, words or None, page_at(request, cursor)
        )
    shown = {"items": items, "next": following, "q": words, **how}
    return render(request, "lounges.html", admin, code, **shown)


@router.post("/lounges", dependencies=_ACT)
async def make_lounge(request: Request, admin: ConsoleAdmin) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        given = {name: text_of(form, name) for name in ("name", "description")}
        return await acts.open_lounge(LoungeCreate.model_validate(given))

    return await do(request, admin, act, _lounges, "lounges", "made", None, form)


@router.post("/lounges/{lounge_id}/{verb}", dependencies=_ACT)
async def alter_lounge(request: Request, lounge_id: Id, verb: str, admin: ConsoleAdmin) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        if verb == "close":
            await acts.close_lounge(lounge_id)
            return None
        must_be(verb, "change")
        given = {name: text_of(form, name) for name in ("name", "description")}
        return await acts.change_lounge(lounge_id, LoungeUpdate.model_validate(given))

    done = {"close": "closed", "change": "changed"}.get(verb, "")
    return await do(request, admin, act, _lounges, "lounges", done, lounge_id, form)


# Banned words, the audit log, jobs


@router.get("/words", dependencies=_LOOK)
async def show_words(request: Request, admin: ConsoleAdmin) -> Response:
    return await _words(request, admin)


async def _words(request: Request, admin: Viewer, code: int = 200, **how: Any) -> Response:
    async with runtime_of(request).reading() as ctx:
        words = await acts_of(request, ctx, admin).list_banned_words()
    return render(request, "words.html", admin, code, words=words, **how)


@router.post("/words", dependencies=_ACT)
async def save_words(request: Request, admin: ConsoleAdmin) -> Response:
    form = await own_form(request, admin)

    async def act(acts: AdminService) -> object:
        names = ("words", "exceptions")
        given = {n: [w for w in text_of(form, n).splitlines() if w.strip()] for n in names}
        return await acts.replace_banned_words(BannedWordsUpdate.model_validate(given))

    return await do(request, admin, act, _words, "words", "saved", None, form)


@router.get("/audit", dependencies=_LOOK)
async def show_audit(request: Request, admin: ConsoleAdmin, cursor: Cursor = None) -> Response:
    async with runtime_of(request).reading() as ctx:
        items, following = await acts_of(request, ctx, admin).list_audit_log(
            page_at(request, cursor)
        )
    return render(request, "audit.html", admin, items=items, next=following)


@router.get("/jobs", dependencies=_LOOK)
async def show_jobs(request: Request, admin: ConsoleAdmin) -> Response:
    async with runtime_of(request).reading() as ctx:
        dead = await list_jobs(ctx.session, dead=True, most=MOST_JOBS)
        waiting = await list_jobs(ctx.session, dead=False, most=MOST_JOBS)
    return render(request, "jobs.html", admin, dead=dead, waiting=waiting)
