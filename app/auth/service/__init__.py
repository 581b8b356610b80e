"""The use cases of auth, a file each: sessions, accounts, and signing in by others' word."""

from app.auth.service.accounts import AccountService
from app.auth.service.sessions import AuthService
from app.auth.service.social import BrowserReturn, SocialService, cookie_name

__all__ = ["AccountService", "AuthService", "BrowserReturn", "SocialService", "cookie_name"]
