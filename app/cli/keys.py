"""`linky rotate-keys`: replaces the key for access tokens without logging users out."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from dotenv import dotenv_values

from app.cli.common import CommandError
from app.cli.key_places import EnvFile, KeyPlace, StoreParameter
from app.core.clock import utc_now
from app.core.settings.config import load_settings
from app.core.tokens import ACCESS_LIFETIME
from app.operations.key_ring import KeyRing, NothingToDo, new_pair

NAME = "LINKY_JWT_KEYS"
PREFIX = "LINKY_PARAMETER_STORE_PREFIX"
RESTART = "restart every server (systemctl restart linky-api linky-worker)"
"""The worker too: it decrypts Apple's tokens, which servers encrypt with the new key."""


class KeyStep(StrEnum):
    ROTATE = "rotate"
    PREPARE = "prepare"
    ACTIVATE = "activate"
    RETIRE = "retire"
    LEAKED = "leaked"


def rotate_keys(
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Several servers, step 1: add a key that only verifies."),
    ] = False,
    activate: Annotated[
        bool,
        typer.Option("--activate", help="Several servers, step 2: sign with the prepared key."),
    ] = False,
    retire: Annotated[
        bool,
        typer.Option("--retire", help="The last step, half an hour later: remove the older keys."),
    ] = False,
    leaked: Annotated[
        bool, typer.Option("--leaked", help="Replace all keys at once with a new one.")
    ] = False,
    env_file: Annotated[
        Path | None, typer.Option(help="The file that sets LINKY_JWT_KEYS, if it is not .env.")
    ] = None,
) -> None:
    """Replace the signing key without logging users out.

    Without options a new key signs, and the present keys still verify. That is for one server; for
    several take --prepare and --activate.
    """
    step = _only_step(prepare=prepare, activate=activate, retire=retire, leaked=leaked)
    typer.echo(take_step(step, find_place(env_file), utc_now()))


def take_step(step: KeyStep, place: KeyPlace, now: datetime) -> str:
    """Change the keys where they are stored. Returns what to do next. Raises Refusal."""
    ring = place.read()
    if not ring.pairs:
        raise CommandError(f"{place} holds no keys.")
    if step == KeyStep.RETIRE:
        _ensure_old_tokens_expired(place, now)
    try:
        changed = _CHANGES[step](ring, now)
    except NothingToDo as reason:
        raise CommandError(f"{reason}.") from None
    place.write(changed)
    return (
        f"{place} holds {', '.join(changed.kids)} now.\n{_NEXT[step].format(kid=changed.kids[0])}"
    )


def find_place(env_file: Path | None) -> KeyPlace:
    """The place of the keys that a server with this environment would use. Raises Refusal."""
    if env_file is not None:
        if not env_file.exists():
            raise CommandError(f"{env_file} doesn't exist.")
        return EnvFile(env_file, NAME)
    if os.environ.get(NAME):
        raise CommandError(
            f"{NAME} is set in the environment, which overrides all else; name the file that "
            "sets it by --env-file, or change it where it is set."
        )
    file = Path(".env")
    written = dotenv_values(file, interpolate=False) if file.exists() else {}
    prefix = os.environ.get(PREFIX) or written.get(PREFIX)
    if prefix and not written.get(NAME):
        return StoreParameter(prefix)
    return EnvFile(file, NAME, read_default=_development_keys)


def _development_keys() -> KeyRing:
    keys = load_settings().signing_keys
    return KeyRing(tuple(f"{kid}:{secret.decode()}" for kid, secret in keys.items()))


def _only_step(**given: bool) -> KeyStep:
    steps = [KeyStep(name) for name, is_given in given.items() if is_given]
    if len(steps) > 1:
        raise CommandError("one step at a time.")
    return steps[0] if steps else KeyStep.ROTATE


def _ensure_old_tokens_expired(place: KeyPlace, now: datetime) -> None:
    """Raises Refusal if tokens of the older keys may still be valid."""
    left = place.changed_at() + ACCESS_LIFETIME - now
    if left > timedelta(0):
        minutes = -(-left // timedelta(minutes=1))
        raise CommandError(
            f"the keys were changed less than {ACCESS_LIFETIME // timedelta(minutes=1)} minutes "
            f"ago, so tokens of the older ones may be valid; try again in {minutes} min, or take "
            "--leaked if they must not be."
        )


_CHANGES: dict[KeyStep, Callable[[KeyRing, datetime], KeyRing]] = {
    KeyStep.ROTATE: lambda ring, now: ring.rotated(new_pair(now)),
    KeyStep.PREPARE: lambda ring, now: ring.prepared(new_pair(now)),
    KeyStep.ACTIVATE: lambda ring, _: ring.activated(),
    KeyStep.RETIRE: lambda ring, _: ring.retired(),
    KeyStep.LEAKED: lambda _, now: KeyRing((new_pair(now),)),
}

_NEXT = {
    KeyStep.ROTATE: f"Now {RESTART}: {{kid}} signs from then on. With more than one server take "
    "--prepare and --activate instead.\nHalf an hour after the restart: linky rotate-keys --retire",
    KeyStep.PREPARE: f"Now {RESTART}; {{kid}} keeps signing.\n"
    "When all have the new one: linky rotate-keys --activate",
    KeyStep.ACTIVATE: f"Now {RESTART}: {{kid}} signs from then on.\n"
    "Half an hour after the last restart: linky rotate-keys --retire",
    KeyStep.RETIRE: f"Now {RESTART}; {{kid}} keeps signing.",
    KeyStep.LEAKED: f"Now {RESTART}, all at once: older access tokens then stop working. "
    "Refresh tokens don't. Apple's tokens, sealed under the old keys, are lost: users who delete "
    "their account now have to remove the app in their Apple account.",
}
