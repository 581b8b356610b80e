"""The tables of auth.

Our tokens, nonces and codes are stored as hashes, and the providers' tokens are encrypted.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    ForeignKey,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.enums import MailPurpose
from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.integrations.identity.enums import SocialProvider


class RefreshToken(Base):
    """A token of a session's chain. `rotated_at` is when it was first exchanged for the next."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UuidPk]
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Nonce(Base):
    """A value that an ID token must have, so that the token can be used only once."""

    __tablename__ = "auth_nonces"

    nonce_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class MailToken(Base):
    """A mailed token. It works once, for one purpose.

    `email` is the address that it was mailed to, and `session_id` the session that asked for a new
    address: the token ends with it. One that was not mailed has neither.
    """

    __tablename__ = "auth_mail_tokens"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    email: Mapped[str | None] = mapped_column(Text)
    session_id: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (one_of("purpose", MailPurpose),)


class OAuthAttempt(Base):
    """A browser that was sent to a provider and has not come back yet.

    A signed cookie could be used twice. And Apple posts its answer from another site.
    """

    __tablename__ = "oauth_attempts"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    provider: Mapped[str] = mapped_column(Text)
    nonce: Mapped[str] = mapped_column(Text)
    code_verifier: Mapped[str] = mapped_column(Text)
    redirect_uri: Mapped[str] = mapped_column(Text)
    app_state: Mapped[str] = mapped_column(Text)
    app_challenge: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)

    __table_args__ = (one_of("provider", SocialProvider),)


class ExchangeCode(Base):
    """A one-time code. The app exchanges it for tokens or for a link to the caller's account.

    It works with the verifier of the app's challenge. `sealed` is who signed in at the provider;
    there is no account before the code is spent. Only 0.1.0 wrote `user_id` and `is_new`.
    """

    __tablename__ = "oauth_exchange_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    is_new: Mapped[bool | None]
    provider: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    app_challenge: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class WrongPasswords(Base):
    """How many passwords in a row were wrong for an address, with or without an account.

    The row has a hash of the address, so that it does not show whose it is. Wrong codes of an
    admin's second step are counted here as well, under a hash that names the user's id.
    """

    __tablename__ = "auth_wrong_passwords"

    email_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    in_a_row: Mapped[int]
    wait_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class Totp(Base):
    """An admin's secret for time-based codes (RFC 6238), encrypted.

    `last_step` is the time step of the last code that was used: no code of it or of an earlier one
    works again. `key_id` is the key that the secret is encrypted under.
    """

    __tablename__ = "auth_totp"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    key_id: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_step: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]


class RecoveryCode(Base):
    """A code that works once instead of an authenticator app. Using it deletes the row."""

    __tablename__ = "auth_recovery_codes"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[CreatedAt]


class SentMails(Base):
    """When an address got its latest mails of one kind, the newest first, five at most.

    The row is found by a hash of the address under our key, and deleted after a day. It outlives
    the account. Otherwise signing up and leaving in a loop would send mails without end.

    A row of the kind `network_of_sign_up` has the latest sign-up mails that were asked for from a
    network, three at most, by a hash of the network. It is deleted after an hour.
    """

    __tablename__ = "auth_sent_mails"

    email_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class ProviderToken(Base):
    """A provider's token. It is stored to notify the provider when its user leaves.

    When they leave, or close this sign-in method, it loses the user's id and stays until the
    provider has answered: Apple's as long as that takes, LINE's until `expires_at`.
    """

    __tablename__ = "auth_provider_tokens"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    provider: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)

    __table_args__ = (
        one_of("provider", SocialProvider),
        UniqueConstraint("user_id", "provider", "client_id"),
    )


class AppleNotification(Base):
    """A notification of Apple's that was heard: the hash of its `jti`, until it expires."""

    __tablename__ = "auth_apple_notifications"

    jti_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class ForwardedAddress(Base):
    """Whether Apple still forwards mail that is sent to an address, as it said at `told_at`.

    `email` is folded. No mail goes to an address that is stopped, in any account (ADR 0017).
    """

    __tablename__ = "auth_forwarded_addresses"

    email: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    is_stopped: Mapped[bool]
    told_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
