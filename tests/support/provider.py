"""Fake HTTP servers of LINE, Google and Apple, with their peculiarities and faults.

Tokens have the real issuers; only the addresses are ours. A test sets faults by the attributes of
`Providers` and `Habits`, and makes valid and forged tokens with `sign`.
"""

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr

from tests.support.jose import s256
from tests.support.stub_server import Request, Response, stub_server
from tests.support.waiting import HANG_SECONDS

SigningKey = RSAKey | ECKey

REDIRECT = "linky://auth/done"
OTHER_REDIRECT = "https://app.example.com/auth/done?from=linky"

GOOGLE = ("web.apps.googleusercontent.com", "ios.apps.googleusercontent.com")
LINE = ("1657000000",)
APPLE = ("jp.example.linky", "jp.example.linky.web")
LINE_SECRET = secrets.token_hex(16)
GOOGLE_SECRET = "GOCSPX-" + secrets.token_hex(16)
APPLE_TEAM, APPLE_KEY_ID = "TEAM000001", "KEY0000001"
APPLE_KEY = ECKey.generate_key("P-256")


@dataclass
class Picture:
    """How the server sends a picture. An `endless` one goes on until the client hangs up."""

    data: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False
    slow: bool = False
    asked: int = 0
    sent: int = 0

    def parts(self) -> Iterator[bytes]:
        while True:
            yield self.data
            self.sent += len(self.data)
            if not self.endless:
                return


