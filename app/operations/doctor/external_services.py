"""Checks of the services that Linky calls: store, push, mail and sign-in providers.

A check leaves no object in the store and sends nothing to any user.
"""

from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

import httpx

from app.core.settings.config import Settings
from app.core.settings.production import leads_to_fake_provider
from app.image.models import IMAGES
from app.integrations.identity import make_providers
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.mail.base import MailError
from app.integrations.push.base import PushError
from app.integrations.storage.base import Storage, StorageError
from app.integrations.storage.keys import HIDDEN, hidden_key
from app.integrations.storage.s3 import S3Storage
from app.operations.doctor.installation import Installation
from app.operations.doctor.results import Result, ok, untried, warning, wrong

S3_SECTION = 'docs/aws.md, "Images: S3"'
SES_SECTION = 'docs/aws.md, "Email: SES"'
PROBE = b"probe"


async def check_storage(installation: Installation) -> Sequence[Result]:
    """Store, read and delete objects as the app does; see which of them clients can load."""
    storage, name = installation.runtime.storage, "pictures"
    try:
        await storage.check()
        results = [*await _public_bucket(storage), *await _probe_objects(installation, storage)]
    except StorageError as error:
        return [wrong(name, str(error), S3_SECTION)]
    return results or [ok(name, f"{installation.settings.storage}: stored, served and removed")]


async def _public_bucket(storage: Storage) -> list[Result]:
    if isinstance(storage, S3Storage) and await storage.is_public():
        words = "anybody can read the bucket by its own address"
        return [wrong("pictures", words, 'switch "Block all public access" on')]
    return []


async def _probe_objects(installation: Installation, storage: Storage) -> list[Result]:
    """Store a visible and a hidden object. Clients must be able to load only the first."""
    key = f"{IMAGES.prefix}doctor/{uuid4()}.webp"
    try:
        for probe_key in (key, hidden_key(key)):
            await storage.put(probe_key, PROBE, "image/webp")
        return [
            *await _is_served(installation, storage.url(key)),
            *await _is_kept_hidden(installation, storage.url(hidden_key(key))),
        ]
    finally:
        await storage.delete([key, hidden_key(key)])


async def _is_served(installation: Installation, url: str) -> Sequence[Result]:
    remedy = 'check LINKY_S3_PUBLIC_URL; docs/aws.md, "CloudFront"'
    try:
        response = await installation.http.get(url)
    except httpx.HTTPError as error:
        return [wrong("pictures", f"clients can't load them ({type(error).__name__})", remedy)]
    if response.status_code != httpx.codes.OK or response.content != PROBE:
        return [wrong("pictures", f"clients get {response.status_code} for them", remedy)]
    return []


async def _is_kept_hidden(installation: Installation, url: str) -> Sequence[Result]:
    with suppress(httpx.HTTPError):
        if (await installation.http.get(url)).content == PROBE:
            words = f"anyone can load hidden images: what begins with {HIDDEN} is served"
            remedy = 'narrow the bucket policy as in docs/aws.md, "CloudFront"'
            return [wrong("pictures", words, remedy)]
    return []


async def check_push(installation: Installation) -> Sequence[Result]:
    if installation.settings.push == "log":
        return [untried("push", "nothing is sent (LINKY_PUSH=log)")]
    try:
        await installation.runtime.push.check()
    except PushError as error:
        return [wrong("push", str(error), 'docs/services.md, "Push: Firebase"')]
    return [ok("push", "FCM takes a message (validated, not sent)")]


async def check_mail(installation: Installation) -> Sequence[Result]:
    kind = installation.settings.mail
    if kind == "file":
        return [_mail_to_files(installation.settings)]
    section = SES_SECTION if kind == "ses" else 'docs/services.md, "Email: SMTP"'
    try:
        await installation.runtime.mailer.check()
    except MailError as error:
        if "AccessDenied" in str(error):
            remedy = "allow ses:GetAccount, or send a mail by hand"
            return [warning("mail", "the role may not ask SES for its state", remedy)]
        return [wrong("mail", str(error), section)]
    if kind == "smtp" and not installation.settings.smtp_insists_on_tls:
        return [ok("mail", "the server takes mail (TLS is not insisted on)")]
    return [ok("mail", "the server takes mail, by TLS" if kind == "smtp" else "SES is open")]


def _mail_to_files(settings: Settings) -> Result:
    words = "mails become files (LINKY_MAIL=file)"
    if not settings.is_production:
        return untried("mail", words)
    return warning("mail", words, "set LINKY_MAIL to ses or smtp: no user can reset a password")


async def check_providers(installation: Installation) -> Sequence[Result]:
    """Fetch the keys of each sign-in provider that is set up."""
    providers = make_providers(installation.settings, installation.clock).values()
    return [await _check_provider(provider, installation.settings) for provider in providers]


async def _check_provider(provider: IdentityProvider, settings: Settings) -> Result:
    title = provider.name.capitalize() if provider.name != "line" else "LINE"
    if not provider.is_configured(settings):
        return untried("sign-in", f"{title}: not set up")
    is_fake_provider = leads_to_fake_provider(getattr(settings, f"{provider.name}_discovery_url"))
    try:
        await provider.check()
    except ProviderUnavailable:
        if is_fake_provider:
            return untried("sign-in", f"{title}: a fake provider, and `linky dev` does not answer")
        remedy = "are outgoing connections (443) open? see the log"
        return wrong("sign-in", f"{title}: its keys can't be fetched", remedy)
    if is_fake_provider:
        return ok("sign-in", f"{title}: the fake provider of `linky dev`")
    if provider.offers_browser():
        return ok("sign-in", f"{title}: by the app and by a browser")
    words = f"{title}: by the app only; a browser needs a secret (or a key that can be read)"
    return warning("sign-in", words, "docs/services.md: the provider's section")
