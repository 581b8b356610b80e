"""Acts on several things at once, in one transaction.

Each thing is looked at under its lock. One that has changed, or that another admin has decided, is
left out, and the others go on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from app.admin.exceptions import NoneDone, NothingChosen
from app.admin.models import LEFT_OUT
from app.admin.policy import Version
from app.core.errors import AppError, Forbidden
from app.core.text import cut
from app.runtime.context import Context

MOST_AT_ONCE = 20
"""Things that one form acts on: as many as a page shows at most."""

LONGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class SeenThing:
    """A thing that an admin has chosen, with its version on their page."""

    id: UUID
    seen: Version


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A thing that could not be acted on. Its name is empty if it is gone."""

    name: str
    why: AppError


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """How many things an act on many has changed, and what it left out."""

    done: int
    left_out: Sequence[LeftOut] = ()

    there: Collection[UUID] = ()
    """Of posts and comments those that are now as they should be, changed or not."""

    withheld: bool = False
    """Whether something that was shown stays hidden with all that its author wrote."""

    def keep(self, ctx: Context) -> int:
        """Keep what was left out for the page that says so. Returns how many were done.

        Raises NoneDone if all were left out, or why if the caller may act on none of them.
        """
        if self.left_out and not self.done:
            if all(isinstance(each.why, Forbidden) for each in self.left_out):
                raise self.left_out[0].why
            raise NoneDone
        if self.left_out and ctx.revocable is not None:
            words = [_in_words(each) for each in self.left_out]
            ctx.revocable.kept[LEFT_OUT] = orjson.dumps(words).decode()
        return self.done


def _in_words(left_out: LeftOut) -> dict[str, str]:
    why = left_out.why
    name = cut(left_out.name, LONGEST_NAME)
    return {"name": name, "ja": why.detail_in("ja"), "en": why.detail_in("en")}


def ensure_some(items: Sequence[object]) -> None:
    """Raises NothingChosen, also for more than a page has."""
    if not 0 < len(items) <= MOST_AT_ONCE:
        raise NothingChosen
