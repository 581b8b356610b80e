"""ID tokens that somebody made up, altered, or got for somebody else: none of them is a way in.

Each is sent with a nonce that is good, and after it a good token with the same nonce, so that
the forgery was refused for itself alone.
"""

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.support.api import expect
from tests.support.provider import (
    GOOGLE_SECRET,
    LINE_SECRET,
    Habits,
    Providers,
    b64,
    signed_by_hand,
)
from tests.support.sql import count
from tests.support.world import World

pytestmark = pytest.mark.anyio

ALL = ["line", "google", "apple"]
Claims = dict[str, Any]
Forgery = Callable[[Habits, Claims], str]

VAGUE = "What the sign-in service said could not be verified. Please try again."

STRANGERS: dict[str, RSAKey | ECKey] = {
    "RS256": RSAKey.generate_key(2048),
    "ES256": ECKey.generate_key("P-256"),
}
"""Keys of nobody whom we know."""


def unsigned(alg: str, tail: str = "") -> Forgery:
    return lambda one, claims: f"{b64(one.header(alg=alg))}.{b64(claims)}.{tail}"


def by_secret(secret: Callable[[Habits], bytes], alg: str = "HS256") -> Forgery:
    return lambda one, claims: signed_by_hand(one.header(alg=alg), claims, secret(one))


def by_stranger(alg: str | None = None, **header: Any) -> Forgery:
    def forge(one: Habits, claims: Claims) -> str:
        chosen = alg or one.algorithm
        head = one.header(alg=chosen, **header)
        return jwt.encode(head, claims, STRANGERS[chosen], algorithms=[chosen])

    return forge


def with_header(**header: Any) -> Forgery:
    """Signed well, but with another header; None leaves a member out."""

    def forge(one: Habits, claims: Claims) -> str:
        head = {key: value for key, value in one.header(**header).items() if value is not None}
        return raw(one, json.dumps(head).encode(), json.dumps(claims).encode())

    return forge


def raw(one: Habits, header: bytes, payload: bytes) -> str:
    """A good signature by the provider's own key, over whatever bytes."""
    message = f"{b64(header)}.{b64(payload)}"
    model = JWSRegistry.algorithms[one.algorithm]
    return f"{message}.{b64(model.sign(message.encode(), one.key))}"


def claiming(**changes: Any) -> Forgery:
    """Signed well by the provider, but for what it says; None leaves a claim out."""

    def forge(one: Habits, claims: Claims) -> str:
        changed = {key: value for key, value in (claims | changes).items() if value is not None}
        return raw(one, json.dumps(one.header()).encode(), json.dumps(changed).encode())

    return forge


def moved(claim: str, seconds: int) -> Forgery:
    def forge(one: Habits, claims: Claims) -> str:
        return one.sign(claims | {claim: claims["iat"] + seconds})

    return forge


def altered(change: Callable[[list[str]], str]) -> Forgery:
    """A good token, taken into its three parts."""
    return lambda one, claims: change(one.sign(claims).split("."))


def flip(part: str) -> str:
    """The same with one letter of its middle changed: no bit of it is padding."""
    at = len(part) // 2
    return part[:at] + ("A" if part[at] != "A" else "B") + part[at + 1 :]


def admin_payload(part: str) -> str:
    claims = json.loads(_unb64(part))
    return b64(claims | {"sub": "somebody-else"})


def _unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


