"""What an access token contains, which tokens are accepted, and how keys are rotated."""

import hmac
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core import tokens
from app.core.tokens import AccessClaims, TokenCodec
from tests.support.api import Api, expect
from tests.support.auth import SECRET, another_session, forged, parts, refresh, write
from tests.support.fakes import FakeClock
from tests.support.jose import b64
from tests.support.world import World

CHALLENGE = 'Bearer realm="linky"'
INVALID = 'Bearer realm="linky", error="invalid_token"'


async def with_token(world: World, access: str) -> Api:
    api = world.anonymous()
    api.access = access
    return api


async def test_an_access_token_names_user_role_session_and_expiry(world: World) -> None:
    member, guest, admin = await world.member(), await world.guest(), await world.admin()
    for caller, role in ((member, "user"), (guest, "guest"), (admin, "admin")):
        header, claims = parts(caller.access)
        assert header == {"alg": "HS256", "kid": "test", "typ": "at+jwt"}
        assert (claims["iss"], claims["aud"]) == ("linky", "linky-api")
        assert claims["sub"] == caller.id
        assert (claims["role"], claims["is_guest"]) == (role, role == "guest")
        assert claims["exp"] - claims["iat"] == 1800
        assert claims["iat"] == int(world.clock().timestamp())
        assert str(UUID(claims["jti"])) == claims["jti"]
        (session,) = [
            session for session in await caller.items("/auth/sessions") if session["current"]
        ]
        assert claims["sid"] == session["id"]


async def test_every_access_token_has_its_own_id(world: World) -> None:
    member = await world.member()
    other = await another_session(world, member)
    later = expect(await refresh(world, member.refresh_token), 200)
    claims = [parts(access)[1] for access in (member.access, other.access, later["access_token"])]
    assert len({token_claims["jti"] for token_claims in claims}) == 3
    assert claims[0]["sid"] == claims[2]["sid"] != claims[1]["sid"]


async def test_an_access_token_expires_after_half_an_hour(world: World) -> None:
    member = await world.member()
    world.clock.advance(seconds=1798)
    expect(await member.get("/users/me"), 200)
    expect(await write(member), 200)
    world.clock.advance(seconds=3)
    for response in (await member.get("/users/me"), await write(member)):
        expect(response, 401, "token_expired")
        assert response.headers["www-authenticate"] == INVALID
    member.take(expect(await refresh(world, member.refresh_token), 200))
    expect(await member.get("/users/me"), 200)


async def test_a_token_issued_up_to_ten_seconds_in_the_future_is_accepted(world: World) -> None:
    member = await world.member()
    world.clock.advance(seconds=-9)
    expect(await member.get("/users/me"), 200)
    expect(await write(member), 200)
    world.clock.advance(seconds=-3)
    expect(await member.get("/users/me"), 401, "token_expired")


async def test_tokens_of_a_clock_that_was_ahead_are_exchanged_without_a_sign_in(
    world: World,
) -> None:
    world.clock.advance(hours=2)
    member = await world.member()
    world.clock.advance(hours=-2)
    for response in (await member.get("/users/me"), await write(member)):
        expect(response, 401, "token_expired")
    member.take(expect(await refresh(world, member.refresh_token), 200))
    expect(await write(member), 200)


async def test_a_token_is_verified_once_and_not_more_than_the_bound_are_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_VERIFIED", 2)
    made = codec(world.clock, own="k" * 40)
    claims = AccessClaims(uuid4(), uuid4(), "member", is_guest=False)
    given = [made.encode(claims) for _ in range(3)]
    verified = []
    verify = made._verify

    def counted(token: str) -> Any:
        verified.append(token)
        return verify(token)

    monkeypatch.setattr(made, "_verify", counted)
    for token in (*given[:2], *given[:2], given[2], given[0]):
        assert made.decode(token) == claims
    assert verified == [*given, given[0]]
    assert len(made._verified) == 2


# Keys


def codec(clock: FakeClock, **keys: str) -> TokenCodec:
    return TokenCodec({kid: secret.encode() for kid, secret in keys.items()}, clock)


async def test_a_key_rotation_keeps_users_signed_in(world: World) -> None:
    old, new = "o" * 40, "n" * 40
    world.runtime.tokens = codec(world.clock, old=old)
    member = await world.member()
    assert parts(member.access)[0]["kid"] == "old"
    world.runtime.tokens = codec(world.clock, new=new, old=old)
    expect(await write(member), 200)
    later = member.sibling().take(expect(await refresh(world, member.refresh_token), 200))
    assert parts(later.access)[0]["kid"] == "new"
    expect(await write(later), 200)
    world.runtime.tokens = codec(world.clock, new=new)
    expect(await write(member), 401, "token_invalid")
    expect(await write(later), 200)
    expect(await refresh(world, later.refresh_token), 200)


