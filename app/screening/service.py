"""The use cases of screening: asking whether a text must be held, and keeping the word list."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.spelling import squeeze
from app.runtime.context import Context, Needs
from app.screening.enums import WordKind
from app.screening.exceptions import NewAccountLink
from app.screening.policy import WordList, holds_link
from app.screening.repository import ScreeningRepository
from app.user.service import UserService

_built: dict[UUID | None, WordList] = {}
"""The word list in use, by its version. Versions are unique, whatever the database."""


class ScreeningService:
    _users = Needs(UserService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._words = ScreeningRepository(ctx.session)

    async def must_be_held(self, text: str) -> bool:
        """Whether a moderator must see the text before others do."""
        return (await self._word_list()).holds_banned_word(text)

    async def _word_list(self) -> WordList:
        """The list as of now: what another server changes counts from the next post on."""
        # The version is asked for first. So the words are never older than it says.
        version = await self._words.find_version()
        if version is None or version not in _built:
            rows = await self._words.list_words()
            banned, allowed = (
                [row["key"] for row in rows if row["kind"] == kind]
                for kind in (WordKind.BANNED, WordKind.ALLOWED)
            )
            _built.clear()
            _built[version] = WordList(banned, allowed)
        return _built[version]

    @property
    def watches_new_accounts(self) -> bool:
        settings = self._ctx.settings
        return settings.rate_limits == "on" and settings.new_account_hours > 0

    async def ensure_may_link(self, user_id: UUID, text: str) -> None:
        """Raises NewAccountLink for a link of an account made just now, at an edit too."""
        if self.watches_new_accounts and holds_link(text) and await self.is_new(user_id):
            raise NewAccountLink

    async def is_new(self, user_id: UUID) -> bool:
        """Whether the account was made just now, and what it writes is watched."""
        if not self.watches_new_accounts:
            return False
        age = self._ctx.clock() - await self._users.member_since(user_id)
        return age < timedelta(hours=self._ctx.settings.new_account_hours)

    async def list_words(self) -> dict[str, list[str]]:
        """The list as it was written."""
        rows = await self._words.list_words()
        return {
            "words": [row["word"] for row in rows if row["kind"] == WordKind.BANNED],
            "exceptions": [row["word"] for row in rows if row["kind"] == WordKind.ALLOWED],
        }

    async def lock_words(self) -> None:
        """Nobody else replaces the list until the transaction ends."""
        await self._words.lock()

    async def replace_words(self, words: Sequence[str], exceptions: Sequence[str] | None) -> None:
        """The list is these and no others; None leaves the exceptions as they are."""
        await self._words.replace(WordKind.BANNED, _by_key(words))
        if exceptions is not None:
            await self._words.replace(WordKind.ALLOWED, _by_key(exceptions))


def _by_key(words: Sequence[str]) -> dict[str, str]:
    keyed = ((squeeze(word), word) for word in words)
    return {key: word for key, word in keyed if key}
