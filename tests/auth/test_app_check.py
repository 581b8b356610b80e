"""Firebase App Check: whether the app calls, and not a script."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from prometheus_client import Counter

from app.core.metrics import APP_CHECKS
from app.core.settings.config import Settings, SettingsError, load_settings
from app.integrations.app_check import HEADER, KEPT_FOR
from tests.support.api import Api, expect
from tests.support.auth import form, nonce
from tests.support.browser import Browser, query_of
from tests.support.fakes import FakeClock
from tests.support.jose import b64
from tests.support.provider import Providers
from tests.support.sql import count
from tests.support.stub_server import Request, Response, json_response, stub_server
from tests.support.waiting import until
from tests.support.world import World

PROJECT = "123456789012"
APP = "1:123456789012:ios:a1b2c3"
ISSUER = f"https://firebaseappcheck.googleapis.com/{PROJECT}"
KEY, NEXT_KEY = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
GOOGLES_KEY = RSAKey.generate_key(2048)

Claims = dict[str, Any]


class Firebase:
    """Publishes the keys, if it is not down."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.published = {"one": KEY}
        self.is_down = False
        self.asked = 0
        self.url = ""

    def respond(self, _: Request) -> Response:
        self.asked += 1
        if self.is_down:
            return Response(503)
        public = [{**key.as_dict(private=False), "kid": kid} for kid, key in self.published.items()]
        return json_response({"keys": public}, headers={"Cache-Control": "public, max-age=21600"})

    def claims(self, **changes: Any) -> Claims:
        now = int(self.clock().timestamp())
        audience = [f"projects/{PROJECT}", "projects/linky-app"]
        claims = {"iss": ISSUER, "aud": audience, "sub": APP, "iat": now, "exp": now + 3600}
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def token(self, key: RSAKey = KEY, kid: str = "one", **changes: Any) -> str:
        header = {"alg": "RS256", "kid": kid, "typ": "JWT"}
        return jwt.encode(header, self.claims(**changes), key, algorithms=["RS256"])


@pytest.fixture
def firebase(world: World) -> Iterator[Firebase]:
    firebase = Firebase(world.clock)
    with stub_server(firebase.respond) as server:
        firebase.url = f"{server.url}/v1/jwks"
        turn(world, firebase, "enforce")
        yield firebase


def turn(world: World, firebase: Firebase, mode: str, **more: Any) -> None:
    world.configure(
        app_check=mode, app_check_project=PROJECT, app_check_jwks_url=firebase.url, **more
    )
    world.app.state._state.pop("app_check", None)


def by(token: str | None) -> dict[str, str]:
    return {} if token is None else {HEADER: token}


async def guest(world: World, token: str | None) -> httpx.Response:
    return await world.anonymous().post("/auth/guest", headers=by(token))


def counted(outcome: str) -> float:
    counter: Counter = APP_CHECKS.labels(outcome)
    return float(counter._value.get())


def raw(header: Any, claims: Any) -> str:
    """Of these parts, signed with Firebase's key."""
    message = f"{b64(header)}.{b64(claims)}"
    model = JWSRegistry.algorithms["RS256"]
    return f"{message}.{b64(model.sign(message.encode(), KEY))}"


def header(**changes: Any) -> dict[str, Any]:
    whole = {"alg": "RS256", "kid": "one", "typ": "JWT"} | changes
    return {name: value for name, value in whole.items() if value is not None}


