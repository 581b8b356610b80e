"""What the libraries of the tests make again and again, made once a process."""

import os
import ssl
import sys
from functools import cache
from typing import Any

import httpx._transports.default
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from httpx._config import create_ssl_context


def forget_sniffio() -> None:
    """Say at once that there is no sniffio.

    httpx tries to import it in each request to an app, and each time Python looks through all
    folders.
    """
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


def keep_tls_context(patch: pytest.MonkeyPatch) -> None:
    """Let all HTTP clients without wishes of their own share a context.

    Each would read the certificates of all authorities: ten milliseconds.
    """
    kept: dict[tuple[str | None, ...], ssl.SSLContext] = {}

    def context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> ssl.SSLContext:
        if verify is not True or cert is not None or not trust_env:
            return create_ssl_context(verify=verify, cert=cert, trust_env=trust_env)
        # A test may set these, which name the authorities.
        names = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        if names not in kept:
            kept[names] = create_ssl_context()
        return kept[names]

    patch.setattr(httpx._transports.default, "create_ssl_context", context)


@cache
def rsa_key(number: int) -> rsa.RSAPrivateKey:
    """An RSA key of 2,048 bits, made once for each number: it takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
