"""Rotating the key of access tokens logs no user out, with one server or with several."""

import errno
import itertools
import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.cli import key_places
from app.cli.common import CommandError
from app.cli.key_places import EnvFile
from app.cli.keys import NAME, KeyStep, find_place, rotate_keys, take_step
from app.core.errors import TokenInvalid
from app.core.settings.config import Settings
from app.core.tokens import ACCESS_LIFETIME, AccessClaims, TokenCodec
from app.operations.key_ring import KeyRing, new_pair
from tests.support.api import expect
from tests.support.command_line import Linky
from tests.support.fakes import FakeClock
from tests.support.world import World

pytestmark = pytest.mark.anyio

FIRST = "first:" + "geheim" * 8


def keys_in(path: Path) -> str:
    (line,) = (line for line in path.read_text().splitlines() if line.startswith(NAME))
    return line.removeprefix(f"{NAME}=")


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text(f"# kept\nLINKY_PORT=8000\n{NAME}={FIRST}\nLINKY_TERMS_VERSION=a b\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def place(env_file: Path) -> EnvFile:
    return EnvFile(env_file, NAME)


def test_rotating_adds_a_new_signing_key_and_keeps_the_old(linky: Linky, env_file: Path) -> None:
    result = linky("rotate-keys")
    assert result.returncode == 0, result.stderr
    new, old = keys_in(env_file).split(",")
    assert old == FIRST
    assert len(new.partition(":")[2].encode()) >= 32
    assert "--retire" in result.stdout
    assert "systemctl restart" in result.stdout
    for secret in ("geheim", new.partition(":")[2]):
        assert secret not in result.stdout + result.stderr


def test_rotating_keeps_the_rest_of_the_file_its_mode_and_its_owner(
    place: EnvFile, env_file: Path, clock: FakeClock
) -> None:
    if os.geteuid() == 0:
        os.chown(env_file, 1234, 1234)
    before = env_file.stat()
    take_step(KeyStep.ROTATE, place, clock())
    after = env_file.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    lines = env_file.read_text().splitlines()
    assert [line for line in lines if not line.startswith(NAME)] == [
        "# kept",
        "LINKY_PORT=8000",
        "LINKY_TERMS_VERSION=a b",
    ]
    assert Settings(_env_file=env_file).signing_keys.keys() == set(place.read().kids)  # type: ignore[call-arg]


def test_rotating_in_development_keeps_the_generated_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".linky").mkdir()
    (tmp_path / ".linky" / "jwt-secret").write_text("x" * 40)
    take_step(KeyStep.ROTATE, find_place(None), clock())
    _, old = keys_in(tmp_path / ".env").split(",")
    assert old == "dev:" + "x" * 40
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_keys_set_in_the_environment_are_refused(
    env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(env_file.parent)
    monkeypatch.setenv(NAME, FIRST)
    with pytest.raises(CommandError, match=f"{NAME}.*--env-file"):
        rotate_keys()
    assert keys_in(env_file) == FIRST
    rotate_keys(env_file=env_file)
    assert len(keys_in(env_file).split(",")) == 2


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="doesn't exist"):
        rotate_keys(env_file=tmp_path / "no.env")


