"""The providers, for those who leave by signing in."""

from tests.auth.conftest import idp, provider_server

__all__ = ["idp", "provider_server"]
