"""The identity providers that routes ask for, and how a browser is sent to one."""

from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.responses import RedirectResponse

from app.auth.service.attempts import Cookie
from app.integrations.app_check import HEADER, AppCheck, AppCheckFailed
from app.integrations.identity import Providers, make_providers
from app.integrations.identity.apple import AppleProvider
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import ProviderUnavailable
from app.web.openapi import raises
from app.web.runtime import runtime_of

NO_STORE = {"Cache-Control": "no-store"}


async def _get_providers(request: Request) -> Providers:
    """All providers. They are made once for each app, because they cache the providers' keys."""
    state = request.app.state
    if not hasattr(state, "identity_providers"):
        runtime = runtime_of(request)
        state.identity_providers = make_providers(runtime.settings, runtime.clock)
    providers: Providers = state.identity_providers
    return providers


IdentityProviders = Annotated[Providers, Depends(_get_providers)]


async def _get_provider(provider: SocialProvider, providers: IdentityProviders) -> IdentityProvider:
    """The provider that the route's path names."""
    return providers[provider]


PathProvider = Annotated[IdentityProvider, Depends(_get_provider)]


async def _get_apple(providers: IdentityProviders) -> AppleProvider:
    apple = providers[SocialProvider.APPLE]
    assert isinstance(apple, AppleProvider)
    return apple


Apple = Annotated[AppleProvider, Depends(_get_apple)]


AppToken = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="A token of Firebase App Check, where `app_check` in `/meta` is not `off`",
    ),
]


@raises(AppCheckFailed, ProviderUnavailable)
async def check_app(request: Request, token: AppToken = None) -> None:
    """Whether the app calls. The check is made once for each app, because it keeps the keys."""
    state = request.app.state
    if not hasattr(state, "app_check"):
        runtime = runtime_of(request)
        state.app_check = AppCheck(runtime.settings, runtime.clock)
    check: AppCheck = state.app_check
    await check.check(token)


BY_APP: Any = Depends(check_app)
"""For sign-ups and sign-ins that an app makes. A page in a browser has no attestation."""


def to_provider(location: str, cookie: Cookie) -> Response:
    """Send the browser to the provider. It brings the cookie back."""
    response = RedirectResponse(location, 302, NO_STORE)
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=cookie.max_age,
        path=cookie.path,
        secure=cookie.secure,
        httponly=True,
        samesite="none" if cookie.cross_site else "lax",
    )
    return response
