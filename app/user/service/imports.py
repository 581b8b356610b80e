"""Users who come from another system, a batch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import AppError
from app.runtime.context import Needs, Service
from app.user.exceptions import EmailTaken, IdentityTaken
from app.user.policy import UNPROVED_FOR
from app.user.repository.imports import ImportRepository
from app.user.rows import NewUser


@dataclass(frozen=True, slots=True)
class Imported:
    added: int
    known: int
    """How many were there already, by this or an earlier import. They stay as they are."""

    refused: Sequence[tuple[NewUser, AppError]]


class ImportService(Service):
    _imports = Needs(ImportRepository)

    async def add_all(self, users: Sequence[NewUser]) -> Imported:
        """Add those who are new. Only those whose address or sign-in method is taken are refused.

        Who came before stays as they are, or gone. Of two with the same id the first one counts.
        """
        await self._imports.lock()
        known = set(await self._imports.known_of([user.source_hash for user in users]))
        by_source: dict[bytes, NewUser] = {}
        for user in users:
            if user.source_hash not in known:
                by_source.setdefault(user.source_hash, user)
        new = list(by_source.values())
        refused = await self._add(new) if new else []
        return Imported(len(new) - len(refused), len(users) - len(new), refused)

    async def _add(self, users: Sequence[NewUser]) -> Sequence[tuple[NewUser, AppError]]:
        """Returns those that are refused. They are looked for by halves: most batches have none."""
        now = self._ctx.clock()
        try:
            await self._imports.add(users, now, now + UNPROVED_FOR)
        except (EmailTaken, IdentityTaken) as error:
            if len(users) == 1:
                return [(users[0], error)]
            half = len(users) // 2
            return [*await self._add(users[:half]), *await self._add(users[half:])]
        return []
