"""The providers of the app that serves a request, and the way of a browser to one of them."""

from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from app.auth.providers import Providers, make_providers
from app.auth.service import Cookie
from app.web.runtime import runtime_of

NO_STORE = {"Cache-Control": "no-store"}


async def get_providers(request: Request) -> Providers:
    """Made when first asked for, and kept with the app: they hold the providers' keys."""
    state = request.app.state
    if not hasattr(state, "identity_providers"):
        runtime = runtime_of(request)
        state.identity_providers = make_providers(runtime.settings, runtime.clock)
    found: Providers = state.identity_providers
    return found


IdentityProviders = Annotated[Providers, Depends(get_providers)]


def to_provider(location: str, cookie: Cookie) -> Response:
    """Send the browser there, with what it is to bring back."""
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
