"""Adding and removing sign-in methods of one's own account.

Every change needs the owner's own act and a recent reauthentication (ADR 0101). A security
notice goes to each verified address of the account. An address that two accounts share joins
nothing.
"""

from collections.abc import Sequence

from app.auth.policy import ensure_proved, ensure_strong
from app.auth.schemas import EmailAndPassword, Exchange, LinkProvider, Unlink
from app.auth.service.accounts import AccountService
from app.auth.service.browser import BrowserService
from app.auth.service.closing import ClosingService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.notices import NoticeService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.social import SocialService, usable_email
from app.auth.service.tokens import TokenService
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.id_tokens import VerifiedIdentity
from app.notification.enums import AccountEvent
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, SignInMethod
from app.user.exceptions import ProviderAlreadyLinked
from app.user.models import User
from app.user.policy import Viewer, has_lapsed
from app.user.rows import Identity
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService


class LinkingService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _accounts = Needs(AccountService)
    _social = Needs(SocialService)
    _browsers = Needs(BrowserService)
    _closing = Needs(ClosingService)
    _links = Needs(MailedLinkService)
    _notices = Needs(NoticeService)
    _tokens = Needs(TokenService)
    _provider_tokens = Needs(ProviderTokenService)
    _records = Needs(ConnectionLogService)

    async def list_own(self, viewer: Viewer) -> Sequence[Identity]:
        """The caller's sign-in methods, the oldest first."""
        return await self._methods.list_of(viewer.user_id)

    async def verify(
        self, viewer: Viewer, provider: IdentityProvider, form: LinkProvider
    ) -> VerifiedIdentity:
        """The first step of `link`, without a connection: ask the provider.

        Raises ProofRequired, and what `SocialService.verify_fresh` raises.
        """
        ensure_proved(viewer, self._ctx.clock())
        return await self._social.verify_fresh(provider, form)

    async def link(
        self,
        viewer: Viewer,
        provider: IdentityProvider,
        identity: VerifiedIdentity,
        form: LinkProvider,
    ) -> Identity:
        """Link the identity that `verify` has found in a form.

        Raises InvalidIdToken for a used nonce, ProviderAlreadyLinked, IdentityTaken; and
        SessionRevoked and AccountSuspended, also if that came while the provider was asked.
        """
        await self._social.use_nonce(provider.name, form.nonce)
        linked = await self._add(viewer, provider.name, identity)
        code = form.authorization_code
        await self._social.redeem_later(provider, viewer.user_id, identity, code)
        return linked

    async def link_by_code(self, viewer: Viewer, form: Exchange) -> Identity:
        """Link the identity that a browser brought back from a provider.

        Raises ProofRequired, which does not spend the code; InvalidCode, ProviderAlreadyLinked,
        IdentityTaken, SessionRevoked, AccountSuspended.
        """
        ensure_proved(viewer, self._ctx.clock())
        provider, redeemed = await self._browsers.spend_code(form)
        linked = await self._add(viewer, provider, redeemed.identity)
        await self._browsers.keep_token(provider, viewer.user_id, redeemed)
        return linked

    async def _add(
        self, viewer: Viewer, provider: SocialProvider, identity: VerifiedIdentity
    ) -> Identity:
        user = await self._users.lock(viewer)
        email = usable_email(identity.email)
        linked = await self._methods.add_provider(
            user,
            SignInMethod(provider),
            identity.subject,
            email,
            email_verified=email is not None and identity.email_verified,
        )
        notified = await self._methods.verified_addresses(user)
        await self._note_linked(user, notified, SignInMethod(provider))
        return linked

    async def hash_for_email(self, viewer: Viewer, form: EmailAndPassword) -> str:
        """The first step of `add_email`, without a connection: the hash of the password.

        Raises ProofRequired, PasswordTooWeak, ProviderAlreadyLinked, MailBusy.
        """
        ensure_proved(viewer, self._ctx.clock())
        caller = await self._users.get_caller(viewer)
        if caller.password_hash is not None and not has_lapsed(caller, self._ctx.clock()):
            raise ProviderAlreadyLinked
        ensure_strong(form.password, form.email, caller.nickname)
        await self._links.ensure_may_sign_up()
        await self._ctx.release_connection()
        return await self._ctx.process.passwords.hash(form.password, self._ctx.caller_network)

    async def add_email(self, viewer: Viewer, email: str, password_hash: str) -> Identity:
        """Add an address and a password, and mail a link that verifies the address.

        Raises ProviderAlreadyLinked, EmailTaken, MailBusy; and SessionRevoked and AccountSuspended,
        also if that came while the password was hashed.
        """
        await self._closing.make_room(email, but=viewer.user_id)
        user = await self._users.lock(viewer)
        if has_lapsed(user, self._ctx.clock()):
            await self._methods.remove_unproved(user)
        notified = await self._methods.verified_addresses(user)
        linked = await self._methods.add_email(user, email, password_hash)
        await self._links.mail_after_sign_up(user)
        await self._note_linked(user, notified, SignInMethod.EMAIL)
        return linked

    async def unlink(self, viewer: Viewer, method: SignInMethod, form: Unlink) -> bool:
        """Close a sign-in method. The other sessions that began by it end.

        Returns whether only the user can unlink it at LINE. Raises IdentityNotFound,
        ProofRequired, WrongPassword, LastIdentity, SessionRevoked, AccountSuspended.
        """
        await self._methods.get(viewer.user_id, method)
        checked = await self._accounts.ensure_proof(viewer, form.password)
        user = await self._methods.lock_exclusively(viewer)
        await self._accounts.settle_proof(user, checked)
        notified = await self._methods.verified_addresses(user)
        is_left_to_user = method == SignInMethod.LINE and await self._provider_tokens.revoke_all_of(
            user.id, SocialProvider.LINE, form.line_access_token
        )
        await self._methods.remove(user, method)
        await self._tokens.end_all_sessions(
            user.id, but=viewer.session_id, begun_by=EntryMethod(method)
        )
        await self._closing.note(user, method, notified)
        return is_left_to_user

    async def _note_linked(self, user: User, notified: Sequence[str], method: SignInMethod) -> None:
        """Record the new sign-in method, and notify these addresses."""
        await self._records.note(RecordedAct.LINKED, Subject.ACCOUNT, user.id, user.id)
        await self._notices.notify(user, notified, AccountEvent.LINKED, method)
