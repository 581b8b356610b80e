"""Places in the server's log of changes."""

from typing import NamedTuple, Self

from linky_client.errors import MalformedAnswerError


class Cursor(NamedTuple):
    """`{epoch}.{position}`. Of one epoch the higher position is later; of two nothing is known."""

    epoch: str
    position: int

    @classmethod
    def parse(cls, text: str) -> Self:
        epoch, point, position = text.rpartition(".")
        if not point or not position.isdecimal():
            raise MalformedAnswerError("a cursor was expected")
        return cls(epoch, int(position))

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"
