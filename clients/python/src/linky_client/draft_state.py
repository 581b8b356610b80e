"""What is stored of a draft."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from linky_client.errors import DraftUnreadableError, JsonObject, MalformedAnswerError, Problem
from linky_client.policy import IN_PROGRESS, NOT_DONE
from linky_client.reading import as_double, as_object, as_text, list_of, maybe, optional, required

DRAFT = "draft/"
KEY_SECONDS = 23 * 3600
"""The server remembers a key for 24 hours. An hour is for clocks that are off."""
REFUSALS = frozenset({400, 404, 409, 413, 415, 422})
"""An answer with one of these says that nothing was made, and that the same would be refused."""
TURNED_AWAY = frozenset({401, 403, 429})
"""An answer with one of these says that this attempt made nothing. An earlier one may have."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a draft. `image_id` is there once it was uploaded."""

    id: str
    path: str
    key: str
    image_id: str | None = None

    @classmethod
    def parse(cls, value: object) -> "Picture":
        """Read what was stored."""
        json_ = as_object(value)
        id_, path, key = (required(json_, name, as_text) for name in ("id", "path", "key"))
        return cls(id_, path, key, required(json_, "image_id", maybe(as_text)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a draft held when the user sent it. What is edited later is not sent by itself."""

    body: JsonObject
    pictures: tuple[Picture, ...] = ()

    @classmethod
    def parse(cls, value: object) -> "Wanted":
        """Read what was stored."""
        json_ = as_object(value)
        pictures = required(json_, "pictures", list_of(Picture.parse))
        return cls(required(json_, "body", as_object), pictures)

    def whole_body(self, image_ids: list[str | None]) -> JsonObject:
        """The body as it travels."""
        return {**self.body, "image_ids": image_ids} if self.pictures else self.body


@dataclass(frozen=True, slots=True)
class DraftState:
    """All that is stored of a draft: whose it is, what is written, and what was sent.

    `attempts` are the bodies that may have arrived. `wanted` is there until it was made or refused.
    """

    id: str
    user_id: str
    kind: str
    target: str
    key: str
    body: JsonObject
    pictures: tuple[Picture, ...] = ()
    attempts: tuple[JsonObject, ...] = ()
    first_attempt: float | None = None
    wanted: Wanted | None = None

    @classmethod
    def parse(cls, id_: str, text: str) -> "DraftState":
        """Read what was stored. Raises DraftUnreadableError."""
        try:
            return cls._parse(as_object(json.loads(text)))
        except (ValueError, MalformedAnswerError) as error:
            raise DraftUnreadableError(id_) from error

    @classmethod
    def _parse(cls, stored: JsonObject) -> "DraftState":
        return cls(
            id=required(stored, "id", as_text),
            user_id=required(stored, "user_id", as_text),
            kind=required(stored, "kind", as_text),
            target=required(stored, "target", as_text),
            key=required(stored, "key", as_text),
            body=required(stored, "body", as_object),
            pictures=required(stored, "pictures", list_of(Picture.parse)),
            attempts=required(stored, "attempts", list_of(as_object)),
            first_attempt=optional(stored, "first_attempt", as_double),
            wanted=optional(stored, "wanted", Wanted.parse),
        )

    def text(self) -> str:
        """What to store."""
        return json.dumps(asdict(self))

    def every_picture(self) -> dict[str, Picture]:
        """The pictures by their ids, also those that were taken out after the draft was sent."""
        wanted = self.wanted.pictures if self.wanted else ()
        return {one.id: one for one in (*wanted, *self.pictures)}

    def with_pictures(self, change: Callable[[Picture], Picture]) -> "DraftState":
        """Change each picture, in what is written and in what is wanted."""
        new = {id_: change(one) for id_, one in self.every_picture().items()}
        changed = replace(self, pictures=tuple(new[one.id] for one in self.pictures))
        if self.wanted is None:
            return changed
        wanted = tuple(new[one.id] for one in self.wanted.pictures)
        return replace(changed, wanted=replace(self.wanted, pictures=wanted))

    def wanted_without(self, picture_id: str) -> "DraftState":
        """Take a picture out of what is wanted."""
        if self.wanted is None:
            return self
        others = tuple(one for one in self.wanted.pictures if one.id != picture_id)
        return replace(self, wanted=replace(self.wanted, pictures=others))

    def with_attempt(self, body: JsonObject, now: float) -> "DraftState":
        """Remember a body before it is sent."""
        first = self.first_attempt or now
        return replace(self, attempts=(*self.attempts, body), first_attempt=first)

    def without_attempt(self, body: JsonObject) -> "DraftState":
        """Forget a body of which the server said that it was not made."""
        attempts = tuple(one for one in self.attempts if one != body)
        return replace(
            self, attempts=attempts, first_attempt=self.first_attempt if attempts else None
        )

    def was_edited(self, sent: Wanted) -> bool:
        """Whether it holds something else than what was sent."""
        ids = [one.id for one in self.pictures]
        return self.body != sent.body or ids != [one.id for one in sent.pictures]


def is_refusal(problem: Problem) -> bool:
    """Whether it was not made, and sending the same again makes no sense."""
    return problem.status in REFUSALS and problem.code != IN_PROGRESS


def was_turned_away(problem: Problem) -> bool:
    """Whether this attempt made nothing. Another 503 may come from a commit that broke off."""
    return problem.status in TURNED_AWAY or problem.code == NOT_DONE
