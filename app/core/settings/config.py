"""Settings: the environment, `.env` or Parameter Store, every name with the prefix `LINKY_`.

The docstring of a field says what it does, for docs/settings.md and `.env.example` too
(`make settings`). A comment on a line of its own begins a section there.
"""

import secrets
from collections.abc import Callable, Iterator
from email.headerregistry import Address
from email.utils import parseaddr
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from app.core.files import SecretFile, write_once
from app.core.settings.accent import ensure_readable as ensure_readable_color
from app.core.settings.app_icon import read_png
from app.core.settings.app_links import ensure_android_apps, ensure_apple_ids, ensure_own_scheme
from app.core.settings.brand import OUR_NAME, Brand, brand_of, ensure_name, ensure_tagline
from app.core.settings.database_tls import ensure_readable, with_driver, with_tls
from app.core.settings.origins import ensure_origins, ensure_redirect_uris
from app.core.settings.parameter_store import ParameterStoreError, ParameterStoreSource
from app.core.settings.production import (
    ensure_proxies,
    unsafe_addresses,
    unsafe_proxies,
    unsafe_sender,
)
from app.core.settings.valkey_url import ValkeyAddress, valkey_address
from app.core.settings.webhook_urls import HookSecret, HookUrl, wrong_hooks

MIN_SECRET_BYTES = 32
"""RFC 7518, 3.2: an HS256 key is at least as long as the hash."""

MOST_PROCESSES = 64

CommaList = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """A setting is missing, malformed or unsafe. The message says which, and what to do."""


