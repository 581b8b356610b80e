"""Makes the parts that the settings name: stores and senders. Nothing connects yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.keys import derived_key
from app.core.settings.config import Settings
from app.integrations.mail.base import Mailer
from app.integrations.mail.file import FileMailer
from app.integrations.mail.ses import SesMailer
from app.integrations.mail.smtp import SmtpMailer
from app.integrations.push.base import PushSender
from app.integrations.push.fcm import FcmPushSender
from app.integrations.push.log import PUSH_FOLDER, LogPushSender
from app.integrations.storage.base import Storage
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage

if TYPE_CHECKING:
    from app.core.pool import Pool
    from app.integrations.valkey import Observer, SharedRateStore
    from app.runtime.metrics import ReplicaMetrics
    from app.runtime.replica.replica import Replica

LIMITS_PURPOSE = "callers in shared rate limits"


def make_shared_limits(settings: Settings, observer: Observer) -> SharedRateStore | None:
    """None if the settings name no Valkey."""
    if (address := settings.limits_address) is None:
        return None
    from app.integrations.valkey import SharedRateStore

    return SharedRateStore(address, limits_secret(settings), observer)


def make_replica(
    settings: Settings,
    database_url: str,
    primary: tuple[Pool, Pool],
    metrics: ReplicaMetrics,
) -> Replica | None:
    """None if the settings name no replica. `primary` are the readers of the primary."""
    if settings.database_replica_url is None:
        return None
    from app.runtime.replica.replica import Replica

    return Replica(settings.database_replica_url, database_url, primary, metrics)


def limits_secret(settings: Settings) -> bytes:
    """Keys the hash that hides callers from Valkey. It changes with the first signing key."""
    return derived_key(next(iter(settings.signing_keys.values())), LIMITS_PURPOSE)


def make_storage(settings: Settings) -> Storage:
    if settings.s3_bucket and settings.storage == "s3":
        return S3Storage(settings.s3_bucket, settings.media_url, settings.s3_endpoint_url)
    return LocalStorage(settings.storage_dir, settings.media_url)


def make_push_sender(settings: Settings) -> PushSender:
    if settings.fcm_credentials and settings.push == "fcm":
        return FcmPushSender(settings.fcm_credentials, settings.fcm_endpoint)
    return LogPushSender(None if settings.is_production else settings.data_dir / PUSH_FOLDER)


def make_mailer(settings: Settings) -> Mailer:
    if settings.mail == "ses":
        return SesMailer(settings.sender)
    if settings.mail == "smtp" and settings.smtp_host:
        secret = settings.smtp_password
        password = secret.get_secret_value() if secret else None
        return SmtpMailer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_user,
            password,
            settings.sender,
            insists_on_tls=settings.smtp_insists_on_tls,
        )
    return FileMailer(settings.mail_dir, settings.sender)
