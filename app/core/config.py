"""Settings: the environment, `.env` or Parameter Store, every name with the prefix `LINKY_`.

`tools/settings.toml` says what each of them does. `make settings` writes `.env.example` and
docs/settings from both.
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

from app.core.accent import ensure_readable as ensure_readable_color
from app.core.app_icon import read_png
from app.core.app_links import ensure_android_apps, ensure_apple_ids, ensure_own_scheme
from app.core.brand import OUR_NAME, Brand, brand_of, ensure_name, ensure_tagline
from app.core.database_tls import ensure_readable, with_driver, with_tls
from app.core.files import SecretFile, write_once
from app.core.hooks import HookSecret, HookUrl, wrong_hooks
from app.core.origins import ensure_origins, ensure_redirect_uris
from app.core.parameter_store import ParameterStoreError, ParameterStoreSource
from app.core.production import ensure_proxies, unsafe_addresses, unsafe_proxies, unsafe_sender
from app.core.valkey_url import ValkeyAddress, valkey_address

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
    )

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    processes: int = Field(default=1, ge=1, le=MOST_PROCESSES)
    data_dir: Path = Path(".linky")
    app_name: Annotated[str, AfterValidator(ensure_name)] = OUR_NAME
    app_tagline: Annotated[str, AfterValidator(ensure_tagline)] = ""
    app_color: Annotated[str, AfterValidator(ensure_readable_color)] | None = None
    app_icon: Path | None = None
    database_ca: Path | None = None
    database_url: str | None = None
    database_pooled: bool = False
    direct_database_url: str | None = None
    database_replica_url: str | None = None
    migration_database_url: str | None = None
    public_url: str | None = None
    jwt_keys: CommaList = ()
    storage: Literal["local", "s3"] = "local"
    s3_bucket: str | None = None
    s3_endpoint_url: str | None = None
    s3_public_url: str | None = None
    push: Literal["log", "fcm"] = "log"
    fcm_credentials: SecretFile | None = None
    fcm_endpoint: str | None = None
    mail: Literal["file", "smtp", "ses"] = "file"
    mail_from: str = "no-reply@localhost"
    smtp_host: str | None = None
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_starttls: Literal["auto", "required", "offered"] = "auto"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    google_client_ids: CommaList = ()
    google_client_secret: SecretStr | None = None
    google_discovery_url: str | None = None
    line_channel_id: str | None = None
    line_channel_secret: SecretStr | None = None
    line_discovery_url: str | None = None
    line_api_url: str | None = None
    apple_client_ids: CommaList = ()
    apple_team_id: str | None = None
    apple_key_id: str | None = None
    apple_private_key: SecretFile | None = None
    apple_discovery_url: str | None = None
    oauth_redirect_uris: Annotated[CommaList, AfterValidator(ensure_redirect_uris)] = ()
    app_check: Literal["off", "watch", "enforce"] = "off"
    app_check_project: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    app_check_apps: CommaList = ()
    app_check_jwks_url: str | None = None
    sign_up: Literal["on", "off"] = "on"
    apple_app_ids: Annotated[CommaList, AfterValidator(ensure_apple_ids)] = ()
    android_apps: Annotated[CommaList, AfterValidator(ensure_android_apps)] = ()
    app_scheme: Annotated[str, AfterValidator(ensure_own_scheme)] = "linky"
    app_store_url: str | None = None
    links_indexed: Literal["on", "off"] = "off"
    webhook_url: HookUrl = None
    webhook_secret: HookSecret = None
    picture_check_url: HookUrl = None
    worker: Literal["inside", "apart"] = "inside"
    worker_metrics_port: int = Field(default=0, ge=0, le=65535)
    rate_limits: Literal["on", "off"] = "on"
    limits_url: SecretStr | None = None
    cors_origins: Annotated[CommaList, AfterValidator(ensure_origins)] = ()
    live_streams: int = Field(default=2_000, ge=0, le=100_000)
    trusted_proxies: Annotated[CommaList, AfterValidator(ensure_proxies)] = ()
    terms_version: str | None = None
    terms_url: str | None = None
    privacy_url: str | None = None
    contact_email: str | None = None
    sign_up_mails_per_hour: int | None = Field(default=None, ge=1)
    publish_needs: Literal["nothing", "verified_email"] | None = None
    new_account_hours: int = Field(default=24, ge=0)
    admin_mfa: Literal["optional", "required"] | None = None
    console_idle_minutes: int = Field(default=60, ge=5, le=720)
    session_max_days: int | None = Field(default=None, ge=1, le=3650)
    records_days: int = Field(default=180, ge=1)
    notification_days: int = Field(default=180, ge=1, le=36_500)
    min_app_version: str = "1.0.0"
    release: str | None = None
    backup_to: str | None = None
    backup_recipients: CommaList = ()
    backup_keep: int = Field(default=14, ge=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    parameter_store_prefix: str | None = None
    operations_prefix: str | None = None

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