FORGERIES: dict[str, Callable[[Firebase], str]] = {
    "another project": lambda f: f.token(iss=ISSUER[:-1] + "3", aud=["projects/123456789013"]),
    "issued for another project": lambda f: f.token(iss=ISSUER[:-1] + "3"),
    "issuer with a slash": lambda f: f.token(iss=f"{ISSUER}/"),
    "issuer over http": lambda f: f.token(iss=ISSUER.replace("https", "http")),
    "no issuer": lambda f: f.token(iss=None),
    "for another project": lambda f: f.token(aud=["projects/123456789013"]),
    "for the bare number": lambda f: f.token(aud=[PROJECT]),
    "for nobody": lambda f: f.token(aud=[]),
    "no audience": lambda f: f.token(aud=None),
    "an audience of a number": lambda f: f.token(aud=[int(PROJECT)]),
    "an audience in an object": lambda f: f.token(aud={f"projects/{PROJECT}": 1}),
    "expired": lambda f: f.token(exp=int(f.clock().timestamp()) - 31),
    "no end": lambda f: f.token(exp=None),
    "issued tomorrow": lambda f: f.token(iat=int(f.clock().timestamp()) + 86400),
    "no app": lambda f: f.token(sub=None),
    "an app that is a number": lambda f: f.token(sub=1),
    "unknown kid": lambda f: f.token(kid="two"),
    "Google's key of ID tokens": lambda f: f.token(GOOGLES_KEY, kid="google"),
    "another key under our kid": lambda f: f.token(GOOGLES_KEY),
    "no kid": lambda f: raw(header(kid=None), f.claims()),
    "no typ": lambda f: raw(header(typ=None), f.claims()),
    "another typ": lambda f: raw(header(typ="at+jwt"), f.claims()),
    "unsigned": lambda f: f"{b64(header(alg='none'))}.{b64(f.claims())}.",
    "no signature": lambda f: f.token().rpartition(".")[0] + ".",
    "no JSON": lambda f: raw(b"not json", b"not json"),
    "claims in a list": lambda f: raw(header(), json.dumps([f.claims()]).encode()),
    "nested deeply": lambda f: raw(json.dumps(header()).encode(), b"[" * 5_000),
    "an ID token": lambda f: jwt.encode(
        header(),
        {"iss": "https://accounts.google.com", "aud": "web", "sub": "1", "exp": 4102444800},
        KEY,
        algorithms=["RS256"],
    ),
    "words": lambda _: "let me in",
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused_and_a_good_one_is_not(
    world: World, firebase: Firebase, name: str
) -> None:
    wrong = counted("wrong")
    refused = expect(await guest(world, FORGERIES[name](firebase)), 403, "app_check_failed")
    assert "firebase" not in str(refused).lower()
    assert counted("wrong") == wrong + 1
    assert await count(world, "users") == 0
    expect(await guest(world, firebase.token()), 201)


async def test_each_way_of_an_app_to_sign_up_is_checked(
    world: World, firebase: Firebase, idp: Providers
) -> None:
    fresh = await nonce(world)
    social = {"id_token": idp.token("line", nonce=fresh), "nonce": fresh}
    calls = [("/auth/register", form()), ("/auth/guest", None), ("/auth/oauth/line", social)]
    for path, body in calls:
        how: dict[str, Any] = {} if body is None else {"json": body}
        refused = await world.anonymous().post(path, **how)
        expect(refused, 403, "app_check_failed")
    assert await count(world, "users") == 0
    for path, body in calls:
        how = {} if body is None else {"json": body}
        expect(await world.anonymous().post(path, headers=by(firebase.token()), **how), 201)


async def test_what_has_no_attestation_is_let_through(
    world: World, firebase: Firebase, idp: Providers
) -> None:
    browser = Browser(world, "line")
    expect(await browser.exchange(query_of(await browser.whole())["code"]), 201)
    signed_in = expect(await guest(world, firebase.token()), 201)
    caller: Api = world.anonymous().take(signed_in)
    upgraded = await caller.post("/auth/guest/upgrade", json=(body := form()))
    expect(upgraded, 200)
    login = {name: body[name] for name in ("email", "password")}
    expect(await world.anonymous().post("/auth/login", json=login), 200)


async def test_only_listed_apps_pass_where_they_are_listed(
    world: World, firebase: Firebase
) -> None:
    turn(world, firebase, "enforce", app_check_apps=("1:1:web:other", APP))
    expect(await guest(world, firebase.token()), 201)
    expect(await guest(world, firebase.token(sub="1:1:web:none")), 403, "app_check_failed")


async def test_watching_counts_and_lets_everything_pass(world: World, firebase: Firebase) -> None:
    turn(world, firebase, "watch")
    before = {name: counted(name) for name in ("ok", "missing", "wrong", "unavailable")}
    for token in (firebase.token(), None, "wrong"):
        expect(await guest(world, token), 201)
    firebase.is_down = True
    world.clock.advance(hours=25)
    expect(await guest(world, firebase.token()), 201)
    assert {name: counted(name) - one for name, one in before.items()} == dict.fromkeys(before, 1)
    turn(world, firebase, "off")
    expect(await guest(world, "wrong"), 201)
    assert counted("wrong") == before["wrong"] + 1


async def test_keys_out_of_reach_are_503_and_known_ones_go_on_for_a_day(
    world: World, firebase: Firebase
) -> None:
    firebase.is_down = True
    expect(await guest(world, firebase.token()), 503, "provider_unavailable")
    registering = world.anonymous().post(
        "/auth/register", json=form(), headers=by(firebase.token())
    )
    expect(await registering, 503, "provider_unavailable")
    # What can't be good needs no keys.
    expect(await guest(world, firebase.token(iss="https://example.com")), 403, "app_check_failed")
    expect(await guest(world, None), 403, "app_check_failed")
    firebase.is_down = False
    expect(await guest(world, firebase.token()), 201)
    firebase.is_down = True
    for _ in range(7):
        world.clock.advance(hours=3, minutes=25)
        expect(await guest(world, firebase.token()), 201)
        expect(await guest(world, FORGERIES["another key under our kid"](firebase)), 403)
    expect(await guest(world, firebase.token(NEXT_KEY, "two")), 503, "provider_unavailable")
    world.clock.advance(minutes=10)
    expect(await guest(world, firebase.token()), 503, "provider_unavailable")
    firebase.is_down = False
    expect(await guest(world, firebase.token()), 201)


async def test_keys_are_fetched_once_and_again_before_they_are_old(
    world: World, firebase: Firebase
) -> None:
    for _ in range(3):
        expect(await guest(world, firebase.token()), 201)
    assert firebase.asked == 1
    world.clock.advance(hours=2, minutes=59)
    expect(await guest(world, firebase.token()), 201)
    assert firebase.asked == 1
    world.clock.advance(minutes=2)
    expect(await guest(world, firebase.token()), 201)
    await until(lambda: firebase.asked == 2)
    expect(await guest(world, firebase.token()), 201)
    assert firebase.asked == 2


async def test_a_key_that_is_published_no_more_ends_with_its_time(
    world: World, firebase: Firebase
) -> None:
    expect(await guest(world, firebase.token()), 201)
    firebase.published = {"two": NEXT_KEY}
    world.clock.advance(hours=7)
    expect(await guest(world, firebase.token()), 403, "app_check_failed")


async def test_meta_says_it(world: World, firebase: Firebase) -> None:
    assert expect(await world.anonymous().get("/meta"), 200)["app_check"] == "enforce"
    turn(world, firebase, "off")
    assert expect(await world.anonymous().get("/meta"), 200)["app_check"] == "off"


def test_the_settings_need_the_projects_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKY_APP_CHECK", "watch")
    with pytest.raises(SettingsError, match="LINKY_APP_CHECK_PROJECT"):
        load_settings()
    monkeypatch.setenv("LINKY_APP_CHECK_PROJECT", "linky-app")
    with pytest.raises(SettingsError, match="LINKY_APP_CHECK_PROJECT"):
        load_settings()
    monkeypatch.setenv("LINKY_APP_CHECK_PROJECT", PROJECT)
    monkeypatch.setenv("LINKY_APP_CHECK_APPS", f"{APP}, 1:1:web:other")
    assert load_settings().app_check_apps == (APP, "1:1:web:other")
    assert Settings.model_fields["app_check"].default == "off"
    assert KEPT_FOR.days == 1
