"""A browser comes back from a provider."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from app.auth.models import OAuthAttempt
from app.auth.service.attempts import app_url, callback_url
from app.auth.service.browser import BrowserService
from app.integrations.identity.base import (
    BrowserAnswer,
    BrowserRequest,
    IdentityProvider,
    ProviderRefused,
)
from app.integrations.identity.exceptions import (
    InvalidIdToken,
    ProviderNotEnabled,
    ProviderUnavailable,
)
from app.runtime.context import Context
from app.user.exceptions import AccountSuspended

_ERROR_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")


class BrowserReturn:
    """Two units of work. The provider is asked between them, while no transaction is open."""

    def __init__(
        self,
        writing: Callable[[], AbstractAsyncContextManager[Context]],
        provider: IdentityProvider,
    ) -> None:
        self._writing = writing
        self._provider = provider

    async def finish(self, state: str, browser: str, answer: BrowserAnswer) -> str:
        """Where to send the browser: to the app, with a code or with an error.

        Raises InvalidState. Then the app's address is unknown.
        """
        provider = self._provider
        async with self._writing() as ctx:
            attempt = await ctx.service(BrowserService).take_attempt(provider.name, state, browser)
            request = BrowserRequest(
                callback_url(ctx.settings, provider), state, attempt.nonce, attempt.code_verifier
            )
        return app_url(attempt, await self._redeem(attempt, request, answer))

    async def _redeem(
        self, attempt: OAuthAttempt, request: BrowserRequest, answer: BrowserAnswer
    ) -> dict[str, str]:
        """The parameters for the app."""
        try:
            redeemed = await self._provider.redeem(request, answer)
            async with self._writing() as ctx:
                browsers = ctx.service(BrowserService)
                return await browsers.hand_over(attempt, self._provider, redeemed)
        except ProviderRefused as refused:
            return {"error": _error_word(refused.error), **_description(answer)}
        except AccountSuspended as error:
            # If no reason was given, the app has its own text for it in both languages.
            described = {"error_description": error.reason} if error.reason else {}
            members = {name: value for name, value in error.members.items() if value}
            return {"error": error.code, **described, **members}
        except (InvalidIdToken, ProviderNotEnabled, ProviderUnavailable) as error:
            return {"error": error.code}


def _error_word(error: str) -> str:
    return error if _ERROR_WORD.fullmatch(error) else "provider_error"


def _description(answer: BrowserAnswer) -> dict[str, str]:
    described = answer.error_description
    if not (answer.error and described):
        return {}
    return {"error_description": "".join(c for c in described if c.isprintable())[:200]}
