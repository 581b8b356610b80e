"""A hash of another system: it lets its user in once, and is then replaced by ours."""

import base64
import hashlib
import time
from collections.abc import Callable

import bcrypt
import pytest
from passlib.context import CryptContext

from app.core.passwords.foreign import (
    NO_PASSWORD,
    FirebaseScrypt,
    is_checkable,
    is_right,
    password_form,
    spend,
    work_of,
)
from app.core.passwords.hashing import PasswordHasher
from tests.support.api import expect
from tests.support.sql import sql
from tests.support.world import PASSWORD, World

# The published sample of Firebase's scrypt (https://github.com/firebase/scrypt).
SAMPLE_PASSWORD = "user1password"
SAMPLE = FirebaseScrypt(
    hash=base64.b64decode(
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
    ),
    salt=base64.b64decode("42xEC+ixf3L2lw=="),
    signer_key=base64.b64decode(
        "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
    ),
    salt_separator=base64.b64decode("Bw=="),
    rounds=8,
    mem_cost=14,
).stored()


def by_bcrypt(password: str, prefix: bytes = b"2b", cost: int = 4) -> str:
    # The library refuses what others cut.
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()
    return made.replace("$2b$", f"${prefix.decode()}$")


LONG = "な" * 40
FOREIGN = {
    "bcrypt": (PASSWORD, by_bcrypt(PASSWORD)),
    "bcrypt of PHP": (PASSWORD, by_bcrypt(PASSWORD, b"2y")),
    "bcrypt, cut": (LONG, by_bcrypt(LONG)),
    "bcrypt of what was not composed": ("パ" * 8, by_bcrypt("パ" * 8)),
    "Firebase": (SAMPLE_PASSWORD, SAMPLE),
    "our own of another cost": (
        PASSWORD,
        str(CryptContext(["bcrypt_sha256"], bcrypt_sha256__rounds=5).hash(PASSWORD)),
    ),
}


OWN_REST = "a" * 21 + "u$" + "a" * 31
BROKEN = {
    "bcrypt of a cost that takes days": by_bcrypt(PASSWORD).replace("$04$", "$31$"),
    "bcrypt of a cost above the bound": by_bcrypt(PASSWORD).replace("$04$", "$15$"),
    "bcrypt of a cost below the library's": by_bcrypt(PASSWORD).replace("$04$", "$03$"),
    "bcrypt with a salt that the library refuses": "$2b$04$" + "z" * 53,
    "bcrypt, cut off": by_bcrypt(PASSWORD)[:-1],
    "Firebase without parts": "$firebase-scrypt$broken",
    "Firebase without numbers": SAMPLE.replace("$8$14$", "$x$y$"),
    "Firebase with 16 GiB": SAMPLE.replace("$8$14$", "$8$24$"),
    "Firebase with many rounds": SAMPLE.replace("$8$14$", "$9$14$"),
    "Firebase with no rounds": SAMPLE.replace("$8$14$", "$0$14$"),
    "Firebase with no memory": SAMPLE.replace("$8$14$", "$8$0$"),
    "Firebase without base64": SAMPLE.replace("Bw==", "*"),
    "Firebase with nothing to compare": "$firebase-scrypt$8$14$$AAAA$$AAAA",
    "Firebase with a key of another length": "$firebase-scrypt$8$14$AAAA$AAAA$AA==$AAAA",
    "Firebase with a long salt": SAMPLE.replace("Bw==", "A" * 344),
    "our own of a cost above the bound": "$bcrypt-sha256$v=2,t=2b,r=15$" + OWN_REST,
    "our own of a cost with a zero": "$bcrypt-sha256$v=2,t=2b,r=04$" + OWN_REST,
    "our own, cut off": "$bcrypt-sha256$v=2,t=2b,r=4$" + OWN_REST[:-1],
    "our own of another version": "$bcrypt-sha256$v=1,t=2b,r=4$" + OWN_REST,
    "none that we know": "x",
    "nothing": "",
}
"""What no import lets in, as a row of another origin may have it."""


async def stored(world: World, **hash: str) -> str:
    if hash:
        await sql(world, "UPDATE users SET password_hash = :hash", **hash)
    (row,) = await sql(world, "SELECT password_hash FROM users")
    return str(row["password_hash"])


@pytest.mark.parametrize("kind", FOREIGN)
async def test_a_foreign_hash_is_replaced_at_the_first_sign_in(world: World, kind: str) -> None:
    member, (password, foreign) = await world.member(), FOREIGN[kind]
    await stored(world, hash=foreign)
    anonymous = world.anonymous()
    wrong = {"email": member.email, "password": password + "x" * 40}
    if kind != "bcrypt, cut":
        expect(await anonymous.post("/auth/login", json=wrong), 401, "invalid_credentials")
    assert await stored(world) == foreign
    right = {"email": member.email, "password": password}
    expect(await anonymous.post("/auth/login", json=right), 200)
    own = await stored(world)
    assert not world.runtime.passwords.is_foreign(own)
    expect(await anonymous.post("/auth/login", json=right), 200)
    assert await stored(world) == own
    expect(await anonymous.post("/auth/login", json=wrong), 401, "invalid_credentials")


