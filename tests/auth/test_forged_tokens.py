"""Invented, altered and foreign ID tokens: none of them signs a user in, upgrades a guest, or is
linked to an account.

Each is sent with a valid nonce. A valid token with the same nonce follows, to show that only the
forgery was the reason of the refusal.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from app.integrations.identity import keys
from tests.support.api import Api, expect
from tests.support.auth import PROVIDERS
from tests.support.auth import nonce as fresh_nonce
from tests.support.jose import b64, signed_by_hand
from tests.support.provider import GOOGLE_SECRET, LINE_SECRET, Habits, Providers
from tests.support.sql import count
from tests.support.world import World

Claims = dict[str, Any]
Forgery = Callable[[Habits, Claims], str]

VAGUE = "We couldn't verify the response from the sign-in provider. Try again."


@cache
def unknown_key(alg: str) -> RSAKey | ECKey:
    """A key that belongs to no provider."""
    return RSAKey.generate_key(2048) if alg == "RS256" else ECKey.generate_key("P-256")


def unsigned(alg: str, tail: str = "") -> Forgery:
    return lambda habits, claims: f"{b64(habits.header(alg=alg))}.{b64(claims)}.{tail}"


def by_secret(secret: Callable[[Habits], bytes], alg: str = "HS256") -> Forgery:
    return lambda habits, claims: signed_by_hand(habits.header(alg=alg), claims, secret(habits))


def by_unknown_key(alg: str | None = None, **header: Any) -> Forgery:
    def forge(habits: Habits, claims: Claims) -> str:
        chosen = alg or habits.algorithm
        head = habits.header(alg=chosen, **header)
        return jwt.encode(head, claims, unknown_key(chosen), algorithms=[chosen])

    return forge


def with_header(**header: Any) -> Forgery:
    """Well signed, but with a changed header; None removes a member."""

    def forge(habits: Habits, claims: Claims) -> str:
        head = {key: value for key, value in habits.header(**header).items() if value is not None}
        return raw(habits, json.dumps(head).encode(), json.dumps(claims).encode())

    return forge


def raw(habits: Habits, header: bytes, payload: bytes) -> str:
    """A token of these bytes, signed with the provider's own key."""
    message = f"{b64(header)}.{b64(payload)}"
    model = JWSRegistry.algorithms[habits.algorithm]
    return f"{message}.{b64(model.sign(message.encode(), habits.key))}"


def with_claims(**changes: Any) -> Forgery:
    """Well signed, but with changed claims; None removes a claim."""

    def forge(habits: Habits, claims: Claims) -> str:
        changed = {key: value for key, value in (claims | changes).items() if value is not None}
        return raw(habits, json.dumps(habits.header()).encode(), json.dumps(changed).encode())

    return forge


def shifted(claim: str, seconds: int) -> Forgery:
    def forge(habits: Habits, claims: Claims) -> str:
        return habits.sign(claims | {claim: claims["iat"] + seconds})

    return forge


def altered(change: Callable[[list[str]], str]) -> Forgery:
    """A valid token whose three parts are changed after signing."""
    return lambda habits, claims: change(habits.sign(claims).split("."))


def flip(part: str) -> str:
    """Change one letter in the middle, where no bit is padding."""
    at = len(part) // 2
    return part[:at] + ("A" if part[at] != "A" else "B") + part[at + 1 :]


def with_other_subject(part: str) -> str:
    claims = json.loads(_unb64(part))
    return b64(claims | {"sub": "another-user"})


def _unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


