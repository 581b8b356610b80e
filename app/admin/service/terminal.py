"""What someone does at the server's own terminal, recorded as admins' acts are."""

from collections.abc import Sequence
from uuid import UUID

from app.admin.enums import Action
from app.admin.models import AT_TERMINAL
from app.admin.service.audit import AuditLog
from app.admin.service.changes import ConnectionSearch, UserState
from app.admin.service.jobs import JobAdmin
from app.auth.service.mfa import MfaService
from app.auth.service.sign_in import AuthService
from app.auth.service.tokens import TokenService
from app.connection_log.service import ConnectionLogService
from app.runtime.context import Context, Needs, Service
from app.suspension.service.suspensions import SuspensionService
from app.user.enums import Role, SignInMethod, UserStatus
from app.user.exceptions import UserNotFound
from app.user.service.account_entry import AccountEntryService
from app.user.service.users import UserService


class TerminalService(Service):
    """The acts of one person. `who` has the names by which the machine knows them."""

    _auth = Needs(AuthService)
    _accounts = Needs(AccountEntryService)
    _users = Needs(UserService)
    _mfa = Needs(MfaService)
    _tokens = Needs(TokenService)
    _records = Needs(ConnectionLogService)
    _suspensions = Needs(SuspensionService)

    def __init__(self, ctx: Context, who: str) -> None:
        super().__init__(ctx)
        self._audit = AuditLog(ctx, AT_TERMINAL, who)
        self.jobs = JobAdmin(ctx, self._audit)

    async def search_records(self, subject_id: UUID, reason: str, *, all_of_author: bool) -> UUID:
        """Audit a search of the connection log for a thing or a user, even if it finds nothing.

        Returns whose records `ConnectionLogService.list_page` is to list: those of the thing or
        user, or, with `all_of_author`, all of the thing's author, sign-ins too.
        """
        author = await self._records.find_author(subject_id) if all_of_author else None
        about = author or subject_id
        search = ConnectionSearch(await self._records.count(about), all_of_author)
        await self._audit.record(Action.RECORDS_SEARCHED, subject_id, reason, after=search)
        return about

    async def make_admin(self, email: str, password: str) -> Sequence[SignInMethod]:
        """Make an admin, or make the account with this address one. Raises PasswordTooWeak.

        Returns the sign-in methods that the account had beside the e-mail. They are closed.
        """
        made = await self._auth.create_admin(email, password)
        before = UserState(*made.before) if made.before else None
        # A suspended admin could not sign in.
        await self._suspensions.end(made.user)
        after = UserState(Role.ADMIN, UserStatus.ACTIVE)
        await self._audit.record(Action.USER_CHANGED, made.user.id, before=before, after=after)
        return made.closed

    async def reset_mfa(self, account: str | UUID) -> bool:
        """Remove the second step of an account, by its address or its id, and end its sessions.

        Returns False if it has no second step. Raises UserNotFound.
        """
        if isinstance(account, str):
            found = await self._accounts.find_by_email(account)
            if found is None:
                raise UserNotFound
            account = found.id
        await self._tokens.lock_sessions_of(account)
        user = await self._users.lock(account)
        if not await self._mfa.reset(user):
            return False
        await self._audit.record(Action.USER_MFA_RESET, user.id)
        return True
