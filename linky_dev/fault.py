"""What can go wrong, as a header or a form names it."""

import re
from dataclasses import dataclass

from linky_dev.enums import FaultEnd

LONGEST_SECONDS = 60.0
_SLOW = re.compile(r"slow=(\d{1,5}(?:\.\d{1,3})?)(ms|s)")


class InvalidFault(ValueError):
    """The text names no fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """First a pause, then an end that is not the usual one."""

    pause: float = 0.0
    end: FaultEnd | None = None

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """`slow=800ms`, `503`, or `slow=3s, lost-answer`. Raises InvalidFault."""
        fault = cls()
        for part in text.lower().split(","):
            fault = fault._with(part.strip())
        return fault

    def _with(self, part: str) -> "Fault":
        if (slow := _SLOW.fullmatch(part)) and not self.pause:
            seconds = float(slow[1]) / (1000 if slow[2] == "ms" else 1)
            if seconds <= LONGEST_SECONDS:
                return Fault(seconds, self.end)
        elif part in tuple(FaultEnd) and self.end is None:
            return Fault(self.pause, FaultEnd(part))
        raise InvalidFault(part)

    def __str__(self) -> str:
        parts = [f"slow={self.pause:g}s"] if self.pause else []
        return ", ".join([*parts, *([str(self.end)] if self.end else [])])