FORGERIES: dict[str, Forgery] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE with a signature": unsigned("NONE", "c2lnbmVk"),
    "no alg": with_header(alg=None),
    "alg a list": with_header(alg=["RS256", "ES256"]),
    "HS256 by the public key in PEM": by_secret(lambda habits: habits.key.as_pem(private=False)),
    "HS256 by the public key in DER": by_secret(lambda habits: habits.key.as_der(private=False)),
    "HS256 by the public JWK": by_secret(
        lambda habits: json.dumps(habits.key.as_dict(private=False)).encode()
    ),
    "HS256 by the client's secret": by_secret(
        lambda habits: (GOOGLE_SECRET if habits.name == "google" else LINE_SECRET).encode()
    ),
    "HS256 by LINE's secret without a kid": lambda _, claims: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(LINE_SECRET), algorithms=["HS256"]
    ),
    "HS512 by the public key": by_secret(lambda habits: habits.key.as_pem(private=False), "HS512"),
    "HS256 by nothing": by_secret(lambda _: b""),
    "another key under the known kid": by_unknown_key(),
    "another kind of key, RS256": by_unknown_key("RS256", typ="JWT", kid="rs"),
    "another kind of key, ES256": by_unknown_key("ES256", typ="JWT", kid="es"),
    "an unknown kid": by_unknown_key(kid="unknown-1"),
    "no kid": with_header(kid=None),
    "a kid that is a number": with_header(kid=1),
    "a kid that is a path": by_unknown_key(kid="../../../dev/null"),
    "its own key in the header": lambda habits, claims: by_unknown_key(
        jwk=unknown_key("ES256").as_dict(private=False), kid="own"
    )(habits, claims),
    "an address of keys in the header": by_unknown_key(jku="http://127.0.0.1:1/keys", kid="own"),
    "an unknown crit": with_header(crit=["made-up"], **{"made-up": True}),
    "crit that names nothing there": with_header(crit=["exp"]),
    "b64 false": with_header(b64=False, crit=["b64"]),
    "another subject under the signature": altered(
        lambda p: f"{p[0]}.{with_other_subject(p[1])}.{p[2]}"
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
    "letters that are not base64": lambda _, __: "あ.い.う",
    "header that is not JSON": lambda habits, claims: f"{b64(b'{')}.{b64(claims)}.AA",
    "header that is a list": lambda habits, claims: f"{b64(b'[]')}.{b64(claims)}.AA",
    "header nested deeply": lambda habits, claims: f"{b64(b'[' * 6000)}.{b64(claims)}.AA",
    "payload nested deeply": lambda habits, _: raw(
        habits, json.dumps(habits.header()).encode(), b'{"a":' * 1800 + b"1" + b"}" * 1800
    ),
    "payload that is a list": lambda habits, _: raw(
        habits, json.dumps(habits.header()).encode(), b"[1]"
    ),
    "payload that is not JSON": lambda habits, _: raw(
        habits, json.dumps(habits.header()).encode(), b"\xff"
    ),
    "a token that is too long": with_claims(padding="x" * 20000),
    "no iss": with_claims(iss=None),
    "another iss": with_claims(iss="https://evil.example"),
    "iss with a slash": lambda habits, claims: habits.sign(claims | {"iss": claims["iss"] + "/"}),
    "iss over http": lambda habits, claims: habits.sign(
        claims | {"iss": claims["iss"].replace("https", "http")}
    ),
    "iss as a list": lambda habits, claims: with_claims(iss=[claims["iss"]])(habits, claims),
    "no aud": with_claims(aud=None),
    "another app's aud": with_claims(aud="another.app"),
    "an aud that begins as ours": lambda habits, claims: habits.sign(
        claims | {"aud": claims["aud"] + "0"}
    ),
    "another aud beside ours": lambda habits, claims: habits.sign(
        claims | {"aud": [claims["aud"], "another.app"]}
    ),
    "an empty list of aud": with_claims(aud=[]),
    "aud as an object": lambda habits, claims: with_claims(aud={claims["aud"]: True})(
        habits, claims
    ),
    "another app's azp": with_claims(azp="another.app"),
    "azp that is a list": lambda habits, claims: with_claims(azp=[claims["aud"]])(habits, claims),
    "no exp": with_claims(exp=None),
    "expired": shifted("exp", -31),
    "expired long ago": shifted("exp", -86400),
    "exp as text": with_claims(exp="never"),
    "exp for ever": with_claims(exp=float("inf")),
    "exp that is not a number": with_claims(exp=float("nan")),
    "exp as a list": with_claims(exp=[1]),
    "no iat": with_claims(iat=None),
    "issued in the future": lambda habits, claims: habits.sign(
        claims | {"iat": claims["iat"] + 31, "exp": claims["iat"] + 900}
    ),
    "iat as text": with_claims(iat="today"),
    "not yet valid": shifted("nbf", 60),
    "no sub": with_claims(sub=None),
    "an empty sub": with_claims(sub=""),
    "sub that is a number": with_claims(sub=12345),
    "sub that is a list": with_claims(sub=["U1"]),
    "a sub that is too long": with_claims(sub="U" * 256),
    "a sub with NUL": with_claims(sub="U1\0"),
    "no nonce": with_claims(nonce=None),
    "another nonce": with_claims(nonce="x" * 43),
    "a nonce cut short": lambda habits, claims: habits.sign(
        claims | {"nonce": claims["nonce"][:42]}
    ),
    "nonce as a list": lambda habits, claims: with_claims(nonce=[claims["nonce"]])(habits, claims),
    "an empty nonce": with_claims(nonce=""),
}


