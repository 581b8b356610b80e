"""What Apple's server tells this one about its users (ADR 0017).

The sign-in method is a user's own, so nothing here asks for a session: Apple's signature is the
proof.
"""

from uuid import UUID

import structlog

from app.auth.enums import AppleEventKind
from app.auth.repository.apple import AppleRepository
from app.auth.service.closing import ClosingService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.tokens import TokenService
from app.core.tokens import hash_of
from app.integrations.identity.apple import AppleEvent, AppleProvider
from app.integrations.identity.enums import SocialProvider
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, Role, SignInMethod
from app.user.exceptions import IdentityNotFound, UserNotFound
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

log = structlog.get_logger(__name__)

_GONE = {AppleEventKind.ACCOUNT_DELETE, AppleEventKind.ACCOUNT_DELETED}
_MAIL = {AppleEventKind.EMAIL_DISABLED, AppleEventKind.EMAIL_ENABLED}


class AppleNotificationService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _closing = Needs(ClosingService)
    _tokens = Needs(TokenService)
    _provider_tokens = Needs(ProviderTokenService)
    _heard = Needs(AppleRepository)

    async def hear(self, provider: AppleProvider, payload: str) -> UUID | None:
        """Do what a notification says, once. Returns the user who must leave, if there is one.

        Raises ProviderNotEnabled, InvalidIdToken, ProviderUnavailable.
        """
        await self._ctx.release_connection()
        event = await provider.read_notification(payload)
        if not await self._heard.add(hash_of(event.jti), event.expires_at):
            return None
        known = event.kind in set(AppleEventKind)
        log.info("apple_notification", kind=event.kind if known else "unknown")
        user_id = (
            await self._methods.find_id_by(SignInMethod.APPLE, event.subject) if known else None
        )
        if user_id is None:
            return None
        kind = AppleEventKind(event.kind)
        if kind in _MAIL:
            await self._mark_address(
                user_id, event, is_stopped=kind == AppleEventKind.EMAIL_DISABLED
            )
            return None
        return await self._withdraw(user_id, event, is_gone=kind in _GONE)

    async def _mark_address(self, user_id: UUID, event: AppleEvent, *, is_stopped: bool) -> None:
        """Mark the address that Apple names, and the one that it named at an earlier sign-in."""
        try:
            await self._users.late(user_id)
            method = await self._methods.get(user_id, SignInMethod.APPLE)
        except (UserNotFound, IdentityNotFound):
            return
        for email in sorted(filter(None, {event.email, method.email})):
            await self._heard.set_stopped(email, user_id, event.happened_at, is_stopped=is_stopped)

    async def _withdraw(self, user_id: UUID, event: AppleEvent, *, is_gone: bool) -> UUID | None:
        """Close the sign-in method and end its sessions. The only sign-in method stays, unless its
        user is gone.

        Returns them then, with no row locked: leaving locks other rows first. An admin stays.
        """
        await self._users.exclusive(user_id)
        if await self._methods.find_subject(user_id, SignInMethod.APPLE) != event.subject:
            return None
        is_only = len(await self._methods.list_of(user_id)) == 1
        if is_only and is_gone and not await self._is_admin(user_id):
            return user_id
        try:
            user = await self._methods.lock_other_exclusively(user_id)
        except UserNotFound:
            return None
        if not is_only:
            await self._methods.remove(user, SignInMethod.APPLE)
        await self._tokens.end_all_sessions(user_id, begun_by=EntryMethod.APPLE)
        if is_only:
            await self._provider_tokens.revoke_all_of(user_id, SocialProvider.APPLE)
        else:
            await self._closing.note(
                user, SignInMethod.APPLE, await self._methods.verified_addresses(user)
            )
        return None

    async def _is_admin(self, user_id: UUID) -> bool:
        """Another company's word must not leave the community without its last admin."""
        try:
            user = await self._users.get_user(user_id)
        except UserNotFound:
            return False
        if user.role == Role.ADMIN:
            log.error("admin_is_gone_at_apple", user_id=str(user_id))
        return user.role == Role.ADMIN
