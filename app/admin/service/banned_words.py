"""What admins do with the list of banned words: read it, and replace it."""

from collections.abc import Sequence

from app.admin.enums import UNDONE, Action
from app.admin.exceptions import ChangedMeanwhile
from app.admin.models import NO_TARGET
from app.admin.policy import Version, ensure_unchanged, words_version
from app.admin.rows import AuditRow
from app.admin.schemas import BannedWordsUpdate
from app.admin.service.changes import WordChange
from app.admin.service.part import AdminPart
from app.reports.service import ReportService
from app.runtime.context import Needs
from app.screening.rows import BannedWords, MetWords
from app.screening.service import ScreeningService


class BannedWordAdmin(AdminPart):
    _screening = Needs(ScreeningService)
    _reports = Needs(ReportService)

    async def get_list(self) -> BannedWords:
        return await self._screening.list_words()

    async def find_in(self, texts: Sequence[str]) -> list[MetWords]:
        """For each text, the banned words that it meets now."""
        return await self._screening.find_words(texts)

    async def replace(self, form: BannedWordsUpdate, seen: Version | None = None) -> BannedWords:
        """Replace the whole list. A job checks all nicknames again, but no posts and comments.

        Raises ChangedMeanwhile.
        """
        await self._screening.lock_words()
        before = await self.get_list()
        ensure_unchanged(seen, words_version(before.words, before.exceptions))
        await self._replace(form.words, form.exceptions)
        after = await self.get_list()
        await self._audit.record(
            Action.BANNED_WORDS_CHANGED,
            NO_TARGET,
            before=_words_missing_in(after, before),
            after=_words_missing_in(before, after),
        )
        return after

    async def reverse(self, entry: AuditRow, _kept: str) -> None:
        """Put back the words that were removed, and remove those that were added.

        Raises ChangedMeanwhile.
        """
        removed, added = WordChange(**entry.before), WordChange(**entry.after)
        await self._screening.lock_words()
        now = await self.get_list()
        await self._replace(
            _put_back(now.words, added.words, removed.words),
            _put_back(now.exceptions, added.exceptions, removed.exceptions),
        )
        await self._audit.record(Action.BANNED_WORDS_CHANGED, NO_TARGET, UNDONE, added, removed)

    async def _replace(self, words: Sequence[str], exceptions: Sequence[str] | None) -> None:
        await self._screening.replace_words(words, exceptions)
        await self._reports.check_nicknames_later()


def _put_back(words: Sequence[str], added: Sequence[str], removed: Sequence[str]) -> list[str]:
    """The list before words were added and removed. Raises ChangedMeanwhile."""
    if not set(added) <= set(words) or set(removed) & set(words):
        raise ChangedMeanwhile
    return [*(word for word in words if word not in set(added)), *removed]


def _words_missing_in(other: BannedWords, words: BannedWords) -> WordChange:
    """The words that the other list does not have."""
    return WordChange(
        sorted(set(words.words) - set(other.words)),
        sorted(set(words.exceptions) - set(other.exceptions)),
    )
