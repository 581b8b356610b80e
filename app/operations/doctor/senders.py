"""From inside: what Linky talks to. Nothing is left behind, nobody hears of it."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

import httpx

from app.auth.exceptions import ProviderUnavailable
from app.auth.providers import make_providers
from app.integrations.mail import MailError
from app.integrations.push import PushError
from app.integrations.storage import HIDDEN, S3Storage, StorageError, hidden_key
from app.operations.doctor.patient import Patient
from app.operations.doctor.results import Result, look, ok, untried, wrong

S3_SECTION = 'docs/runbook.md, "Pictures: S3"'
PROBE = b"probe"


async def check_storage(patient: Patient) -> Sequence[Result]:
    """Put, get and delete; whether the world can read the bucket; whether clients get pictures."""
    storage, name = patient.runtime.storage, "pictures"
    try:
        await storage.check()
        results = []
        if isinstance(storage, S3Storage) and await storage.is_public():
            words = "anybody can read the bucket by its own address"
            results.append(wrong(name, words, 'switch "Block all public access" on'))
        key = f"images/doctor/{uuid4()}.webp"
        try:
            for place in (key, hidden_key(key)):
                await storage.put(place, PROBE, "image/webp")
            results += await _is_served(patient, storage.url(key))
            results += await _is_kept_hidden(patient, storage.url(hidden_key(key)))
        finally:
            await storage.delete([key, hidden_key(key)])
    except StorageError as error:
        return [wrong(name, str(error), S3_SECTION)]
    return results or [ok(name, f"{patient.settings.storage}: stored, served and removed")]


async def _is_served(patient: Patient, url: str) -> Sequence[Result]:
    remedy = 'check LINKY_S3_PUBLIC_URL; docs/runbook.md, "CloudFront"'
    try:
        response = await patient.http.get(url)
    except httpx.HTTPError as error:
        return [wrong("pictures", f"clients can't load them ({type(error).__name__})", remedy)]
    if response.status_code != httpx.codes.OK or response.content != PROBE:
        return [wrong("pictures", f"clients get {response.status_code} for them", remedy)]
    return []


async def _is_kept_hidden(patient: Patient, url: str) -> Sequence[Result]:
    with suppress(httpx.HTTPError):
        if (await patient.http.get(url)).content == PROBE:
            words = f"anybody can load hidden pictures: what begins with {HIDDEN} is served"
            remedy = 'narrow the bucket policy as in docs/runbook.md, "CloudFront"'
            return [wrong("pictures", words, remedy)]
    return []


async def check_push(patient: Patient) -> Sequence[Result]:
    if patient.settings.push == "log":
        return [untried("push", "nothing is sent (LINKY_PUSH=log)")]
    try:
        await patient.runtime.push.check()
    except PushError as error:
        return [wrong("push", str(error), 'docs/runbook.md, "Push: Firebase"')]
    return [ok("push", "FCM takes a message (validated, not sent)")]


async def check_mail(patient: Patient) -> Sequence[Result]:
    kind = patient.settings.mail
    if kind == "file":
        say = look if patient.settings.is_production else None
        words = "mails become files (LINKY_MAIL=file)"
        remedy = "set LINKY_MAIL to ses or smtp: nobody can reset a password"
        return [say("mail", words, remedy) if say else untried("mail", words)]
    section = f'docs/runbook.md, "Mail: {kind.upper()}"'
    try:
        await patient.runtime.mailer.check()
    except MailError as error:
        if "AccessDenied" in str(error):
            remedy = "allow ses:GetAccount, or try a mail by hand"
            return [look("mail", "the role may not ask SES how it is", remedy)]
        return [wrong("mail", str(error), section)]
    if kind == "smtp" and not patient.settings.smtp_insists_on_tls:
        return [ok("mail", "the server takes mail (TLS is not insisted on)")]
    return [ok("mail", "the server takes mail, by TLS" if kind == "smtp" else "SES is open")]


async def check_providers(patient: Patient) -> Sequence[Result]:
    """Whether LINE, Google and Apple, as far as they are set up, publish keys that we can read."""
    settings = patient.settings
    results: list[Result] = []
    for provider in make_providers(settings, patient.clock).values():
        title = provider.name.capitalize() if provider.name != "line" else "LINE"
        if not provider.is_configured(settings):
            results.append(untried("sign-in", f"{title}: not set up"))
            continue
        try:
            await provider.check()
        except ProviderUnavailable:
            words = f"{title}: its keys can't be fetched"
            results.append(wrong("sign-in", words, "is the way out open (443)? see the log"))
            continue
        if provider.offers_browser():
            results.append(ok("sign-in", f"{title}: by the app and by a browser"))
        else:
            words = (
                f"{title}: by the app alone; a browser needs a secret (or a key that can be read)"
            )
            results.append(look("sign-in", words, "docs/runbook.md: the provider's section"))
    return results
