"""Stands in for Firebase App Check: its keys, and tokens that are good or wrong in one way."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeyParameters, RSAKey

from app.core.clock import Clock
from app.core.settings.config import Settings
from app.integrations.app_check import ISSUER

LIFETIME = timedelta(hours=1)
FIREBASE_APP = "1:123456789012:android:5ca1ab1e"


class FakeAppCheck:
    """Its key is kept, so that tokens stay valid after a restart."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._project = settings.app_check_project
        self._apps = settings.app_check_apps
        self._clock = clock
        self._settings = settings

    @cached_property
    def _key(self) -> RSAKey:
        pem = self._settings.kept("dev/app-check-signing-key.pem", _fresh_pem)
        digest = sha256(pem.encode()).hexdigest()
        options: KeyParameters = {"kid": f"stand-in-app-check-{digest[:8]}", "use": "sig"}
        return RSAKey.import_key(pem, options)

    def published_keys(self) -> list[Mapping[str, Any]]:
        return [{**self._key.as_dict(private=False), "alg": "RS256"}]

    @cached_property
    def _other_key(self) -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": "nobody-knows"})

    def tokens(self) -> dict[str, str]:
        """As the SDK gives them to an app: a good one, and one for each thing that may be wrong."""
        project, kid = self._project or "", self._key.kid or ""
        return {
            "good": self._token(project, self._key, kid),
            "expired": self._token(project, self._key, kid, begun=timedelta(hours=-2)),
            "of_another_project": self._token("1", self._key, kid),
            "of_another_key": self._token(project, self._other_key, kid),
            "of_unknown_kid": self._token(project, self._other_key, "nobody-knows"),
        }

    def _token(self, project: str, key: RSAKey, kid: str, *, begun: timedelta = timedelta()) -> str:
        issued = self._clock() + begun
        claims = {
            "iss": f"{ISSUER}{project}",
            "aud": [f"projects/{project}", "projects/stand-in"],
            "sub": self._apps[0] if self._apps else FIREBASE_APP,
            "iat": int(issued.timestamp()),
            "exp": int((issued + LIFETIME).timestamp()),
        }
        header = {"alg": "RS256", "kid": kid, "typ": "JWT"}
        return jwt.encode(header, claims, key, algorithms=["RS256"])


def _fresh_pem() -> str:
    return RSAKey.generate_key(2048).as_pem(private=True).decode()
