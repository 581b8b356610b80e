"""The list of keys for access tokens, and the steps of a key rotation.

Servers read the keys when they start. If a key signs before every server knows it, users are logged
out. They are too if a key is removed before its tokens expire. docs/adr/0026-rotating-keys.md
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

SECRET_BYTES = 48
_MADE_AT = re.compile(r"\d{8}-\d{6}-\d{6}")


class NothingToDo(Exception):
    """The step changes nothing here. The message says why, and contains no secret."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys as `kid:secret`. The first signs, all verify."""

    pairs: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> "KeyRing":
        """Reads the value of `LINKY_JWT_KEYS`."""
        return cls(tuple(pair.strip() for pair in value.split(",") if pair.strip()))

    def __str__(self) -> str:
        return ",".join(self.pairs)

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.kids)})"

    @property
    def kids(self) -> tuple[str, ...]:
        return tuple(pair.partition(":")[0] for pair in self.pairs)

    def rotated(self, pair: str) -> "KeyRing":
        """Adds a key that signs at once. Safe only if there is one server."""
        return KeyRing((pair, *self.pairs))

    def prepared(self, pair: str) -> "KeyRing":
        """Adds a key that verifies, but does not sign yet."""
        return KeyRing((*self.pairs[:1], pair, *self.pairs[1:]))

    def activated(self) -> "KeyRing":
        """Lets the newest prepared key sign. Raises NothingToDo."""
        prepared = self._newer_than_the_first()
        if not prepared:
            raise NothingToDo("no key is prepared; `linky rotate-keys --prepare` makes one")
        newest = prepared[0]
        return KeyRing((newest, *(pair for pair in self.pairs if pair != newest)))

    def retired(self) -> "KeyRing":
        """Drops the keys that are older than the one that signs. Raises NothingToDo."""
        kept = KeyRing((self.pairs[0], *self._newer_than_the_first()))
        if kept.pairs == self.pairs:
            raise NothingToDo("there is no older key than the one that signs")
        return kept

    def _newer_than_the_first(self) -> list[str]:
        """The prepared keys, the newest first. They were made after the key that signs."""
        first = made_at(self.pairs[0])
        return sorted((p for p in self.pairs[1:] if made_at(p) > first), key=made_at, reverse=True)


def new_pair(now: datetime) -> str:
    """A new key. Its kid contains the time, so that we can tell which of two keys is newer."""
    return f"{now:%Y%m%d-%H%M%S-%f}:{secrets.token_urlsafe(SECRET_BYTES)}"


def made_at(pair: str) -> str:
    """The time in a key's kid, as a text that sorts. A kid without a time counts as the oldest."""
    kid = pair.partition(":")[0]
    return kid if _MADE_AT.fullmatch(kid) else ""
