"""Every SQL statement about tokens, nonces, browser sign-ins, wrong passwords and mails."""

from app.auth.repository.apple import AppleRepository
from app.auth.repository.clean_up import CleanUpRepository
from app.auth.repository.mails import MailRepository
from app.auth.repository.mfa import MfaRepository
from app.auth.repository.provider_tokens import ProviderTokenRepository
from app.auth.repository.refresh_tokens import RefreshTokenRepository
from app.auth.repository.rotation import RotationRepository
from app.auth.repository.social import SocialRepository
from app.auth.repository.wrong_passwords import WrongPasswordRepository

__all__ = [
    "AppleRepository",
    "CleanUpRepository",
    "MailRepository",
    "MfaRepository",
    "ProviderTokenRepository",
    "RefreshTokenRepository",
    "RotationRepository",
    "SocialRepository",
    "WrongPasswordRepository",
]