class Settings(BaseSettings):
    """What may differ between installations. Made once in a process, never changed."""

    model_config = SettingsConfigDict(
        env_prefix="LINKY_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,  # `.env.example` has empty values for unset settings.
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    # Server

    env: Literal["development", "production"] = "development"
    """`development` or `production`. In production the server refuses to start with unsafe
    settings, and says what is wrong.
    """

    host: str = "127.0.0.1"
    """The address that the server listens on."""

    port: int = Field(default=8000, ge=1, le=65535)
    """The port that the server listens on."""

    processes: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    """How many processes `linky serve` runs on its socket: one for each core. Several need
    `LINKY_LIMITS_URL` to count rate limits together.
    """

    data_dir: Path = Path(".linky")
    """The folder for the embedded database, local images and the development key."""

    # Name and look

    app_name: Annotated[str, AfterValidator(ensure_name)] = OUR_NAME
    """What the app is called: in emails, on pages, in authenticator apps, in nicknames that the
    product gives. 1 to 30 letters of any script. The app's own name is not free as a nickname.
    After a change, users without a nickname keep the name of before in theirs.
    """

    app_tagline: Annotated[str, AfterValidator(ensure_tagline)] = ""
    """A line under the name on the pages that links open. At most 60 letters."""

    app_color: Annotated[str, AfterValidator(ensure_readable_color)] | None = None
    """The color of buttons, links and the name on pages and in emails: `#rrggbb`. The shades for
    dark pages are made of it. With less contrast than 4.5 to 1 (WCAG AA), with white text on it or
    with it on a light page, the server does not start; it says which darker one would do. Without
    it: a green.
    """

    app_icon: Path | None = None
    """A PNG for pages, the console and the browser's tab: square, 64 to 1024 pixels, at most 256
    KB. The server reads it at its start, so its user must be able to. No SVG: one can hold a
    script. Without it: the name's first letter on the color.
    """

    # Database

    database_ca: Path | None = None
    """The file with the certificate authorities that may sign the database's certificate. On AWS
    `deploy/host/setup` downloads the list of RDS and sets this. Without it: the list of the
    operating system.
    """

    database_url: str | None = None
    """`postgresql://user:password@host:5432/name`. In production the server verifies the database's
    certificate (`sslmode=verify-full`); `?sslmode=require` or `?sslmode=disable` turns that off.
    For a pooler in transaction mode see `LINKY_DATABASE_POOLED`. Without it: in development, the
    embedded database.
    """

    database_pooled: bool = False
    """`1` if `LINKY_DATABASE_URL` leads to PgBouncer in transaction mode. The server then signs in
    with a role for each of its pools, which `linky bootstrap-database` makes.
    """

    direct_database_url: str | None = None
    """The URL of the database itself, with the same user, password and name, if
    `LINKY_DATABASE_URL` is a pooler's. The worker and all commands use it. Without it:
    `LINKY_DATABASE_URL`.
    """

    database_replica_url: str | None = None
    """A read replica of the same database, by streaming replication:
    `postgresql://user:password@host:5432/name`, one server, without a pooler. It serves lists and
    single resources. What a user has just written, and whatever grants something, is read from
    `LINKY_DATABASE_URL`; so is everything while the replica is away or more than two seconds
    behind. Without it: everything is read from `LINKY_DATABASE_URL`.
    """

    migration_database_url: str | None = None
    """The same database, with the role that owns the tables. Only migrations and backups use it, so
    the server's own role needs no right to change tables. Without it: `LINKY_DATABASE_URL`.
    """

    # Public address and keys

    public_url: str | None = None
    """The address at which clients reach the server, such as `https://api.example.com`. Links in
    emails and image URLs start with it. Without it: `http://HOST:PORT`.
    """

    jwt_keys: CommaList = ()
    """The keys for access tokens: `kid:secret`, each secret at least 32 bytes. The first key signs,
    all keys verify; `linky rotate-keys` changes them. Stored third-party tokens (Apple's, LINE's)
    are encrypted with keys derived from these. Without it: in development, a key that is made once
    and kept in the data folder.
    """

    # Images

    storage: Literal["local", "s3"] = "local"
    """Where images are stored: `local` (in the data folder) or `s3`."""

    s3_bucket: str | None = None
    """The bucket. Required for `s3`. Credentials and region come from AWS's own chain (role,
    `AWS_…` variables).
    """

    s3_endpoint_url: str | None = None
    """The address of an S3-compatible server other than AWS. Without it: AWS."""

    s3_public_url: str | None = None
    """The address that clients load images from, such as a CDN in front of the bucket. It must
    not publish the prefix `hidden/` (see docs/aws.md, CloudFront). Without it: the server serves
    images itself, under `/media/`.
    """

    # Push

    push: Literal["log", "fcm"] = "log"
    """How notifications reach phones: `log` (only a line in the log) or `fcm`."""

    fcm_credentials: SecretFile | None = None
    """The key of the Firebase service account: a file, or its content (JSON). Required for `fcm`.
    """

    fcm_endpoint: str | None = None
    """For tests: replaces the scheme and host of FCM. In production it must begin with `https://`.
    """

    # Email

    mail: Literal["file", "smtp", "ses"] = "file"
    """How emails are sent: `file` (`.eml` files in `mail/` under the data folder), `smtp` or `ses`.
    """

    mail_from: str = "no-reply@localhost"
    """The sender of all emails: an address, which gets the app's name, or a name of its own and
    `<address>`. Required in production for `smtp` and `ses`.
    """

    smtp_host: str | None = None
    """The mail server. Required for `smtp`."""

    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port. On port 465 the connection is TLS from the start."""

    smtp_starttls: Literal["auto", "required", "offered"] = "auto"
    """`required`, `offered` (used if the server has it), or `auto`: required, except on port 25 and
    on this machine itself.
    """

    smtp_user: str | None = None
    """The user name, if the mail server asks for one."""

    smtp_password: SecretStr | None = None
    """The password for that user."""

    # Sign-in with Google, LINE and Apple

    google_client_ids: CommaList = ()
    """The client ids of all apps; the browser's (web) id first."""

    google_client_secret: SecretStr | None = None
    """The secret of the browser's client id."""

    google_discovery_url: str | None = None
    """For tests: another discovery document."""

    line_channel_id: str | None = None
    """The id of the LINE Login channel."""

    line_channel_secret: SecretStr | None = None
    """The secret of the channel."""

    line_discovery_url: str | None = None
    """For tests: another discovery document."""

    line_api_url: str | None = None
    """For tests: another address of the API that notifies LINE when a user leaves. Without it:
    the host of LINE's token endpoint.
    """

    apple_client_ids: CommaList = ()
    """The app's bundle id, and last the browser's Services ID."""

    apple_team_id: str | None = None
    """The team id."""

    apple_key_id: str | None = None
    """The id of the key."""

    apple_private_key: SecretFile | None = None
    """The key: its file (`.p8`), or its content."""

    apple_discovery_url: str | None = None
    """For tests: another discovery document."""

    oauth_redirect_uris: Annotated[CommaList, AfterValidator(ensure_redirect_uris)] = ()
    """The app's own addresses at which a sign-in in the browser may end, such as
    `linky://auth/done`.
    """

    app_check: Literal["off", "watch", "enforce"] = "off"
    """Firebase App Check, which tells the app from a script: `off`; `watch` counts the tokens of
    sign-ups and sign-ins; `enforce` refuses those without a good one. Go by way of `watch`
    (docs/services.md, App Check).
    """

    app_check_project: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    """The number of the Firebase project. Required with `LINKY_APP_CHECK`."""

    app_check_apps: CommaList = ()
    """The ids of the apps in Firebase that may call, such as `1:123456789012:ios:a1b2c3`. Without
    it: all apps of the project.
    """

    app_check_jwks_url: str | None = None
    """For tests: another address of the keys."""

    sign_up: Literal["on", "off"] = "on"
    """`off` takes no new members: registering and a first sign-in with a provider answer 403.
    Members sign in as always, and guests may look around.
    """

    # Links

    apple_app_ids: Annotated[CommaList, AfterValidator(ensure_apple_ids)] = ()
    """The iOS apps that open links to lounges, posts and comments: `TEAMID.bundle.identifier`,
    separated by commas. They are in `/.well-known/apple-app-site-association`. Without it: links
    open in the browser.
    """

    android_apps: Annotated[CommaList, AfterValidator(ensure_android_apps)] = ()
    """The Android apps that open links: `package:SHA256` with the fingerprint of the signing
    certificate, separated by commas. They are in `/.well-known/assetlinks.json`; the page links to
    the first in Google Play. Without it: links open in the browser.
    """

    app_scheme: Annotated[str, AfterValidator(ensure_own_scheme)] = "linky"
    """The app's own URL scheme, for "Open in the app" on the pages of links."""

    app_store_url: str | None = None
    """The app in Apple's App Store, such as `https://apps.apple.com/jp/app/id1234567890`, for the
    pages of links.
    """

    links_indexed: Literal["on", "off"] = "off"
    """`on` lets search engines index the pages of posts, comments and lounges."""

    # The operator's own services

    webhook_url: HookUrl = None
    """Where events are sent as they happen: reports, requests for lounges, appeals, suspensions
    (reference, "Webhooks and the image check"). In production `https://` and a public address; in
    development loopback is allowed, too. Needs `LINKY_WEBHOOK_SECRET`. Without it: nothing is sent.
    """

    webhook_secret: HookSecret = None
    """Signs the webhooks, and the calls of the image check: `whsec_` and base64, as Standard
    Webhooks writes it, or any other text as it is. At least 24 bytes in production: `echo
    whsec_$(openssl rand -base64 32)`.
    """

    picture_check_url: HookUrl = None
    """A service that is asked about each image before others can see it (reference, "Webhooks and
    the image check"). The same addresses are allowed as for `LINKY_WEBHOOK_URL`. Calls are signed
    with `LINKY_WEBHOOK_SECRET`, if that is set. Without it: no image is checked.
    """

    # Processes and limits

    worker: Literal["inside", "apart"] = "inside"
    """`inside` runs the jobs in the server's process; `apart` leaves them to `linky worker`."""

    worker_metrics_port: int = Field(default=0, ge=0, le=65535)
    """`linky worker` shows its metrics on this port, to callers on the same machine. Without it: it
    shows none.
    """

    rate_limits: Literal["on", "off"] = "on"
    """`on` or `off`; production refuses `off`. With `off` nothing is counted and answers have no
    `RateLimit` headers, but emails to one address stay limited.
    """

    limits_url: SecretStr | None = None
    """`valkeys://user:password@host:6379/0` (TLS) or `valkey://…`: the Valkey where all processes
    count together. Without it each process counts for itself. In production `valkey://` is only for
    this machine; `?tls=off` allows it for a network that you trust. Without it: counted in the
    memory of each process.
    """

    cors_origins: Annotated[CommaList, AfterValidator(ensure_origins)] = ()
    """The origins of web apps that may call the API from a browser (Flutter for the web), such as
    `https://app.linky.example`. Each is written whole; `*` is refused. `linky dev` allows every
    port of localhost by default. Without it: only pages of the server's own origin.
    """

    live_streams: int = Field(default=2_000, ge=0, le=100_000)
    """How many streams of `/live` a process keeps open. Beyond that the answer is 503 `live_full`.
    A stream takes about 30 KiB.
    """

    trusted_proxies: Annotated[CommaList, AfterValidator(ensure_proxies)] = ()
    """The addresses or networks (not names) of proxies whose `X-Forwarded-For` and `X-Client-Port`
    headers are trusted. `*` trusts every peer, and is refused in production. Without it: both
    headers are ignored.
    """

    # Terms and contact

    terms_version: str | None = None
    """The current version of the terms of service. Once set, only users who accepted it can
    publish.
    """

    terms_url: str | None = None
    """The address of the terms, shown by `GET /api/v1/meta`."""

    privacy_url: str | None = None
    """The address of the privacy policy, shown by `GET /api/v1/meta`."""

    contact_email: str | None = None
    """The address for questions, shown by `GET /api/v1/meta`."""

    # Accounts and records

    sign_up_mails_per_hour: int | None = Field(default=None, ge=1)
    """How many emails go out for sign-ups within an hour, from all servers together. Beyond it
    registering by email is 503 `mail_busy`; sign-ups by LINE, Google and Apple go on. The second
    half is reserved for networks (IPv4 address, IPv6 /56) that have used fewer than three of these
    emails within the hour. It counts with `LINKY_RATE_LIMITS=off`, too. Without it: 500 in
    production, no bound in development.
    """

    publish_needs: Literal["nothing", "verified_email"] | None = None
    """What an account needs before it may publish: `verified_email` or `nothing`. With
    `verified_email` an account whose only sign-in method is an unverified address gets 403
    `email_unverified` on what others would see. Social accounts publish at once. Without it:
    `verified_email` in production, `nothing` in development.
    """

    new_account_hours: int = Field(default=24, ge=0)
    """For how many hours an account counts as new. A new account posts no links, has none in its
    bio, and writes only five posts and twenty comments an hour. `0` turns this off.
    """

    admin_mfa: Literal["optional", "required"] | None = None
    """Whether admins must use two-factor authentication, a code from an authenticator app:
    `required` or `optional`. Where it is required, the console has an admin without one set it
    up first, and the admin calls of the API answer 403 `mfa_required`. Without it:
    `required` in production, `optional` in development.
    """

    console_idle_minutes: int = Field(default=60, ge=5, le=720)
    """After how many minutes without a request the console signs an admin out."""

    session_max_days: int | None = Field(default=None, ge=1, le=3650)
    """After how many days a session ends, even if its token was refreshed. The user then signs in
    again. Without it: a session lives as long as it is used once a week.
    """

    records_days: int = Field(default=180, ge=1)
    """For how many days the connection log (the address and port of each post and sign-in) is
    kept. Copies of reported content and the reporters' texts are kept as long after the decision.
    Then both are erased.
    """

    notification_days: int = Field(default=180, ge=1, le=36_500)
    """For how many days notifications and announcements are kept. Then they are deleted, but for
    those that can still be appealed.
    """

    # Versions

    min_app_version: str = "1.0.0"
    """The oldest version of the app that works with this server, shown by `GET /api/v1/meta`."""

    release: str | None = None
    """The name of this release, shown by `/health/ready`. Every release sets it in its
    `release.env`.
    """

    # Backups

    backup_to: str | None = None
    """Where `linky backup` puts backups: a folder, or `s3://bucket/prefix`. On a server with our
    units the folder must be `/var/backups/linky`.
    """

    backup_recipients: CommaList = ()
    """The public keys that backups are encrypted for. `linky backup-key` makes them."""

    backup_keep: int = Field(default=14, ge=0)
    """How many backups are kept. `0` removes none, for buckets with a rule of their own."""

    # Logs

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """`debug`, `info`, `warning` or `error`."""

    # AWS Parameter Store

    parameter_store_prefix: str | None = None
    """Settings that are set nowhere else are read below this path: with `/linky/prod`, for example,
    `/linky/prod/LINKY_JWT_KEYS`. Needs `AWS_DEFAULT_REGION` and credentials.
    """

    operations_prefix: str | None = None
    """The same, for what only migrations and backups may read (`LINKY_MIGRATION_DATABASE_URL`). Set
    it for those commands only: they have an AWS role of their own, and the server's role can't read
    this path.
    """

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The first source with a value wins. Parameter Store comes last."""
        return init_settings, env_settings, dotenv_settings, ParameterStoreSource(settings_cls)

    @model_validator(mode="before")
    @classmethod
    def leave_out_what_is_empty(cls, values: dict[str, object]) -> dict[str, object]:
        """A setting is its default where a source says nothing but its name."""
        return {name: value for name, value in values.items() if value != ""}

    @field_validator(
        "jwt_keys",
        "trusted_proxies",
        "cors_origins",
        "google_client_ids",
        "apple_client_ids",
        "app_check_apps",
        "oauth_redirect_uris",
        "apple_app_ids",
        "android_apps",
        "backup_recipients",
        mode="before",
    )
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("app_icon")
    @classmethod
    def be_a_picture_for_pages(cls, value: Path | None) -> Path | None:
        if value is not None:
            read_png(value)
        return value

    @field_validator("database_ca")
    @classmethod
    def be_a_file_of_certificates(cls, value: Path | None) -> Path | None:
        if value is not None:
            ensure_readable(value)
        return value

    @field_validator(
        "database_url", "direct_database_url", "database_replica_url", "migration_database_url"
    )
    @classmethod
    def be_as_the_driver_wants_it(cls, value: str | None, info: ValidationInfo) -> str | None:
        """In production, verify the database's certificate unless the URL says otherwise."""
        if value is None:
            return None
        return with_tls(
            with_driver(value),
            is_required=info.data.get("env") == "production",
            authorities=info.data.get("database_ca"),
        )

    @field_validator("limits_url")
    @classmethod
    def be_an_address_of_valkey(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if value is not None:
            is_production = info.data.get("env") == "production"
            valkey_address(value.get_secret_value(), tls_is_required=is_production)
        return value

    @field_validator("public_url")
    @classmethod
    def be_a_web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// in development)")
        return value.rstrip("/") if value else value

    @field_validator("line_channel_secret")
    @classmethod
    def be_long_enough_to_sign_with(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"is shorter than {MIN_SECRET_BYTES} bytes; LINE's has 32 characters")
        return value

    @field_validator("jwt_keys")
    @classmethod
    def be_pairs_with_long_secrets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            kid, separator, secret = pair.partition(":")
            if not (kid and separator):
                raise ValueError("each key is written kid:secret")
            if len(secret.encode()) < MIN_SECRET_BYTES:
                raise ValueError(
                    f"the secret of key {kid} is shorter than {MIN_SECRET_BYTES} bytes"
                )
        return value

    @model_validator(mode="after")
    def be_safe_and_complete(self) -> Self:
        """Report everything that is missing at the same time, not one setting after the other."""
        wrong = [*self._unsafe_in_production(), *self._incomplete(), *wrong_hooks(self)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _unsafe_in_production(self) -> Iterator[str]:
        if self.env != "production":
            return
        if not self.database_url:
            yield "LINKY_DATABASE_URL must be set in production"
        if not self.jwt_keys:
            yield "LINKY_JWT_KEYS must be set in production (kid:secret)"
        if not (self.public_url or "").startswith("https://"):
            yield "LINKY_PUBLIC_URL must be set in production, and begin with https://"
        if self.rate_limits == "off":
            yield "LINKY_RATE_LIMITS must not be off in production"
        yield from unsafe_proxies(self.trusted_proxies)
        yield from unsafe_sender(self.mail, self.mail_from)
        providers = (f"{name}_discovery_url" for name in ("google", "line", "apple"))
        names = (*providers, "line_api_url", "app_check_jwks_url", "fcm_endpoint")
        yield from unsafe_addresses(
            {f"LINKY_{name.upper()}": getattr(self, name) for name in names}
        )

    def _incomplete(self) -> Iterator[str]:
        if self.database_pooled and not (self.database_url and self.direct_database_url):
            yield (
                "LINKY_DATABASE_URL (the pooler's) and LINKY_DIRECT_DATABASE_URL (the database's "
                "own) must be set if LINKY_DATABASE_POOLED is on"
            )
        if self.app_check != "off" and not self.app_check_project:
            yield "LINKY_APP_CHECK_PROJECT (Firebase's number) must be set with LINKY_APP_CHECK"
        if self.storage == "s3" and not self.s3_bucket:
            yield "LINKY_S3_BUCKET must be set if LINKY_STORAGE is s3"
        if self.push == "fcm" and not self.fcm_credentials:
            yield (
                "LINKY_FCM_CREDENTIALS must be set if LINKY_PUSH is fcm: the file of a "
                "service account's key"
            )
        if self.mail == "smtp" and not self.smtp_host:
            yield "LINKY_SMTP_HOST must be set if LINKY_MAIL is smtp"

    @cached_property
    def brand(self) -> Brand:
        return brand_of(self.app_name, self.app_tagline, self.app_color, self.app_icon)

    @property
    def sender(self) -> str:
        """Who mails come from. Without a name of its own the address gets the app's."""
        name, address = parseaddr(self.mail_from)
        username, at, domain = address.rpartition("@")
        return self.mail_from if name or not at else str(Address(self.app_name, username, domain))

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def needs_to_publish(self) -> Literal["nothing", "verified_email"]:
        return self.publish_needs or ("verified_email" if self.is_production else "nothing")

    @property
    def most_sign_up_mails(self) -> int | None:
        """How many mails may go out for sign-ups within an hour, if there is a bound."""
        return self.sign_up_mails_per_hour or (500 if self.is_production else None)

    @property
    def base_url(self) -> str:
        """The server's public address, without a slash at the end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def media_url(self) -> str:
        """The beginning of a stored object's URL, with a slash at the end. Its key follows.

        Without a public address of the bucket, the app itself serves the objects.
        """
        if self.storage == "s3" and self.s3_public_url:
            return self.s3_public_url.rstrip("/") + "/"
        return f"{self.base_url}/media/"

    @property
    def limits_address(self) -> ValkeyAddress | None:
        """Where rate limits are counted for all processes, if anywhere."""
        if self.limits_url is None or self.rate_limits == "off":
            return None
        return valkey_address(self.limits_url.get_secret_value(), tls_is_required=False)

    @property
    def smtp_insists_on_tls(self) -> bool:
        """Whether mail is sent to a server with TLS only.

        By default this is so, except on this machine, and on port 25: a relay in the own network
        may lack TLS.
        """
        if self.smtp_starttls != "auto":
            return self.smtp_starttls == "required"
        return self.smtp_port != 25 and self.smtp_host not in ("localhost", "127.0.0.1", "::1")

    @property
    def mail_dir(self) -> Path:
        return self.data_dir / "mail"

    @property
    def storage_dir(self) -> Path:
        return self.data_dir / "storage"

    @cached_property
    def signing_keys(self) -> dict[str, bytes]:
        """The JWT keys by `kid`. The first signs, all verify.

        Without LINKY_JWT_KEYS, development keeps a random key in the data folder. So tokens stay
        valid after a restart.
        """
        fresh = partial(secrets.token_urlsafe, 48)
        pairs = self.jwt_keys or (f"dev:{self.kept('jwt-secret', fresh)}",)
        return {kid: secret.encode() for kid, _, secret in (p.partition(":") for p in pairs)}

    def kept(self, name: str, fresh: Callable[[], str]) -> str:
        """A secret of development: made once, kept in the data folder. Raises SettingsError."""
        path = self.data_dir / name
        try:
            return path.read_text(encoding="utf-8") if path.exists() else write_once(path, fresh())
        except OSError as error:
            raise self.not_writable(error) from None

    def not_writable(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"The data folder {self.data_dir} can't be written ({error.strerror}); "
            "set LINKY_DATA_DIR to a folder that can."
        )


def load_settings() -> Settings:
    """Read the settings. Raises SettingsError, whose sentence contains no value."""
    try:
        return Settings()
    except ParameterStoreError as error:
        raise SettingsError(str(error)) from None
    except ValidationError as error:
        raise SettingsError("; ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    sentences = []
    for wrong in error.errors(include_url=False, include_input=False, include_context=False):
        message = wrong["msg"].removeprefix("Value error, ")
        name = "_".join(str(part) for part in wrong["loc"]).upper()
        sentences.append(f"LINKY_{name}: {message}" if name else message)
    return sentences
