"""Users: finding them, and one user with what may be done about them."""

from functools import partial
from uuid import UUID

from fastapi import Response

from app.admin.console.acting import carry_out
from app.admin.console.pages.common import ACT, LOOK, SEARCH, page_router
from app.admin.console.refusals import Refusal
from app.admin.console.visit import SignedIn, Visit
from app.admin.enums import TargetType
from app.admin.schemas import ManagedUserUpdate, WithReason
from app.core.errors import NotFound
from app.core.schemas import Id
from app.runtime.context import Context
from app.user.enums import Role, UserStatus
from app.user.exceptions import UserNotFound

router = page_router()

_CHANGES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "suspend": ({"status": "active"}, {"status": "suspended"}),
    "restore": ({"status": "suspended"}, {"status": "active"}),
    "promote": ({"role": "user"}, {"role": "admin"}),
    "demote": ({"role": "admin"}, {"role": "user"}),
}
"""From what to what."""


@router.get("/users", dependencies=SEARCH)
async def show_users(visit: SignedIn) -> Response:
    return await _show_list(visit)


async def _show_list(visit: Visit, refused: Refusal | None = None) -> Response:
    role, status = visit.choice("role", Role), visit.choice("status", UserStatus)
    words = visit.words()
    async with visit.looking() as acts:
        found = await acts.list_users(visit.page(), words or None, role, status)
    shown = {
        "items": found.items,
        "next": found.next_cursor,
        "q": words,
        "role": role,
        "status": status,
    }
    return visit.show("users.html", refused, **shown)


@router.get("/users/{user_id}", dependencies=LOOK)
async def show_user(visit: SignedIn, user_id: Id) -> Response:
    return await _show_one(user_id, visit)


async def _show_one(user_id: UUID, visit: Visit, refused: Refusal | None = None) -> Response:
    try:
        async with visit.looking() as acts:
            file = await acts.get_user_file(user_id)
    except UserNotFound:
        if refused is None:
            raise
        # Whoever is gone can't be shown with the refusal: the list can.
        return await _show_list(visit, refused)
    return visit.show("user.html", refused, placed=True, **file)


@router.post("/users/{user_id}/{verb}", dependencies=ACT)
async def change_standing(visit: SignedIn, user_id: Id, verb: str) -> Response:
    form = await visit.own_form()

    async def act(ctx: Context) -> object:
        if verb not in _CHANGES:
            raise NotFound
        before, after = _CHANGES[verb]
        # Here a reason is always asked for: the user, or the log, is told.
        reason = WithReason.model_validate({"reason": form.get("reason", "")}).reason
        changed = ManagedUserUpdate.model_validate({**after, "reason": reason})
        return await visit.acts(ctx, **before).change_user(user_id, changed)

    page, show = f"/admin/users/{user_id}", partial(_show_one, user_id)
    about = (TargetType.USER, user_id)
    return await carry_out(visit, act, form, user_id, verb, page, show, about)
