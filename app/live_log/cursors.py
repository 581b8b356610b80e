"""Cursors: how far a client has read the log."""

import re
from typing import NamedTuple

_FORM = re.compile(r"([0-9a-f]{8})\.(0|[1-9][0-9]{0,18})", re.ASCII)
_LARGEST = 2**63 - 1


class Cursor(NamedTuple):
    """A position of an epoch. Of two epochs the positions can't be compared."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"


def cursor_of(text: str) -> Cursor | None:
    """The cursor that a client sent, or None if it is not one of ours."""
    match = _FORM.fullmatch(text)
    if match is None or int(match[2]) > _LARGEST:
        return None
    return Cursor(match[1], int(match[2]))
