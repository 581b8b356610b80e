"""The keys of access tokens in order, and the steps by which one takes another's place.

Servers read them at their start. A key that signs before every server knows it logs people out, and
so does one that is dropped while tokens of it are alive. docs/adr/0026-rotating-keys.md
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

SECRET_BYTES = 48
_MADE_AT = re.compile(r"\d{8}-\d{6}-\d{6}")


class NothingToDo(Exception):
    """A step that has nothing to act on; the message says why, without any secret."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """`kid:secret` each: the first signs, all verify."""

    pairs: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> "KeyRing":
        """From what `LINKY_JWT_KEYS` holds."""
        return cls(tuple(pair.strip() for pair in value.split(",") if pair.strip()))

    def __str__(self) -> str:
        return ",".join(self.pairs)

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.kids)})"

    @property
    def kids(self) -> tuple[str, ...]:
        return tuple(pair.partition(":")[0] for pair in self.pairs)

    def rotated(self, pair: str) -> "KeyRing":
        """The new key signs at once: for one server, or for several that all know it already."""
        return KeyRing((pair, *self.pairs))

    def prepared(self, pair: str) -> "KeyRing":
        """The new key verifies, and does not sign yet."""
        return KeyRing((*self.pairs[:1], pair, *self.pairs[1:]))

    def activated(self) -> "KeyRing":
        """The newest prepared key signs. Raises NothingToDo."""
        waiting = self._newer_than_the_first()
        if not waiting:
            raise NothingToDo("no key is prepared; `linky rotate-keys --prepare` makes one")
        return KeyRing((waiting[0], *(pair for pair in self.pairs if pair != waiting[0])))

    def retired(self) -> "KeyRing":
        """Without the keys that signed before the first one. Raises NothingToDo."""
        kept = KeyRing((self.pairs[0], *self._newer_than_the_first()))
        if kept.pairs == self.pairs:
            raise NothingToDo("there is no older key than the one that signs")
        return kept

    def _newer_than_the_first(self) -> list[str]:
        """Prepared keys, the newest first: they were made after the one that signs."""
        first = made_at(self.pairs[0])
        return sorted((p for p in self.pairs[1:] if made_at(p) > first), key=made_at, reverse=True)


def new_pair(now: datetime) -> str:
    """A new key. Its kid says when it was made, and so which of two is the newer."""
    return f"{now:%Y%m%d-%H%M%S-%f}:{secrets.token_urlsafe(SECRET_BYTES)}"


def made_at(pair: str) -> str:
    """When a key was made, as a text that sorts; a key with a name of its own came before all."""
    kid = pair.partition(":")[0]
    return kid if _MADE_AT.fullmatch(kid) else ""
