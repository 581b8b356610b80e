"""The use cases of auth, a file each."""

from app.auth.service.accounts import AccountService
from app.auth.service.addresses import AddressService
from app.auth.service.apple_notifications import AppleNotificationService
from app.auth.service.browser import BrowserService
from app.auth.service.browser_return import BrowserReturn
from app.auth.service.clean_up import CleanUpService
from app.auth.service.closing import ClosingService
from app.auth.service.linking import LinkingService
from app.auth.service.mailed_links import MailedLinkService
from app.auth.service.mails import MailService
from app.auth.service.mfa import MfaService
from app.auth.service.notices import NoticeService
from app.auth.service.pictures import PictureService
from app.auth.service.proofs import ProofService
from app.auth.service.provider_tokens import ProviderTokenService
from app.auth.service.refreshing import RefreshService
from app.auth.service.sign_in import AuthService
from app.auth.service.social import SocialService
from app.auth.service.tokens import TokenService

__all__ = [
    "AccountService",
    "AddressService",
    "AppleNotificationService",
    "AuthService",
    "BrowserReturn",
    "BrowserService",
    "CleanUpService",
    "ClosingService",
    "LinkingService",
    "MailService",
    "MailedLinkService",
    "MfaService",
    "NoticeService",
    "PictureService",
    "ProofService",
    "ProviderTokenService",
    "RefreshService",
    "SocialService",
    "TokenService",
]
