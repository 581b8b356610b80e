"""What admins do with the list of banned words: read it, and replace it."""

from app.admin.enums import Action
from app.admin.models import NO_TARGET
from app.admin.policy import Version, ensure_unchanged, words_version
from app.admin.schemas import BannedWords, BannedWordsUpdate
from app.admin.service.audit import AuditLog
from app.admin.service.changes import WordChange
from app.runtime.context import Context, Needs
from app.screening.service import ScreeningService


class BannedWordAdmin:
    _screening = Needs(ScreeningService)

    def __init__(self, ctx: Context, audit: AuditLog) -> None:
        self._ctx = ctx
        self._audit = audit

    async def get_list(self) -> BannedWords:
        return BannedWords.model_validate(await self._screening.list_words())

    async def replace(self, form: BannedWordsUpdate, seen: Version | None = None) -> BannedWords:
        """Replace the whole list. Existing posts and comments are not screened again.

        Raises ChangedMeanwhile.
        """
        await self._screening.lock_words()
        before = await self.get_list()
        ensure_unchanged(seen, words_version(before.words, before.exceptions))
        await self._screening.replace_words(form.words, form.exceptions)
        after = await self.get_list()
        await self._audit.record(
            Action.BANNED_WORDS_CHANGED,
            NO_TARGET,
            before=_words_missing_in(after, before),
            after=_words_missing_in(before, after),
        )
        return after


def _words_missing_in(other: BannedWords, words: BannedWords) -> WordChange:
    """The words that the other list does not have."""
    return WordChange(
        sorted(set(words.words) - set(other.words)),
        sorted(set(words.exceptions) - set(other.exceptions)),
    )