async def test_a_key_verifies_only_tokens_with_its_own_kid(world: World) -> None:
    a, b = "a" * 40, "b" * 40
    world.runtime.tokens = codec(world.clock, a=a, b=b)
    header, claims = parts((await world.member()).access)
    right = forged(header, claims, a.encode())
    expect(await (await with_token(world, right)).get("/users/me"), 200)
    for kid, secret in (("a", b), ("b", a), ("c", a), ("", a)):
        token = forged({**header, "kid": kid}, claims, secret.encode())
        expect(await (await with_token(world, token)).get("/users/me"), 401, "token_invalid")


# Forgeries

BAD_CLAIMS: list[dict[str, Any]] = [
    {"aud": "other"},
    {"aud": ["other"]},
    {"iss": "https://evil.example"},
    {"iss": None},
    {"aud": None},
    {"exp": None},
    {"iat": None},
    {"sub": None},
    {"sid": None},
    {"role": None},
    {"exp": "tomorrow"},
    {"exp": [9999999999]},
    {"exp": True},
    {"sub": "not-a-uuid"},
    {"sub": 1},
    {"sub": {"a": 1}},
    {"sid": "\0"},
    {"nbf": 9999999999},
    {"iat": "yesterday"},
]


async def test_a_well_signed_token_with_a_missing_or_wrong_claim_is_refused(world: World) -> None:
    header, claims = parts((await world.member()).access)
    good = await with_token(world, forged(header, claims))
    expect(await good.get("/users/me"), 200)
    for bad in BAD_CLAIMS:
        spoiled = {name: value for name, value in (claims | bad).items() if value is not None}
        forger = await with_token(world, forged(header, spoiled))
        expect(await forger.get("/users/me"), 401, "token_invalid")
        expect(await write(forger), 401, "token_invalid")


async def test_a_forged_signature_is_refused(world: World) -> None:
    header, claims = parts((await world.member()).access)
    signed = forged(header, claims)
    head, body, signature = signed.split(".")
    expect(await (await with_token(world, signed)).get("/users/me"), 200)
    admin = b64(b'{"role": "admin"}')
    for token in [
        forged({**header, "alg": "none"}, claims, b""),
        f"{b64(b'{"alg": "none"}')}.{body}.",
        f"{b64(b'{"alg": "NoNe", "kid": "test"}')}.{body}.{signature}",
        forged(header, claims, b"x" * 40),
        forged(header, claims, b""),
        forged({**header, "alg": "HS384"}, claims),
        forged({**header, "alg": "HS512"}, claims),
        forged({**header, "alg": "RS256"}, claims),
        forged({**header, "alg": ["HS256"]}, claims),
        forged({**header, "kid": "../../dev/null"}, claims, b""),
        forged({**header, "kid": ["test"]}, claims),
        forged({**header, "kid": None}, claims, b"x" * 40),
        forged({"alg": "HS256", "jwk": {"kty": "oct", "k": b64(b"x" * 40)}}, claims, b"x" * 40),
        forged({**header, "crit": ["exp"]}, claims),
        forged({**header, "b64": False, "crit": ["b64"]}, claims),
        f"{head}.{admin}.{signature}",
        f"{head}.{body}.{signature[:-6]}",
        f"{head}.{body}.",
        f"{head}.{body}",
    ]:
        forger = await with_token(world, token)
        response = await forger.get("/users/me")
        expect(response, 401, "token_invalid")
        assert response.headers["www-authenticate"] == INVALID
        expect(await write(forger), 401, "token_invalid")


async def test_a_signed_payload_that_is_not_claims_is_refused(world: World) -> None:
    head = b64(b'{"alg":"HS256","kid":"test"}')
    for payload in (b"", b"x", b"[]", b"null", b"1", b'"x"', b"{", b"\xff"):
        signed = f"{head}.{b64(payload)}"
        signature = b64(hmac.digest(SECRET, signed.encode(), "sha256"))
        forger = await with_token(world, f"{signed}.{signature}")
        expect(await forger.get("/users/me"), 401, "token_invalid")


async def test_only_the_bearer_scheme_is_accepted_in_any_case(world: World) -> None:
    member, anonymous = await world.member(), world.anonymous()
    for scheme in ("", "Bearer ", "{}", "Basic {}", "Token {}", "Bearer{}", "JWT {}"):
        headers = {"Authorization": scheme.format(member.access)}
        response = await anonymous.get("/users/me", headers=headers)
        expect(response, 401, "not_authenticated")
        assert response.headers["www-authenticate"] == CHALLENGE
    for scheme in ("Bearer {}", "bearer {}", "BEARER  {} "):
        headers = {"Authorization": scheme.format(member.access)}
        expect(await anonymous.get("/users/me", headers=headers), 200)


async def test_access_and_refresh_tokens_are_not_interchangeable(world: World) -> None:
    member = await world.member()
    forger = await with_token(world, member.refresh_token)
    expect(await forger.get("/users/me"), 401, "token_invalid")
    expect(await refresh(world, member.access), 401, "invalid_refresh_token")
