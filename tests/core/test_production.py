"""What settings production refuses, and what it takes."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.apps import SettingsOfTests

PRODUCTION = {
    "env": "production",
    "database_url": "postgresql://u@127.0.0.1/d",
    "jwt_keys": "one:" + "k" * 40,
    "public_url": "https://linky.example",
    "rate_limits": "on",
}
SMTP = {"mail": "smtp", "smtp_host": "mail.linky.example"}


def settings(**changes: Any) -> SettingsOfTests:
    return SettingsOfTests(**PRODUCTION | changes)


@pytest.mark.parametrize("proxies", ["*", "0.0.0.0/0", "::/0", "127.0.0.1,::/0"])
def test_production_trusts_no_proxy_at_every_address(proxies: str) -> None:
    with pytest.raises(ValidationError, match="LINKY_TRUSTED_PROXIES must not trust every"):
        settings(trusted_proxies=proxies)
    assert settings(env="development", trusted_proxies=proxies).trusted_proxies


@pytest.mark.parametrize("proxies", ["nginx", "10.20.0.5/16", "127.0.0.l", "::1,proxy.example"])
@pytest.mark.parametrize("env", ["development", "production"])
def test_a_proxy_is_an_address_or_a_network(env: str, proxies: str) -> None:
    with pytest.raises(ValidationError, match=r"an IP address .* or a network"):
        settings(env=env, trusted_proxies=proxies)
    known = ("127.0.0.1", "::1", "10.20.0.0/16", "fd00::/8")
    assert settings(env=env, trusted_proxies=",".join(known)).trusted_proxies == known


def test_a_star_beside_an_address_is_refused() -> None:
    # Uvicorn would take it for a name, and trust the address alone.
    with pytest.raises(ValidationError, match="stands alone"):
        settings(env="development", trusted_proxies="*,127.0.0.1")


@pytest.mark.parametrize(
    "name", ["fcm_endpoint", "google_discovery_url", "line_discovery_url", "apple_discovery_url"]
)
def test_production_asks_services_outside_by_https_only(name: str) -> None:
    for unsafe in ("http://127.0.0.1:9", "https://linky.example/dev/x"):
        with pytest.raises(ValidationError, match=f"LINKY_{name.upper()} (must begin|leads to)"):
            settings(**{name: unsafe})
        assert getattr(settings(env="development", **{name: unsafe}), name) == unsafe
    safe = "https://elsewhere.example"
    assert getattr(settings(**{name: safe}), name) == safe


@pytest.mark.parametrize("how", [SMTP, {"mail": "ses"}], ids=["smtp", "ses"])
def test_production_mails_only_from_an_address_of_its_own(how: dict[str, str]) -> None:
    for sender in (
        {},
        *({"mail_from": one} for one in ("x@localhost", "Linky", "A, B <x@a.example>")),
    ):
        with pytest.raises(
            ValidationError,
            match="LINKY_MAIL_FROM must be an address of your domain if LINKY_MAIL is",
        ):
            settings(**how, **sender)
        assert settings(env="development", **how, **sender).mail == how["mail"]
    for named in ("Linky <no-reply@linky.example>", '"A, B" <x@a.example>'):
        assert settings(**how, mail_from=named).mail == how["mail"]
    assert settings(mail="file").mail == "file"
