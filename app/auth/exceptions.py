"""What can go wrong when signing up or in."""

from app.core.errors import (
    BadRequest,
    Forbidden,
    ServiceUnavailable,
    Unauthorized,
    Unprocessable,
)


class PasswordTooWeak(Unprocessable):
    """Too short, too long, or on the list of common ones."""

    code = "password_too_weak"


class WrongPassword(Forbidden):
    """The caller's present password is not that."""

    code = "wrong_password"


class InvalidToken(Unprocessable):
    """A mailed token that is unknown, over, or used already."""

    code = "invalid_token"


class InvalidCredentials(Unauthorized):
    """An unknown e-mail address or a wrong password: nobody is told which.

    The refusal commits, since it is counted.
    """

    code = "invalid_credentials"
    keeps_writes = True


class InvalidRefreshToken(Unauthorized):
    """Unknown, over, or of a session that ended."""

    code = "invalid_refresh_token"


class RefreshTokenReused(Unauthorized):
    """A token came back after it was rotated: somebody has a copy. Its session is ended.

    The refusal commits, since ending the session is its point.
    """

    code = "refresh_token_reused"
    keeps_writes = True


class InvalidIdToken(Unauthorized):
    """A provider's ID token that is not good. What is wrong with it is for the log alone."""

    code = "invalid_id_token"


class InvalidCode(Unauthorized):
    """A one-time code that is unknown, used, over, or not this app's."""

    code = "invalid_code"


class InvalidState(BadRequest):
    """A browser came back from a provider without having been sent there by us."""

    code = "invalid_state"


class ProviderUnavailable(ServiceUnavailable):
    """The provider is not configured, down or too slow. The others go on."""

    code = "provider_unavailable"
