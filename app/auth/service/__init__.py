"""The use cases of auth, a file each: sessions, accounts, and signing in by others' word."""

from app.auth.service.accounts import AccountService
from app.auth.service.browser import BrowserReturn, BrowserService, Cookie, cookie_name
from app.auth.service.mails import MailService
from app.auth.service.pictures import PictureService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.sessions import AuthService
from app.auth.service.social import SocialService

__all__ = [
    "AccountService",
    "AuthService",
    "BrowserReturn",
    "BrowserService",
    "Cookie",
    "MailService",
    "PictureService",
    "ProviderTokenService",
    "SocialService",
    "cookie_name",
]
