"""What can go wrong with accounts."""

from app.core.catalogue import NO_REASON
from app.core.errors import Conflict, FieldError, Forbidden, NotFound, Unprocessable


class UserNotFound(NotFound):
    """No such user, or one who has left."""

    code = "user_not_found"


class SessionNotFound(NotFound):
    """No such session of the caller's."""

    code = "session_not_found"


class EmailTaken(Conflict):
    """Another e-mail account has this address."""

    code = "email_taken"


class NotAGuest(Conflict):
    """Only a guest can be upgraded."""

    code = "not_a_guest"


class CannotBlockSelf(Unprocessable):
    """Nobody can block themselves."""

    code = "cannot_block_self"


class NicknameReserved(Unprocessable):
    """The nickname passes for the staff's, and the user is no admin."""

    code = "nickname_reserved"

    def __init__(self) -> None:
        super().__init__(FieldError("body.nickname", "reserved"))


class LastAdmin(Conflict):
    """No admin would be left."""

    code = "last_admin"


class AccountSuspended(Forbidden):
    """An admin has suspended the account, and perhaps said why."""

    code = "account_suspended"

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason=reason or NO_REASON)


class AdminOnly(Forbidden):
    """The caller is no admin."""

    code = "admin_only"


class GuestNotAllowed(Forbidden):
    """What others would see takes a registered user."""

    code = "guest_not_allowed"


class TermsRequired(Forbidden):
    """The current terms have not been accepted."""

    code = "terms_required"
