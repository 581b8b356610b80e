"""What is stored of a draft."""

import json
from dataclasses import asdict, dataclass

from linky_client.errors import JsonObject

DRAFT = "draft/"
KEY_SECONDS = 23 * 3600
"""The server remembers a key for 24 hours. An hour is for clocks that are off."""
REFUSALS = frozenset({400, 404, 409, 413, 415, 422})
"""An answer with one of these says that nothing was made."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a draft. `image_id` is there once it was uploaded."""

    id: str
    path: str
    key: str
    image_id: str | None = None


@dataclass(frozen=True, slots=True)
class DraftState:
    """All that is stored of a draft. `attempts` are the bodies that may have arrived."""

    id: str
    kind: str
    target: str
    key: str
    body: JsonObject
    pictures: tuple[Picture, ...] = ()
    attempts: tuple[JsonObject, ...] = ()
    first_attempt: float | None = None

    @classmethod
    def parse(cls, text: str) -> "DraftState":
        """Read what was stored."""
        stored = json.loads(text)
        pictures = tuple(Picture(**picture) for picture in stored.pop("pictures"))
        return cls(pictures=pictures, attempts=tuple(stored.pop("attempts")), **stored)

    def text(self) -> str:
        """What to store."""
        return json.dumps(asdict(self))
