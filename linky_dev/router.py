"""Calls under `/dev` for tests of an app, and for the scripts of our pages."""

from anyio import to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.core.errors import NotFound
from app.web.dependencies import Ctx, ReadCtx
from app.web.responses import json_response
from linky_dev.accounts import DevAccountService
from linky_dev.faults import Fault, FaultSwitch, expire_access_tokens
from linky_dev.inbox import list_messages, only_to
from linky_dev.page import client_page, static_file
from linky_dev.schemas import DevSignIn, FaultRequest, FaultState, Inbox
from linky_dev.tools import not_from_another_site, tools_of

router = APIRouter(
    prefix="/dev", include_in_schema=False, dependencies=[Depends(not_from_another_site)]
)

client = APIRouter(prefix="/app", include_in_schema=False)

home = APIRouter(include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store"}


@router.post("/sign-in")
async def sign_in(form: DevSignIn, ctx: Ctx) -> Response:
    """Sign in as anyone, with tokens of any age. Raises NotFound."""
    signed_in = await ctx.service(DevAccountService).sign_in(form)
    return json_response(signed_in, 200, NO_STORE)


@router.post("/expire-access-tokens")
async def expire_tokens(request: Request) -> Response:
    """Let every access token that was issued so far count as expired."""
    await expire_access_tokens(tools_of(request).faults)
    return Response(status_code=204)


@router.get("/inbox")
async def show_inbox(
    request: Request, ctx: ReadCtx, to: str | None = None, after: str | None = None
) -> Response:
    """Mails and pushes, the newest first.

    `to` is an address, a user's id, or the address of a person at a fake provider.
    """
    tools = tools_of(request)
    messages = await list_messages(ctx, tools.inbox, after=after)
    if to is not None:
        messages = await only_to(ctx, tools.people, to.lower(), messages)
    return json_response(Inbox(items=messages), 200, NO_STORE)


@router.delete("/inbox")
async def empty_inbox(request: Request) -> Response:
    await to_thread.run_sync(tools_of(request).inbox.empty)
    return Response(status_code=204)


@router.get("/fault")
async def show_fault(request: Request) -> Response:
    return _state(tools_of(request).faults)


@router.put("/fault")
async def switch_fault_on(request: Request, form: FaultRequest) -> Response:
    """Put all requests under a fault, or those of one user."""
    switch = tools_of(request).faults
    switch.on(Fault.parse(form.fault), form.only_writes, form.user_id, form.times)
    return _state(switch)


@router.delete("/fault")
async def switch_fault_off(request: Request) -> Response:
    tools_of(request).faults.off()
    return Response(status_code=204)


def _state(switch: FaultSwitch) -> Response:
    state = FaultState(
        fault=str(switch.fault) if switch.fault else None,
        only_writes=switch.only_writes,
        user_id=switch.user_id,
        times_left=switch.times_left,
    )
    return json_response(state, 200, NO_STORE)


@home.get("/")
async def lead_to_client() -> Response:
    """`linky dev` prints this address first. It leads on to the client."""
    return RedirectResponse("/app", 307)


@client.get("")
async def show_client(request: Request) -> Response:
    """A small web client, made only of the public API."""
    return client_page(request)


@client.get("/{name}")
@router.get("/static/{name}")
async def show_static(request: Request, name: str) -> Response:
    found = static_file(name, tools_of(request).settings.brand.style)
    if found is None:
        raise NotFound
    content, kind = found
    return Response(content, headers={"Cache-Control": "no-cache"}, media_type=kind)
