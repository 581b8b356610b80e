"""The URL of Valkey: what is read from it, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.core.settings.config import Settings
from app.core.settings.valkey_url import ValkeyAddress, valkey_address
from tests.support.apps import SettingsOfTests

PRODUCTION: dict[str, Any] = {
    "env": "production",
    "database_url": "postgresql://u:p@127.0.0.1/d",
    "jwt_keys": ("one:" + "k" * 40,),
    "public_url": "https://linky.example",
}


def with_url(url: str, **others: Any) -> Settings:
    return SettingsOfTests.model_validate({"limits_url": url, **others})


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("valkey://cache", ValkeyAddress("cache", 6379, 0, None, None, is_encrypted=False)),
        (
            "valkeys://linky:p%40ss%3A@cache.example:7000/2",
            ValkeyAddress("cache.example", 7000, 2, "linky", "p@ss:", is_encrypted=True),
        ),
        ("rediss://:p@[::1]/", ValkeyAddress("::1", 6379, 0, None, "p", is_encrypted=True)),
        ("redis://cache?tls=off", ValkeyAddress("cache", 6379, 0, None, None, is_encrypted=False)),
    ],
)
def test_a_url_is_read(url: str, address: ValkeyAddress) -> None:
    assert valkey_address(url, tls_is_required=False) == address


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://:geheim@cache", "must begin with valkeys://"),
        ("geheim", "must begin with valkeys://"),
        ("valkeys://:geheim@", "can't be read"),
        ("valkeys://:geheim@cache:port", "can't be read"),
        ("valkeys://:geheim@cache:70000", "can't be read"),
        ("valkeys://:geheim@[cache", "can't be read"),
        ("valkeys://:geheim@cache/first", "can't be read"),
        ("valkeys://:geheim@cache/0#1", "can't be read"),
        ("valkeys://:geheim@cache?db=1", "knows no option"),
        ("valkeys://:geheim@cache?tls=on", "knows no option"),
    ],
)
def test_a_wrong_url_is_refused_without_showing_it(url: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        with_url(url)
    assert words in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("valkeys://cache", True),
        ("rediss://cache", True),
        ("valkey://127.0.0.1", True),
        ("valkey://localhost", True),
        ("valkey://[::1]", True),
        ("valkey://cache", False),
        ("redis://10.0.0.1", False),
        ("valkey://10.0.0.1?tls=off", True),
    ],
)
def test_production_wants_tls_to_another_machine(url: str, *, is_accepted: bool) -> None:
    with_url(url)
    if is_accepted:
        assert with_url(url, **PRODUCTION).limits_address is not None
        return
    with pytest.raises(ValidationError, match=r"must begin with valkeys:// \(TLS\) in production"):
        with_url(url, **PRODUCTION)


def test_a_password_is_not_shown_by_the_settings() -> None:
    settings = with_url("valkey://:geheim@127.0.0.1")
    assert "geheim" not in f"{settings!r} {settings.limits_address!r}"
    off = settings.model_copy(update={"rate_limits": "off"})
    assert off.limits_address is None