@pytest.mark.parametrize("part", ["dotenv_values", "set_key"])
def test_a_file_of_another_user_is_refused_by_name(
    place: EnvFile, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def denied(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(key_places, part, denied)
    with pytest.raises(CommandError, match=rf"{place} .*\(Permission denied\).*the file's owner"):
        take_step(KeyStep.ROTATE, place, clock())


def test_two_steps_at_once_are_refused(env_file: Path) -> None:
    with pytest.raises(CommandError, match="one step"):
        rotate_keys(prepare=True, activate=True, env_file=env_file)
    assert keys_in(env_file) == FIRST


@pytest.mark.parametrize("step", [KeyStep.ACTIVATE, KeyStep.RETIRE])
def test_a_step_without_its_key_is_refused(place: EnvFile, env_file: Path, step: KeyStep) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(CommandError):
        take_step(step, place, later)
    assert keys_in(env_file) == FIRST


def test_an_older_key_cannot_be_activated(place: EnvFile, clock: FakeClock) -> None:
    take_step(KeyStep.ROTATE, place, clock())
    with pytest.raises(CommandError, match="prepared"):
        take_step(KeyStep.ACTIVATE, place, clock())


def test_retiring_waits_until_all_old_tokens_have_expired(place: EnvFile, clock: FakeClock) -> None:
    take_step(KeyStep.ROTATE, place, clock())
    clock.advance(minutes=29)
    with pytest.raises(CommandError, match="30 minutes"):
        take_step(KeyStep.RETIRE, place, clock())
    assert len(place.read().pairs) == 2
    clock.advance(minutes=2)
    take_step(KeyStep.RETIRE, place, clock())
    assert len(place.read().pairs) == 1


def test_retiring_keeps_a_prepared_key(place: EnvFile, clock: FakeClock) -> None:
    take_step(KeyStep.ROTATE, place, clock())
    signing = place.read().kids[0]
    clock.advance(hours=1)
    take_step(KeyStep.PREPARE, place, clock())
    prepared = place.read().kids[1]
    clock.advance(hours=1)
    take_step(KeyStep.RETIRE, place, clock())
    assert place.read().kids == (signing, prepared)


def test_a_leaked_key_is_replaced_at_once(place: EnvFile, clock: FakeClock) -> None:
    take_step(KeyStep.ROTATE, place, clock())
    old = place.read().pairs
    take_step(KeyStep.LEAKED, place, clock())
    (only,) = place.read().pairs
    assert only not in old


# Tokens


def codec(ring: KeyRing, clock: FakeClock) -> TokenCodec:
    """The token codec of a server with these keys."""
    keys = (pair.partition(":")[::2] for pair in ring.pairs)
    return TokenCodec({kid: secret.encode() for kid, secret in keys}, clock)


UNKNOWN_ID = UUID(int=1)
CLAIMS = AccessClaims(UNKNOWN_ID, UNKNOWN_ID, "user", is_guest=False)


class Fleet:
    """Servers that restart one after the other, and all tokens that they issued."""

    def __init__(self, place: EnvFile, clock: FakeClock, size: int) -> None:
        self.place, self.clock = place, clock
        self.servers = [codec(place.read(), clock) for _ in range(size)]
        self.tokens: list[tuple[datetime, str]] = []
        self.refused: list[str] = []

    def work(self) -> None:
        """Each server issues a token and verifies all tokens that have not expired."""
        self.tokens += [(self.clock(), server.encode(CLAIMS)) for server in self.servers]
        alive = [token for made, token in self.tokens if self.clock() < made + ACCESS_LIFETIME]
        for server, token in itertools.product(self.servers, alive):
            try:
                server.decode(token)
            except TokenInvalid:
                self.refused.append(token)

    def step(self, step: KeyStep) -> None:
        """Take a step, then restart one server after the other, with work after each restart."""
        take_step(step, self.place, self.clock())
        for number in range(len(self.servers)):
            self.clock.advance(minutes=1)
            self.servers[number] = codec(self.place.read(), self.clock)
            self.work()


@pytest.mark.parametrize(
    ("size", "steps"),
    [(1, [KeyStep.ROTATE]), (3, [KeyStep.PREPARE, KeyStep.ACTIVATE])],
    ids=["one server", "several servers"],
)
def test_a_rotation_refuses_no_unexpired_token(
    place: EnvFile, clock: FakeClock, size: int, steps: list[KeyStep]
) -> None:
    fleet = Fleet(place, clock, size)
    fleet.work()
    first_token = fleet.tokens[0][1]
    for _ in range(2):
        for step in steps:
            fleet.step(step)
        clock.advance(minutes=31)
        fleet.work()
        fleet.step(KeyStep.RETIRE)
    assert fleet.refused == []
    assert len(place.read().pairs) == 1
    with pytest.raises(TokenInvalid):
        fleet.servers[0].decode(first_token)


def test_a_rotation_in_one_step_fails_with_several_servers(
    place: EnvFile, clock: FakeClock
) -> None:
    """Several servers need two steps: a restarted server signs with a key that others lack."""
    fleet = Fleet(place, clock, 2)
    fleet.step(KeyStep.ROTATE)
    assert fleet.refused


async def test_access_tokens_survive_a_rotation_and_refresh_tokens_a_leak(
    world: World, place: EnvFile, clock: FakeClock
) -> None:
    world.runtime.tokens = codec(place.read(), clock)
    member = await world.member()
    take_step(KeyStep.ROTATE, place, clock())
    world.runtime.tokens = codec(place.read(), clock)
    expect(await member.get("/users/me"), 200)
    take_step(KeyStep.LEAKED, place, clock())
    world.runtime.tokens = codec(place.read(), clock)
    expect(await member.get("/users/me"), 401, "token_invalid")
    pair = expect(
        await member.post("/auth/refresh", json={"refresh_token": member.refresh_token}), 200
    )
    member.take(pair)
    expect(await member.get("/users/me"), 200)


def test_a_new_key_is_long_random_and_named_by_its_time(clock: FakeClock) -> None:
    first, second = new_pair(clock()), new_pair(clock())
    assert first.partition(":")[2] != second.partition(":")[2]
    assert re.fullmatch(r"\d{8}-\d{6}-\d{6}:[\w-]{64}", first)