FORGERIES: dict[str, Forgery] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE with a signature": unsigned("NONE", "c2lnbmVk"),
    "no alg": with_header(alg=None),
    "alg a list": with_header(alg=["RS256", "ES256"]),
    "HS256 by the public key in PEM": by_secret(lambda one: one.key.as_pem(private=False)),
    "HS256 by the public key in DER": by_secret(lambda one: one.key.as_der(private=False)),
    "HS256 by the public JWK": by_secret(
        lambda one: json.dumps(one.key.as_dict(private=False)).encode()
    ),
    "HS256 by the client's secret": by_secret(
        lambda one: (GOOGLE_SECRET if one.name == "google" else LINE_SECRET).encode()
    ),
    "HS256 by LINE's secret without a kid": lambda _, claims: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(LINE_SECRET), algorithms=["HS256"]
    ),
    "HS512 by the public key": by_secret(lambda one: one.key.as_pem(private=False), "HS512"),
    "HS256 by nothing": by_secret(lambda _: b""),
    "another key under the known kid": by_stranger(),
    "another kind of key, RS256": by_stranger("RS256", typ="JWT", kid="rs"),
    "another kind of key, ES256": by_stranger("ES256", typ="JWT", kid="es"),
    "an unknown kid": by_stranger(kid="nobody-1"),
    "no kid": with_header(kid=None),
    "a kid that is a number": with_header(kid=1),
    "a kid that is a path": by_stranger(kid="../../../dev/null"),
    "its own key in the header": by_stranger(
        jwk=STRANGERS["ES256"].as_dict(private=False), kid="own"
    ),
    "an address of keys in the header": by_stranger(jku="http://127.0.0.1:1/keys", kid="own"),
    "an unknown crit": with_header(crit=["made-up"], **{"made-up": True}),
    "crit that names nothing there": with_header(crit=["exp"]),
    "b64 false": with_header(b64=False, crit=["b64"]),
    "another subject under the signature": altered(
        lambda p: f"{p[0]}.{admin_payload(p[1])}.{p[2]}"
    ),
    "an altered signature": altered(lambda p: f"{p[0]}.{p[1]}.{flip(p[2])}"),
    "a cut signature": altered(lambda p: f"{p[0]}.{p[1]}.{p[2][:40]}"),
    "no signature": altered(lambda p: f"{p[0]}.{p[1]}."),
    "two parts": altered(lambda p: f"{p[0]}.{p[1]}"),
    "four parts": altered(lambda p: ".".join([*p, p[2]])),
    "five parts, as encrypted": altered(lambda p: ".".join([*p, p[1], p[2]])),
    "nothing": lambda _, __: "",
    "no token at all": lambda _, __: "U4af4980629",
    "dots": lambda _, __: "...",
    "letters that are no base64": lambda _, __: "あ.い.う",
    "header that is no JSON": lambda one, claims: f"{b64(b'{')}.{b64(claims)}.AA",
    "header that is a list": lambda one, claims: f"{b64(b'[]')}.{b64(claims)}.AA",
    "header nested deeply": lambda one, claims: f"{b64(b'[' * 6000)}.{b64(claims)}.AA",
    "payload nested deeply": lambda one, _: raw(
        one, json.dumps(one.header()).encode(), b'{"a":' * 1800 + b"1" + b"}" * 1800
    ),
    "payload that is a list": lambda one, _: raw(one, json.dumps(one.header()).encode(), b"[1]"),
    "payload that is no JSON": lambda one, _: raw(one, json.dumps(one.header()).encode(), b"\xff"),
    "a token that is too long": claiming(padding="x" * 20000),
    "no iss": claiming(iss=None),
    "another iss": claiming(iss="https://evil.example"),
    "iss with a slash": lambda one, claims: one.sign(claims | {"iss": claims["iss"] + "/"}),
    "iss over http": lambda one, claims: one.sign(
        claims | {"iss": claims["iss"].replace("https", "http")}
    ),
    "iss as a list": lambda one, claims: claiming(iss=[claims["iss"]])(one, claims),
    "no aud": claiming(aud=None),
    "another app's aud": claiming(aud="somebody.elses.app"),
    "an aud that begins as ours": lambda one, claims: one.sign(
        claims | {"aud": claims["aud"] + "0"}
    ),
    "another aud beside ours": lambda one, claims: one.sign(
        claims | {"aud": [claims["aud"], "somebody.elses.app"]}
    ),
    "an empty list of aud": claiming(aud=[]),
    "aud as an object": lambda one, claims: claiming(aud={claims["aud"]: True})(one, claims),
    "another app's azp": claiming(azp="somebody.elses.app"),
    "azp that is a list": lambda one, claims: claiming(azp=[claims["aud"]])(one, claims),
    "no exp": claiming(exp=None),
    "expired": moved("exp", -31),
    "expired long ago": moved("exp", -86400),
    "exp as text": claiming(exp="never"),
    "exp for ever": claiming(exp=float("inf")),
    "exp that is no number": claiming(exp=float("nan")),
    "exp as a list": claiming(exp=[1]),
    "no iat": claiming(iat=None),
    "issued in the future": lambda one, claims: one.sign(
        claims | {"iat": claims["iat"] + 31, "exp": claims["iat"] + 900}
    ),
    "iat as text": claiming(iat="today"),
    "not yet valid": moved("nbf", 60),
    "no sub": claiming(sub=None),
    "an empty sub": claiming(sub=""),
    "sub that is a number": claiming(sub=12345),
    "sub that is a list": claiming(sub=["U1"]),
    "a sub that is too long": claiming(sub="U" * 256),
    "a sub with NUL": claiming(sub="U1\0"),
    "no nonce": claiming(nonce=None),
    "another nonce": claiming(nonce="x" * 43),
    "a nonce cut short": lambda one, claims: one.sign(claims | {"nonce": claims["nonce"][:42]}),
    "nonce as a list": lambda one, claims: claiming(nonce=[claims["nonce"]])(one, claims),
    "an empty nonce": claiming(nonce=""),
}


async def fresh_nonce(world: World) -> str:
    return str(expect(await world.anonymous().post("/auth/nonce"), 201)["nonce"])


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused_and_the_good_one_beside_it_is_not(
    world: World, idp: Providers, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    for provider in ALL:  # In one test: making the app takes ten times as long as this.
        one, nonce = idp[provider], await fresh_nonce(world)
        claims = idp.claims(provider, nonce=nonce)
        forged = FORGERIES[name](one, claims)
        before = await count(world, "users")
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            answer = await send(world, provider, forged, nonce)
        body = expect(answer, 401, "invalid_id_token")
        assert body["detail"] == VAGUE
        refusals = [r.msg for r in caplog.records if isinstance(r.msg, dict)]
        assert [r["event"] for r in refusals] == ["id_token_refused"]
        assert refusals[0]["reason"]
        assert not forged or forged not in json.dumps(refusals, default=str)
        assert await count(world, "users") == before
        expect(await send(world, provider, one.sign(claims), nonce), 201)


async def send(world: World, provider: str, id_token: str, nonce: str) -> httpx.Response:
    body = {"id_token": id_token, "nonce": nonce}
    path, english = f"/auth/oauth/{provider}", {"Accept-Language": "en"}
    return await world.anonymous().post(path, json=body, headers=english)


@pytest.mark.parametrize("provider", ALL)
async def test_the_token_of_another_provider_is_refused(
    world: World, idp: Providers, provider: str
) -> None:
    for other in set(ALL) - {provider}:
        nonce = await fresh_nonce(world)
        for claims in ({}, {"iss": idp[provider].issuer, "aud": idp[provider].clients[0]}):
            foreign = {"id_token": idp.token(other, nonce=nonce, **claims), "nonce": nonce}
            refused = await world.anonymous().post(f"/auth/oauth/{provider}", json=foreign)
            expect(refused, 401, "invalid_id_token")
        own = {"id_token": idp.token(other, nonce=nonce), "nonce": nonce}
        expect(await world.anonymous().post(f"/auth/oauth/{other}", json=own), 201)
