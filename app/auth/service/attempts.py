"""Pure helpers of a sign-in by the browser: addresses, the cookie, PKCE's challenge."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from app.auth.enums import MailPurpose
from app.auth.models import OAuthAttempt
from app.auth.service.mailed_links import LINKS
from app.core.settings.config import Settings
from app.core.tokens import hash_of
from app.integrations.identity.base import IdentityProvider

ATTEMPT_LIFETIME = timedelta(minutes=10)
CALLBACK_PATH = "/api/v1/auth/oauth/{provider}/callback"


@dataclass(frozen=True, slots=True)
class Cookie:
    """The cookie that binds an attempt to the browser that began it."""

    name: str
    value: str
    path: str
    secure: bool
    cross_site: bool
    max_age: int = int(ATTEMPT_LIFETIME.total_seconds())


def cookie_name(state: str) -> str:
    """Each attempt has its own cookie, so that two tabs can sign in at the same time."""
    return f"linky_oauth_{hash_of(state).hex()[:16]}"


def cookie_for(settings: Settings, provider: IdentityProvider, state: str, browser: str) -> Cookie:
    """SameSite=Lax is enough for a redirect. A form posted from another site needs None."""
    url = callback_url(settings, provider)
    return Cookie(
        name=cookie_name(state),
        value=browser,
        path=urlsplit(url).path,
        secure=url.startswith("https://") or provider.posts_back,
        cross_site=provider.posts_back,
    )


def callback_url(settings: Settings, provider: IdentityProvider) -> str:
    """The address that is registered with the provider."""
    return settings.base_url + CALLBACK_PATH.format(provider=provider.name.value)


def leave_page(settings: Settings) -> str:
    """Our page where a sign-in ends that is to end the account. A mailed link leads there, too."""
    return settings.base_url + LINKS[MailPurpose.LEAVE].page


def console_page(settings: Settings) -> str:
    """The console's page where an admin's sign-in ends."""
    return f"{settings.base_url}/admin/sign-in/return"


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def app_url(attempt: OAuthAttempt, parameters: dict[str, str]) -> str:
    """Where the browser goes on to: the app's address, with its state."""
    joint = "&" if "?" in attempt.redirect_uri else "?"
    state = {"state": attempt.app_state} if attempt.app_state else {}
    return f"{attempt.redirect_uri}{joint}{urlencode({**parameters, **state})}"
