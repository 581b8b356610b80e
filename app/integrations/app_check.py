"""Firebase App Check: whether a call comes from the app, and not from a script.

A token is verified here by Firebase's published keys, without asking Firebase. Only who has it all
right makes us fetch them.
"""

import base64
import json
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import structlog

from app.core.clock import Clock
from app.core.errors import Forbidden
from app.core.metrics import APP_CHECKS
from app.core.settings.config import Settings
from app.core.texts import Text
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.identity.id_tokens import UNREADABLE, Claims, ensure_signed_by, ensure_valid
from app.integrations.identity.keys import PublishedKeys

log = structlog.get_logger(__name__)

HEADER: Final = "X-Firebase-AppCheck"
KNOWN_JWKS_URL: Final = "https://firebaseappcheck.googleapis.com/v1/jwks"
ISSUER: Final = "https://firebaseappcheck.googleapis.com/"
ALGORITHM: Final = "RS256"
KEPT_FOR: Final = timedelta(days=1)
"""How long Firebase's keys are used while they can't be fetched."""

_NEEDED: Final = ("aud", "exp", "sub")


class AppCheckFailed(Forbidden):
    """The call has no token of Firebase App Check, or one that is not good."""

    code = "app_check_failed"
    title = Text("アプリを確認できません", "App couldn't be verified")
    detail = Text(
        "公式アプリからの操作であることを確認できませんでした。アプリを最新版にして、もう一度お試しください。",
        "This request doesn't seem to come from the official app. Update the app and try again.",
    )


class AppCheckOutcome(StrEnum):
    """How a check ended, for the figure."""

    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"
    UNAVAILABLE = "unavailable"


class AppCheck:
    """The check, as the settings have it. It keeps Firebase's keys, so keep it."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        project = settings.app_check_project
        self._mode = settings.app_check
        self._issuer = f"{ISSUER}{project}"
        self._audience = f"projects/{project}"
        self._apps = settings.app_check_apps
        self._clock = clock
        self._url = settings.app_check_jwks_url or KNOWN_JWKS_URL
        self._keys = PublishedKeys(clock, self._address, KEPT_FOR)

    async def _address(self) -> str:
        return self._url

    async def check(self, token: str | None) -> None:
        """Count a call, and refuse it if that is wanted.

        Raises AppCheckFailed, and ProviderUnavailable for a token that may be good while the keys
        are out of reach.
        """
        if self._mode == "off":
            return
        outcome = await self._outcome(token)
        APP_CHECKS.labels(outcome).inc()
        if self._mode == "watch" or outcome == AppCheckOutcome.OK:
            return
        if outcome == AppCheckOutcome.UNAVAILABLE:
            raise ProviderUnavailable
        raise AppCheckFailed

    async def _outcome(self, token: str | None) -> AppCheckOutcome:
        if not token:
            return AppCheckOutcome.MISSING
        try:
            # First what needs no keys: a flood of nonsense must not make us fetch them.
            ensure_signed_by(token, ALGORITHM, kid_needed=True)
            header, claims = _unverified(token)
            if header.get("typ") != "JWT":
                raise ValueError("typ")
            self._ensure_ours(claims)
            self._ensure_ours(await self._keys.decode(token, ALGORITHM))
        except UNREADABLE as error:
            log.info("app_check_refused", reason=f"{type(error).__name__}: {error}"[:200])
            return AppCheckOutcome.WRONG
        except ProviderUnavailable:
            return AppCheckOutcome.UNAVAILABLE
        return AppCheckOutcome.OK

    def _ensure_ours(self, claims: Claims) -> None:
        """Raises one of UNREADABLE."""
        ensure_valid(claims, int(self._clock().timestamp()), (self._issuer,), _NEEDED)
        audience = claims["aud"]
        listed: Sequence[Any] = audience if isinstance(audience, list) else [audience]
        if self._audience not in listed:
            raise ValueError("aud")
        app = claims["sub"]
        if not (isinstance(app, str) and (app in self._apps or not self._apps)):
            raise ValueError("sub")


def _unverified(token: str) -> tuple[dict[str, Any], Claims]:
    """The header and the claims as they are written. Raises one of UNREADABLE."""
    header, claims, _ = token.split(".")
    try:
        read = [
            json.loads(base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)))
            for each in (header, claims)
        ]
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not all(isinstance(each, dict) for each in read):
        raise ValueError("no objects")
    return read[0], read[1]
