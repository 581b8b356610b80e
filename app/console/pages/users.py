"""Users: finding them, and one user with the acts on them."""

from functools import partial
from uuid import UUID

from fastapi import Response

from app.admin.enums import TargetType
from app.admin.schemas import ManagedUserUpdate
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedIn
from app.console.done_texts import Done
from app.console.form import OwnForm
from app.console.gate import forget_session
from app.console.pages.common import (
    ACT,
    READ,
    SEARCH,
    ensure_verb,
    page_router,
    suspension_terms,
)
from app.console.refusals import Refusal
from app.core.schemas import Id
from app.runtime.context import Context
from app.suspension.schemas import Warn
from app.user.enums import Role, UserStatus
from app.user.exceptions import UserNotFound

router = page_router()

_CHANGES = {
    "suspend": {"status": "suspended"},
    "restore": {"status": "active"},
    "moderate": {"role": "moderator"},
    "promote": {"role": "admin"},
    "demote": {"role": "user"},
}
_SHUTS_OUT = ("suspend", "demote")

EVERYONE = "all"
"""A choice of the list: guests too. Each visitor of the app is one, so they are left out at first.
"""


@router.get("/users", dependencies=SEARCH)
async def show_users(console: SignedIn) -> Response:
    return await _show_list(console)


async def _show_list(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    role, status = console.choice("role", Role), console.choice("status", UserStatus)
    words, chosen = console.search_words(), console.param("role")
    async with console.reading() as admin:
        page = console.page("/users")
        found = await admin.users.list_page(page, words, role, status, guests=chosen == EVERYONE)
        facts = await admin.users.list_facts(found.items)
    shown = {"q": words or "", "facts": facts, "role": chosen, "status": status}
    return console.show("users.html", refusal, found, **shown)


@router.get("/users/{user_id}", dependencies=READ)
async def show_user(console: SignedIn, user_id: Id) -> Response:
    return await _show_user(user_id, console)


async def _show_user(
    user_id: UUID, console: ConsoleRequest, refusal: Refusal | None = None
) -> Response:
    try:
        async with console.reading() as admin:
            file = await admin.users.get_file(user_id)
    except UserNotFound:
        if refusal is None:
            raise
        # The user has left meanwhile. The list can still show the refusal.
        return await _show_list(console, refusal)
    shown = {
        "user": file.user,
        "warnings": file.warnings,
        "cases": file.cases,
        "acts": file.acts,
    }
    return console.show("user.html", refusal, placed=True, **shown)


@router.post("/users/{user_id}/{verb}", dependencies=ACT)
async def change_user(console: SignedIn, form: OwnForm, user_id: Id, verb: str) -> Response:
    ensure_verb(verb, (*_CHANGES, "warn"))

    async def change(ctx: Context) -> object:
        users = console.service(ctx).users
        if verb == "warn":
            return await users.warn(user_id, Warn.model_validate(form.texts("reason")))
        # The API takes changes without a reason, the console does not.
        wanted: dict[str, object] = {**_CHANGES[verb], "reason": form.reason()}
        if verb == "suspend":
            wanted |= suspension_terms(form, ctx)
        changes = ManagedUserUpdate.model_validate(wanted)
        user = await users.change(user_id, changes, form.seen)
        hides = verb == "suspend" and user.suspension_hides
        return Done("suspend-hiding" if hides else verb, term=form.text("days"))

    page, target = f"/admin/users/{user_id}", (TargetType.USER, user_id)
    # Those who have taken their own rights can't take that back. A warning is final (ADR 0087).
    is_own = user_id == console.admin.user_id
    undoable = verb in _CHANGES and not is_own
    act = Act(change, form, page, verb, user_id, target, undoable)
    answer = await carry_out(console, act, partial(_show_user, user_id))
    shuts_out = is_own and verb in _SHUTS_OUT and answer.status_code == 303
    return _goodbye(console, verb) if shuts_out else answer


def _goodbye(console: ConsoleRequest, verb: str) -> Response:
    """That an act on oneself is done. The page that it leads to would only refuse its admin."""
    answer = console.show("own_standing.html", verb=verb, signed_in=False, is_entrant=False)
    forget_session(console.request, answer)
    return answer
