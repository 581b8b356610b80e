"""How often an address is mailed: the person who types it in may not be its owner."""

import hmac

import structlog

from app.auth.enums import MailKind
from app.auth.repository import AuthRepository
from app.core.keys import derived_key
from app.core.text import fold
from app.runtime.context import Context

log = structlog.get_logger(__name__)


class MailService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._auth = AuthRepository(ctx.session)

    async def may_mail(self, email: str, kind: MailKind) -> bool:
        """Whether the address may get one more of this kind; if so it counts as mailed.

        One a minute and five a day, on all servers together. An address counts as the same however
        it is spelled (case, width). LINKY_RATE_LIMITS does not switch this off: it protects people
        who never asked for anything.
        """
        allowed = await self._auth.count_mail(self._name_of(email), kind, self._ctx.clock())
        if not allowed:
            log.info("mail_held_back", kind=kind)
        return allowed

    def _name_of(self, email: str) -> bytes:
        # The row outlives an erased account by a day and must not reveal it. Without our key
        # the hash matches no address. A new key starts all counts afresh.
        newest = next(iter(self._ctx.settings.signing_keys.values()))
        return hmac.digest(derived_key(newest, "mails"), fold(email).encode(), "sha256")