async def test_an_account_without_a_password_gets_one_by_a_mailed_link(world: World) -> None:
    member = await world.member()
    await stored(world, hash=NO_PASSWORD)
    anonymous = world.anonymous()
    for password in (PASSWORD, "", NO_PASSWORD):
        sent = {"email": member.email, "password": password}
        expect(await anonymous.post("/auth/login", json=sent), 401, "invalid_credentials")
    expect(await anonymous.post("/auth/password/forgot", json={"email": member.email}), 202)


@pytest.mark.parametrize("kind", BROKEN)
async def test_what_can_not_be_checked_lets_nobody_in_and_costs_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    member = await world.member()
    await stored(world, hash=BROKEN[kind])
    assert not is_checkable(BROKEN[kind])
    assert password_form(BROKEN[kind]) is None

    def never(*_: object, **__: object) -> bool:
        raise AssertionError("it would take hours")

    monkeypatch.setattr(bcrypt, "checkpw", never)
    monkeypatch.setattr(hashlib, "scrypt", never)
    sent = {"email": member.email, "password": PASSWORD}
    expect(await world.anonymous().post("/auth/login", json=sent), 401, "invalid_credentials")
    assert await stored(world) == BROKEN[kind]


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_can_be_checked_is_told_from_it(kind: str) -> None:
    assert is_checkable(FOREIGN[kind][1])


@pytest.mark.parametrize("prefix", ["$2b$04$", "$bcrypt-sha256$v=2,t=2b,r=4$"])
async def test_a_hash_of_any_characters_is_no_error(prefix: str) -> None:
    """The library refuses salts that stand in no list of ours."""
    signs = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    hasher = PasswordHasher(cost=4)
    for last in signs:
        salt, middle = "a" * 21 + last, "$" if "sha256" in prefix else ""
        assert not await hasher.verify("x", f"{prefix}{salt}{middle}{last * 31}", "caller")


async def test_a_password_longer_than_any_is_wrong_for_a_foreign_hash_too(world: World) -> None:
    member = await world.member()
    await stored(world, hash=by_bcrypt("x" * 200))
    sent = {"email": member.email, "password": "x" * 200}
    expect(await world.anonymous().post("/auth/login", json=sent), 401, "invalid_credentials")


@pytest.mark.parametrize("kind", [*FOREIGN, "none"])
async def test_a_wrong_password_costs_as_much_for_a_foreign_hash(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Else the time would show who was imported: an unknown address costs a check of ours."""
    stored, work = FOREIGN[kind][1] if kind in FOREIGN else NO_PASSWORD, []
    plain = bcrypt.hashpw

    def counting(password: bytes, salt: bytes) -> bytes:
        work.append(1 << int(salt.split(b"$")[2]))
        return plain(password, bcrypt.gensalt(4) if password == b"" else salt)

    hasher = PasswordHasher(cost=12)
    monkeypatch.setattr(bcrypt, "hashpw", counting)
    assert not await hasher.verify("not-the-password", stored, "caller")
    # checkpw and scrypt do the rest, which `work_of` knows.
    of_check = work_of(stored) << 4
    assert sum(work) in (1 << 12, (1 << 12) - of_check)
    assert of_check < 1 << 12


NOT_COMPOSED = "ヒ\u309a" * 8
"""`ピ` in two code points: a foreign hash is checked for it as it was sent, and composed."""


@pytest.mark.parametrize("kind", [*FOREIGN, "none", "bcrypt of our cost", "ours", "unknown"])
async def test_a_password_that_is_not_composed_costs_two_checks_for_any_account(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    hasher, work = PasswordHasher(cost=6), list[int]()
    hashes = {
        **{name: stored for name, (_, stored) in FOREIGN.items()},
        "none": NO_PASSWORD,
        "bcrypt of our cost": by_bcrypt("x", cost=6),
        "ours": await hasher.hash("x", "caller"),
        "unknown": None,
    }
    await hasher.warm_up()
    plain, check = bcrypt.hashpw, bcrypt.checkpw

    def hashing(password: bytes, salt: bytes) -> bytes:
        work.append(1 << int(salt.split(b"$")[2]))
        return plain(password, salt)

    def checking(password: bytes, stored: bytes) -> bool:
        work.append(1 << int(stored.split(b"$")[2]))
        return check(password, stored)

    def firebase(_: FirebaseScrypt, __: bytes) -> bool:
        work.append(work_of(SAMPLE) << 4)
        return False

    monkeypatch.setattr(bcrypt, "hashpw", hashing)
    monkeypatch.setattr(bcrypt, "checkpw", checking)
    monkeypatch.setattr(FirebaseScrypt, "is_of", firebase)
    assert not await hasher.verify(NOT_COMPOSED, hashes[kind], "caller")
    # Firebase's sample costs more than two checks of this hasher, as a hash above our cost does.
    assert sum(work) == (2 * work_of(SAMPLE) << 4 if kind == "Firebase" else 2 << 6)


def test_the_work_of_a_foreign_check_is_known() -> None:
    """Measured side by side, with room for a machine that others use."""
    moments = [_seconds(lambda: spend(16)) / 16 for _ in range(3)]
    firebase = [_seconds(lambda: is_right(b"wrong", SAMPLE)) for _ in range(3)]
    assert 0.3 < min(firebase) / min(moments) / work_of(SAMPLE) < 3


def _seconds(act: Callable[[], object]) -> float:
    begun = time.thread_time()
    act()
    return time.thread_time() - begun
