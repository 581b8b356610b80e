"""`/users/me/identities` and `/users/me/email`: the sign-in methods of the caller's account."""

from collections.abc import Awaitable, Callable

from fastapi import Response

from app.auth.dependencies import PathProvider
from app.auth.exceptions import (
    InvalidCode,
    MailBusy,
    PasswordTooWeak,
    ProofRequired,
    WrongPassword,
)
from app.auth.schemas import EmailAndPassword, EmailChange, Exchange, LinkProvider, Unlink
from app.auth.service.addresses import AddressService
from app.auth.service.linking import LinkingService
from app.core.errors import InvalidCursor, Overloaded
from app.core.keyset import Page
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import (
    InvalidIdToken,
    ProviderNotEnabled,
    ProviderUnavailable,
)
from app.user.dependencies import CurrentMember, CurrentOwner
from app.user.enums import SignInMethod
from app.user.exceptions import (
    EmailTaken,
    IdentityNotFound,
    IdentityTaken,
    LastIdentity,
    ProviderAlreadyLinked,
)
from app.user.rows import Identity
from app.web.dependencies import Ctx, ReadCtx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import headers_of, raises
from app.web.paging import PageQuery
from app.web.responses import json_response, page_response
from app.web.routing import feature_router

router = feature_router("/users/me", tags=["identities"])


@router.get("/identities", response_model=Page[Identity], dependencies=[limited("read")])
async def list_identities(viewer: CurrentOwner, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the sign-in methods of the caller's account, oldest first.

    There are at most four, one of each kind. They come in one page, whatever `limit` says, and no
    cursor leads to another.
    """
    if page.cursor is not None:
        raise InvalidCursor
    methods = await ctx.service(LinkingService).list_own(viewer)
    return page_response(Page(methods, None))


@router.post(
    "/identities/exchange",
    status_code=201,
    response_model=Identity,
    dependencies=[limited("password")],
)
@raises(InvalidCode, ProofRequired, ProviderAlreadyLinked, IdentityTaken)
async def link_identity_by_code(
    form: Exchange, ctx: Ctx, viewer: CurrentMember, once: Idempotent
) -> Response:
    """Link the identity that a browser brought back, with the one-time code of `...callback`.

    The code works once, for 60 seconds, with the verifier of the app's challenge. It creates no
    account. The session must have been verified within the last ten minutes, by its sign-in or by
    `POST /auth/proof`; otherwise the code is not used up.
    """
    linking = ctx.service(LinkingService)
    return await once.run(ctx, _created(lambda: linking.link_by_code(viewer, form)))


@router.post(
    "/identities/email",
    status_code=201,
    response_model=Identity,
    dependencies=[limited("password")],
)
@raises(PasswordTooWeak, ProofRequired, ProviderAlreadyLinked, EmailTaken, Overloaded, MailBusy)
async def add_email_identity(
    form: EmailAndPassword, ctx: Ctx, viewer: CurrentMember, once: Idempotent
) -> Response:
    """Add an email address and password to an account without one. A link verifies the address.

    The password has 8 to 128 characters of any script and isn't easy to guess. The session must
    have been verified within the last ten minutes, by its sign-in or by `POST /auth/proof`.
    """
    kept = await once.find_kept(ctx)
    if kept is not None:
        return kept
    linking = ctx.service(LinkingService)
    password_hash = await linking.hash_for_email(viewer, form)
    return await once.run(
        ctx, _created(lambda: linking.add_email(viewer, form.email, password_hash))
    )


@router.post(
    "/identities/{provider}",
    status_code=201,
    response_model=Identity,
    dependencies=[limited("password")],
)
@raises(
    *(InvalidIdToken, ProviderNotEnabled, ProviderUnavailable),
    *(ProofRequired, ProviderAlreadyLinked, IdentityTaken),
)
async def link_identity(
    provider: PathProvider, form: LinkProvider, ctx: Ctx, viewer: CurrentMember, once: Idempotent
) -> Response:
    """Link an identity with the ID token of LINE's, Google's or Apple's native SDK.

    The checks are those of a sign-in, including the nonce of `POST /auth/nonce`. A Google token may
    come without a nonce only if it was issued within the last ten minutes. An account has one
    identity of each kind. The session must have been verified within the last ten minutes, by its
    sign-in or by `POST /auth/proof`; otherwise the nonce is not used up.
    """
    kept = await once.find_kept(ctx)
    if kept is not None:
        return kept
    linking = ctx.service(LinkingService)
    identity = await linking.verify(viewer, provider, form)
    return await once.run(ctx, _created(lambda: linking.link(viewer, provider, identity, form)))


@router.delete(
    "/identities/{provider}",
    status_code=204,
    response_class=Response,
    responses={204: {"headers": headers_of("Linky-Unlink")}},
    dependencies=[limited("password")],
)
@raises(IdentityNotFound, WrongPassword, ProofRequired, LastIdentity, Overloaded)
async def unlink_identity(
    provider: SignInMethod, ctx: Ctx, viewer: CurrentMember, form: Unlink | None = None
) -> Response:
    """Remove a sign-in method. An account with a password must send it. The last one stays.

    An account without a password needs a session that was verified within the last ten minutes, by
    its sign-in or by `POST /auth/proof`.

    The other sessions that began with it end, and Apple and LINE are notified that the app is
    disconnected. LINE needs a token of the user: `line_access_token` of its SDK, or what a sign-in
    in the browser left here. Without one the answer has `Linky-Unlink: line`: the user may unlink
    the app in LINE.
    """
    linking = ctx.service(LinkingService)
    is_left_to_user = await linking.unlink(viewer, provider, form or Unlink())
    headers = {"Linky-Unlink": SocialProvider.LINE} if is_left_to_user else None
    return Response(status_code=204, headers=headers)


@router.post("/email", status_code=202, response_class=Response, dependencies=[limited("password")])
@raises(WrongPassword, ProofRequired, EmailTaken, Overloaded)
async def change_my_email(form: EmailChange, ctx: Ctx, viewer: CurrentMember) -> Response:
    """Request a change of address: the new one gets a link, and the old one a security notice.

    Nothing changes until the link is used. An account with a password must send it. One without
    needs a session that was verified within the last ten minutes, by its sign-in or by
    `POST /auth/proof`.
    """
    await ctx.service(AddressService).ask(viewer, form.email, form.password)
    return Response(status_code=202)


def _created(
    link: Callable[[], Awaitable[Identity]],
) -> Callable[[], Awaitable[Response]]:
    """The answer of a new sign-in method."""

    async def answer() -> Response:
        return json_response(await link(), 201)

    return answer