@pytest.fixture(scope="module", autouse=True)
def _keys_are_downloaded_once() -> Iterator[None]:
    """Each test has an app without keys. How it fetches them has tests of its own."""
    downloaded: dict[str, tuple[Any, timedelta]] = {}
    download = keys._download

    async def remembered(url: str) -> tuple[Any, timedelta]:
        if url not in downloaded:
            downloaded[url] = await download(url)
        return downloaded[url]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_download", remembered)
        yield


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused_and_a_valid_token_with_its_nonce_is_accepted(
    world: World, idp: Providers, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    member, guest = await world.member(), await world.guest()
    # In one test: making the app takes ten times as long as these calls.
    for provider in PROVIDERS:
        habits, nonce = idp[provider], await fresh_nonce(world)
        claims = idp.claims(provider, nonce=nonce)
        forged = FORGERIES[name](habits, claims)
        before = await count(world, "users")
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            for caller, way in (
                (world.anonymous(), "/auth/oauth"),
                (guest, "/auth/guest/upgrade"),
                (member, "/users/me/identities"),
            ):
                answer = await send(caller, f"{way}/{provider}", forged, nonce)
                assert expect(answer, 401, "invalid_id_token")["detail"] == VAGUE
        refusals = [r.msg for r in caplog.records if isinstance(r.msg, dict)]
        assert [r["event"] for r in refusals] == ["id_token_refused"] * 3
        assert all(refusal["reason"] for refusal in refusals)
        assert not forged or forged not in json.dumps(refusals, default=str)
        assert await count(world, "users") == before
        valid = habits.sign(claims)
        expect(await send(world.anonymous(), f"/auth/oauth/{provider}", valid, nonce), 201)
    assert await count(world, "user_identities", "user_id = CAST(:id AS uuid)", id=member.id) == 1


async def send(caller: Api, path: str, id_token: str, nonce: str) -> httpx.Response:
    body = {"id_token": id_token, "nonce": nonce}
    return await caller.post(path, json=body, headers={"Accept-Language": "en"})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_token_of_another_provider_is_refused(
    world: World, idp: Providers, provider: str
) -> None:
    for other in set(PROVIDERS) - {provider}:
        nonce = await fresh_nonce(world)
        for claims in ({}, {"iss": idp[provider].issuer, "aud": idp[provider].clients[0]}):
            foreign = {"id_token": idp.token(other, nonce=nonce, **claims), "nonce": nonce}
            refused = await world.anonymous().post(f"/auth/oauth/{provider}", json=foreign)
            expect(refused, 401, "invalid_id_token")
        own = {"id_token": idp.token(other, nonce=nonce), "nonce": nonce}
        expect(await world.anonymous().post(f"/auth/oauth/{other}", json=own), 201)
