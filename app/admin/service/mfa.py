"""An admin's own second step. The audit log has each change of it."""

from app.admin.enums import Action
from app.admin.service.audit import AuditLog
from app.auth.service.mfa import MfaService
from app.runtime.context import Context, Needs, Service
from app.user.exceptions import MfaRequired
from app.user.policy import Viewer, mfa_is_required


class MfaAdmin(Service):
    _mfa = Needs(MfaService)

    def __init__(self, ctx: Context, admin: Viewer, address: str = "") -> None:
        super().__init__(ctx)
        self._audit = AuditLog(ctx, admin.user_id, address)
        self._admin = admin

    async def confirm(self, sealed: str, code: str, present: str = "") -> list[str]:
        """Set it up, or another one in its place. Returns ten recovery codes.

        Raises WrongCode, RateLimited, AlreadySetUp.
        """
        codes = await self._mfa.confirm(self._admin, sealed, code, present)
        await self._audit.record(Action.USER_MFA_SET_UP, self._admin.user_id)
        return codes

    async def renew_recovery_codes(self, code: str) -> list[str]:
        """Raises WrongCode, RateLimited."""
        codes = await self._mfa.renew_recovery_codes(self._admin, code)
        await self._audit.record(Action.USER_RECOVERY_CODES_RENEWED, self._admin.user_id)
        return codes

    async def turn_off(self, code: str) -> None:
        """Where it is not required. Raises MfaRequired, WrongCode, RateLimited.

        It is not recorded if there was none to remove.
        """
        if mfa_is_required(self._ctx.settings):
            raise MfaRequired
        if await self._mfa.turn_off(self._admin, code):
            await self._audit.record(Action.USER_MFA_REMOVED, self._admin.user_id)