@dataclass
class Habits:
    """One provider: the form of its tokens, and its present behaviour."""

    name: str
    issuer: str
    clients: tuple[str, ...]
    browser_client: str
    algorithm: str
    keys: dict[str, SigningKey] = field(default_factory=dict)
    current: str = ""
    user: dict[str, Any] = field(default_factory=dict)
    refuses_with: dict[str, str] | None = None
    tampers: Callable[[dict[str, Any]], str] | None = None
    answers: tuple[int, Any] | None = None
    names_itself: str | None = None
    codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = field(default_factory=dict)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    revoked: list[dict[str, str]] = field(default_factory=list)
    revocation_status: int = 200
    access_tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    """LINE's tokens of users: for which channel, and for whom."""

    channel_tokens: set[str] = field(default_factory=set)
    unlinked: list[str] = field(default_factory=list)
    """Whose consent the app has given back to LINE."""

    api_answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """What LINE's API answers instead, by path."""

    pictures: dict[str, "Picture"] = field(default_factory=dict)

    def new_key(self) -> SigningKey:
        if self.algorithm == "RS256":
            return RSAKey.generate_key(2048)
        return ECKey.generate_key("P-256")

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish only that."""
        self.current = f"{self.name}-{len(self.keys) + 1}-{secrets.token_hex(3)}"
        self.keys = {self.current: self.new_key()}

    @property
    def key(self) -> SigningKey:
        return self.keys[self.current]

    def header(self, **changes: Any) -> dict[str, Any]:
        return {"alg": self.algorithm, "kid": self.current, "typ": "JWT"} | changes

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(self.header(), claims, self.key, algorithms=[self.algorithm])

    def sign_for_browser(self, claims: dict[str, Any]) -> str:
        if self.name == "line":
            key = OctKey.import_key(LINE_SECRET)
            return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, key, algorithms=["HS256"])
        return self.sign(claims)


def _habits() -> dict[str, Habits]:
    return {
        "line": Habits("line", "https://access.line.me", LINE, LINE[0], "ES256"),
        "google": Habits("google", "https://accounts.google.com", GOOGLE, GOOGLE[0], "RS256"),
        "apple": Habits("apple", "https://appleid.apple.com", APPLE, APPLE[-1], "RS256"),
    }


class Providers:
    def __init__(self) -> None:
        self.habits = _habits()
        for provider in self.habits.values():
            provider.rotate()
        self._first_keys = {
            name: (provider.current, provider.keys) for name, provider in self.habits.items()
        }
        self.url = ""
        self.released = threading.Event()
        self.reset(lambda: datetime.now(UTC))

    def __getitem__(self, name: str) -> Habits:
        return self.habits[name]

    def reset(self, clock: Callable[[], datetime]) -> None:
        """Reset all but the keys, which take long to make."""
        self.clock = clock
        self.down: set[str] = set()
        self.slow: set[str] = set()
        self.cache_control = "public, max-age=3600"
        self.claimed_issuer: str | None = None
        self.documents: dict[str, Any] = {}
        self.asked: Counter[str] = Counter()
        self.encodings: dict[str, str] = {}
        self.released.clear()
        fresh = _habits()
        for name, provider in fresh.items():
            provider.current, provider.keys = self._first_keys[name]
        self.habits = fresh

    def settings(self, folder: Path) -> dict[str, Any]:
        key_file = folder / "apple.p8"
        key_file.write_bytes(APPLE_KEY.as_pem(private=True))
        urls = {
            f"{name}_discovery_url": f"{self.url}/{name}/.well-known/openid-configuration"
            for name in self.habits
        }
        return {
            **urls,
            "google_client_ids": GOOGLE,
            "google_client_secret": SecretStr(GOOGLE_SECRET),
            "line_channel_id": LINE[0],
            "line_channel_secret": SecretStr(LINE_SECRET),
            "line_api_url": f"{self.url}/line",
            "apple_client_ids": APPLE,
            "apple_team_id": APPLE_TEAM,
            "apple_key_id": APPLE_KEY_ID,
            "apple_private_key": key_file,
            "oauth_redirect_uris": (REDIRECT, OTHER_REDIRECT),
        }

    def claims(self, name: str, /, **changes: Any) -> dict[str, Any]:
        """The claims of a valid token; a claim that is None is left out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self[name].issuer,
            "aud": self[name].clients[0],
            "sub": f"{name}-{secrets.token_hex(8)}",
            "iat": now,
            "exp": now + 600,
        }
        return {key: value for key, value in (claims | changes).items() if value is not None}

    def token(self, name: str, /, **claims: Any) -> str:
        """A valid ID token, as the native SDK gets it."""
        return self[name].sign(self.claims(name, **claims))

    def native_code(self, name: str, /, client_id: str, **claims: Any) -> str:
        """An authorization code as the native SDK gets it beside the ID token."""
        code = secrets.token_urlsafe(12)
        asked = {"client_id": client_id}
        self[name].codes[code] = (asked, {"aud": client_id, **claims})
        return code

    def line_token(self, sub: str, channel: str = LINE[0]) -> str:
        """An access token as LINE's SDK gives it to an app."""
        token = f"a-{secrets.token_hex(16)}"
        self["line"].access_tokens[token] = (channel, sub)
        return token

    def picture_url(self, name: str, path: str, picture: Picture) -> str:
        """The address at which the provider serves this picture from now on."""
        self[name].pictures[path] = picture
        return f"{self.url}/{name}/pictures/{path}"

    # Responses

    def respond(self, request: Request) -> Response:
        _, name, path = request.path.split("/", 2)
        # Before the wait: a call that was given up must not write into the next test's habits.
        provider = self[name]
        self.encodings[request.path] = request.headers.get("Accept-Encoding", "")
        self.asked[f"{name}/{path}"] += 1
        if {name, f"{name}/{path}"} & self.slow:
            self.released.wait(HANG_SECONDS)
        if name in self.down:
            return self._reply({"error": "temporarily_unavailable"}, 503)
        if path.startswith("pictures/"):
            return self._picture(provider, path.removeprefix("pictures/"))
        if path in provider.api_answers:
            status, body = provider.api_answers[path]
            return self._reply(body, status)
        match request.method, path:
            case _, ".well-known/openid-configuration":
                return self._reply(self.documents.get("endpoints", self.discovery(provider)))
            case _, "keys":
                return self._reply(self.documents.get("keys", _keys_of(provider)))
            case _, "authorize":
                return self._authorize(provider, request.query)
            case "POST", "token":
                return self._exchange(provider, request.form)
            case "POST", "revoke":
                return self._revoke(provider, request.form)
            case "GET", "oauth2/v2.1/verify":
                return self._verify(provider, request.query.get("access_token", ""))
            case "GET", "oauth2/v2.1/userinfo":
                return self._user_info(provider, _bearer_of(request))
            case "POST", "oauth2/v3/token":
                return self._channel_token(provider, request.form)
            case "POST", "user/v1/deauthorize":
                return self._deauthorize(provider, request)
        return self._reply({"error": "not_found"}, 404)

    def _reply(self, body: Any, status: int = 200) -> Response:
        """Bytes are sent as they are, everything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"Cache-Control": self.cache_control, "Content-Type": "application/json"}
        return Response(status, data, kind)

    def discovery(self, provider: Habits) -> dict[str, Any]:
        base = f"{self.url}/{provider.name}"
        document: dict[str, Any] = {
            "issuer": self.claimed_issuer or provider.issuer,
            "authorization_endpoint": f"{base}/authorize?here=1",
            "token_endpoint": f"{base}/token",
            "revocation_endpoint": f"{base}/revoke",
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": [provider.algorithm, "HS256", "none"],
        }
        if provider.name != "apple":
            document["code_challenge_methods_supported"] = ["S256"]
        return document

    def _authorize(self, provider: Habits, asked: dict[str, str]) -> Response:
        answer = {"state": asked["state"]}
        if provider.refuses_with is not None:
            answer |= provider.refuses_with
        else:
            answer["code"] = secrets.token_urlsafe(12)
            provider.codes[answer["code"]] = (asked, dict(provider.user))
        if provider.names_itself is not None:
            answer["iss"] = provider.names_itself
        if asked.get("response_mode") == "form_post":
            if "form" in provider.user:
                answer["user"] = provider.user["form"]
            return self._reply({"action": asked["redirect_uri"], "fields": answer})
        location = f"{asked['redirect_uri']}?{urlencode(answer)}"
        return Response(302, headers={"Location": location, "Cache-Control": self.cache_control})

    def _exchange(self, provider: Habits, form: dict[str, str]) -> Response:
        provider.exchanged.append(form)
        if provider.answers is not None:
            status, body = provider.answers
            return self._reply(body, status)
        if form.get("client_id") not in provider.clients or not self._knows(provider, form):
            return self._reply({"error": "invalid_client"}, 401)
        if provider.name == "line" and form.get("grant_type") == "refresh_token":
            return self._refresh(provider, form.get("refresh_token", ""))
        if form.get("grant_type") != "authorization_code":
            return self._reply({"error": "unsupported_grant_type"}, 400)
        asked, user = provider.codes.pop(form.get("code", ""), ({}, {}))
        if not asked or asked["client_id"] != form["client_id"]:
            return self._reply({"error": "invalid_grant"}, 400)
        if asked.get("redirect_uri") != form.get("redirect_uri"):
            return self._reply({"error": "invalid_grant"}, 400)
        challenge = asked.get("code_challenge")
        if challenge is not None and s256(form.get("code_verifier", "")) != challenge:
            return self._reply({"error": "invalid_grant", "error_description": "PKCE"}, 400)
        user_claims = {key: value for key, value in user.items() if key != "form"}
        claims = (
            self.claims(provider.name, aud=provider.browser_client, nonce=asked.get("nonce"))
            | user_claims
        )
        sign = provider.tampers or provider.sign_for_browser
        tokens = {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 3600}
        provider.refresh_tokens.append(f"r-{secrets.token_hex(16)}")
        provider.owners[provider.refresh_tokens[-1]] = claims["sub"]
        tokens |= {"refresh_token": provider.refresh_tokens[-1], "id_token": sign(claims)}
        return self._reply(tokens)

    def _revoke(self, provider: Habits, form: dict[str, str]) -> Response:
        """As Apple: 200 without a body, also for an unknown token."""
        if provider.revocation_status != 200:
            return self._reply({"error": "invalid_client"}, provider.revocation_status)
        if form.get("client_id") not in provider.clients or not self._knows(provider, form):
            return self._reply({"error": "invalid_client"}, 400)
        provider.revoked.append(form)
        return self._reply(b"")

    # What LINE alone has

    def _refresh(self, provider: Habits, refresh_token: str) -> Response:
        sub = provider.owners.get(refresh_token)
        if sub is None or sub in provider.unlinked:
            return self._reply({"error": "invalid_grant"}, 400)
        return self._reply({"access_token": self.line_token(sub), "refresh_token": refresh_token})

    def _verify(self, provider: Habits, token: str) -> Response:
        channel, sub = provider.access_tokens.get(token, ("", ""))
        if not channel or sub in provider.unlinked:
            return self._reply({"error": "invalid_request"}, 400)
        return self._reply({"scope": "openid", "client_id": channel, "expires_in": 2591659})

    def _user_info(self, provider: Habits, token: str) -> Response:
        _, sub = provider.access_tokens.get(token, ("", ""))
        return self._reply({"sub": sub} if sub else {"error": "invalid_token"}, 200 if sub else 401)

    def _channel_token(self, provider: Habits, form: dict[str, str]) -> Response:
        is_ours = form.get("client_id") in provider.clients and self._knows(provider, form)
        if not is_ours or form.get("grant_type") != "client_credentials":
            return self._reply({"error": "invalid_client"}, 400)
        token = f"c-{secrets.token_hex(16)}"
        provider.channel_tokens.add(token)
        return self._reply({"access_token": token, "token_type": "Bearer", "expires_in": 900})

    def _deauthorize(self, provider: Habits, request: Request) -> Response:
        if _bearer_of(request) not in provider.channel_tokens:
            return self._reply({"message": "invalid channel access token"}, 401)
        channel, sub = provider.access_tokens.get(
            json.loads(request.body).get("userAccessToken"), ("", "")
        )
        if channel not in provider.clients or sub in provider.unlinked:
            return self._reply({"message": "invalid user access token"}, 400)
        provider.unlinked.append(sub)
        return Response(204)

    def _picture(self, provider: Habits, path: str) -> Response:
        picture = provider.pictures.get(path)
        if picture is None:
            return self._reply(b"", 404)
        picture.asked += 1
        if picture.slow:
            self.released.wait(HANG_SECONDS)
        return Response(picture.status, picture.parts(), picture.headers)

    def _knows(self, provider: Habits, form: dict[str, str]) -> bool:
        secret = form.get("client_secret", "")
        if provider.name != "apple":
            return secret == {"line": LINE_SECRET, "google": GOOGLE_SECRET}[provider.name]
        ours = jwt.decode(secret, APPLE_KEY, algorithms=["ES256"])
        claims, now = ours.claims, self.clock().timestamp()
        return bool(
            ours.header.get("kid") == APPLE_KEY_ID
            and claims["iss"] == APPLE_TEAM
            and claims["sub"] == form.get("client_id")
            and claims["aud"] == "https://appleid.apple.com"
            and now < claims["exp"] <= now + 15777000
        )


def _bearer_of(request: Request) -> str:
    return str(request.headers.get("Authorization", "")).removeprefix("Bearer ")


def _keys_of(provider: Habits) -> dict[str, Any]:
    public = [{**key.as_dict(private=False), "kid": kid} for kid, key in provider.keys.items()]
    return {"keys": [*public, {"kty": "OKP-OF-2030", "kid": "strange"}]}


@contextmanager
def running_providers() -> Iterator[Providers]:
    providers = Providers()
    with stub_server(providers.respond) as server:
        providers.url = server.url
        try:
            yield providers
        finally:
            providers.released.set()
