"""The made-up people who sign in at the fake providers. Those of a developer are kept."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.core.files import replace_file
from app.core.json import to_json
from app.integrations.identity.enums import SocialProvider

MOST_MADE_UP = 50
"""Made-up people that are kept. The oldest one goes first."""

_KEY = re.compile(r"[a-z0-9-]{1,32}")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who has an account at all three providers.

    `key` decides the id at each provider, so the same person is the same user again. Without a name
    or an address the provider sends none, as if the person had refused.
    """

    key: str
    name: str | None
    email: str | None
    picture: str | None
    """The name of a picture of the demo community."""

    def subject_at(self, provider: SocialProvider) -> str:
        """In the provider's own form."""
        digest = sha256(f"{provider}:{self.key}".encode()).hexdigest()
        match provider:
            case SocialProvider.LINE:
                return f"U{digest[:32]}"
            case SocialProvider.GOOGLE:
                return f"1{int(digest[:20], 16) % 10**20:020d}"
            case SocialProvider.APPLE:
                return f"000{int(digest[:4], 16) % 1000:03d}.{digest[:32]}.{digest[32:36]}"


KNOWN = (
    Person("sakura", "佐藤 さくら", "sakura@example.net", "sky"),
    Person("minato", "鈴木 みなと", "minato@example.net", "penguin"),
    Person("hinata", "高橋 ひなた", "hinata@example.net", "onigiri"),
    Person("alex", "Alex Morgan", "alex@example.net", "camera"),
    Person("silent", None, None, None),
)
"""The last person has neither name nor address: the account then needs a nickname."""

_PEOPLE = TypeAdapter(list[Person])


class People:
    """The known people, and the made-up ones in a file of the data folder."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __iter__(self) -> Iterator[Person]:
        """The latest made-up one first, then the known ones."""
        yield from reversed(self._made_up())
        yield from KNOWN

    def find(self, key: str) -> Person | None:
        return next((person for person in self if person.key == key), None)

    def make_up(self, name: str | None, email: str | None) -> Person:
        """Add a person with a new id at each provider."""
        person = Person(f"p-{secrets.token_hex(6)}", name, email, None)
        kept = [*self._made_up(), person][-MOST_MADE_UP:]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, to_json(kept))
        return person

    def _made_up(self) -> list[Person]:
        """None from a file that is broken or not there: it holds nothing that matters."""
        try:
            people = _PEOPLE.validate_json(self._file.read_bytes())
        except (OSError, ValidationError):
            return []
        return [person for person in people if _KEY.fullmatch(person.key)]
