"""The providers of the app that serves a request."""

from typing import Annotated

from fastapi import Depends, Request

from app.auth.providers import Providers, make_providers
from app.core.runtime import runtime_of


async def get_providers(request: Request) -> Providers:
    """Made when first asked for, and kept with the app: they hold the providers' keys."""
    state = request.app.state
    if not hasattr(state, "identity_providers"):
        runtime = runtime_of(request)
        state.identity_providers = make_providers(runtime.settings, runtime.clock)
    found: Providers = state.identity_providers
    return found


IdentityProviders = Annotated[Providers, Depends(get_providers)]
