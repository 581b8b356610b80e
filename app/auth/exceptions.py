"""What can go wrong when signing up or in."""

from app.core.errors import Forbidden, Unauthorized, Unprocessable


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
    """An unknown e-mail address or a wrong password: nobody is told which."""

    code = "invalid_credentials"


class InvalidRefreshToken(Unauthorized):
    """Unknown, over, or of a session that ended."""

    code = "invalid_refresh_token"


class RefreshTokenReused(Unauthorized):
    """A token came back after it was rotated: somebody has a copy. Its session is ended.

    The refusal commits, since ending the session is its point.
    """

    code = "refresh_token_reused"
    keeps_writes = True
