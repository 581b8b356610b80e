"""The use cases of screening: whether a text must be held for review, and the word list."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.core.rate_limit import counters_of_new_account, ensure_allowed
from app.core.spelling import squeeze
from app.runtime.context import Needs, Service
from app.screening.enums import WordKind
from app.screening.exceptions import NewAccountLink
from app.screening.policy import WordList, holds_link, places_of
from app.screening.repository import ScreeningRepository
from app.screening.rows import BannedWords, MetWords, WordRow

_built: dict[UUID | None, WordList] = {}
"""The word list that is in use, by its version. No two databases have the same version."""


class ScreeningService(Service):
    _words = Needs(ScreeningRepository)

    async def must_be_held(self, text: str) -> bool:
        """Whether a moderator must review the text before others see it."""
        # The version is read first. So the words are never older than their version.
        return await self.must_be_held_by(await self._words.find_version(), text)

    async def must_be_held_by(self, version: UUID | None, text: str) -> bool:
        """Like `must_be_held`, if the caller has read the list's version."""
        return (await self._word_list(version)).holds_banned_word(text)

    async def find_banned(self, texts: Collection[str], *, keeps_list: bool) -> Collection[str]:
        """Those of some texts that have a banned word.

        With `keeps_list` whoever changes the list now waits for this transaction: what looks
        through all texts after a change then finds what was written before it. Locks on people
        come first.
        """
        find = self._words.keep_version if keeps_list else self._words.find_version
        words = await self._word_list(await find())
        return [text for text in texts if words.holds_banned_word(text)]

    async def list_word_times(self, texts: Sequence[str]) -> dict[str, datetime]:
        """Of each text that has a banned word: when the newest of its words was listed.

        For a transaction that keeps the list as it is.
        """
        version = await self._words.find_version()
        rows = await self._words.list_words()
        listed_at = {row.key: row.created_at for row in rows if row.kind == WordKind.BANNED}
        words = await self._word_list(version, rows)
        found = {text: words.find_banned_words(text) for text in texts}
        return {
            text: max(listed_at[each.key] for each in matches)
            for text, matches in found.items()
            if matches
        }

    async def find_words(self, texts: Sequence[str]) -> list[MetWords]:
        """For each text, the banned words that it has now, as admins wrote them."""
        version = await self._words.find_version()
        rows = await self._words.list_words()
        written = {row.key: row.word for row in rows if row.kind == WordKind.BANNED}
        words, met = await self._word_list(version, rows), list[MetWords]()
        for text in texts:
            found = words.find_banned_words(text)
            names = dict.fromkeys(written.get(each.key, each.key) for each in found)
            met.append(MetWords(list(names), places_of(text, found)))
        return met

    async def _word_list(
        self, version: UUID | None, rows: Sequence[WordRow] | None = None
    ) -> WordList:
        """The present list. A change by another server counts from the next post on.

        `rows` are the list's, if the caller has read them after the version.
        """
        if version is None or version not in _built:
            rows = await self._words.list_words() if rows is None else rows
            banned, allowed = (
                [row.key for row in rows if row.kind == kind]
                for kind in (WordKind.BANNED, WordKind.ALLOWED)
            )
            _built.clear()
            _built[version] = WordList(banned, allowed)
        return _built[version]

    @property
    def watches_new_accounts(self) -> bool:
        settings = self._ctx.settings
        return settings.rate_limits == "on" and settings.new_account_hours > 0

    def ensure_member_may_link(self, member_since: datetime, text: str) -> None:
        """Raises NewAccountLink if a new account posts a link."""
        if self.is_new_since(member_since) and holds_link(text):
            raise NewAccountLink(member_since + self._new_for)

    async def count_comment(self, user_id: UUID, member_since: datetime) -> None:
        """Limit the comments of a new account, on all servers together. Raises RateLimited."""
        if not self.is_new_since(member_since):
            return
        states = await self._ctx.process.limiter.hit(counters_of_new_account("comment", user_id))
        self._ctx.counted.extend(states)
        ensure_allowed(states)

    def is_new_since(self, member_since: datetime) -> bool:
        """Whether an account is so new that its posts are restricted."""
        age = self._ctx.clock() - member_since
        return self.watches_new_accounts and age < self._new_for

    @property
    def _new_for(self) -> timedelta:
        return timedelta(hours=self._ctx.settings.new_account_hours)

    async def list_words(self) -> BannedWords:
        rows = await self._words.list_words()
        return BannedWords(
            words=[row.word for row in rows if row.kind == WordKind.BANNED],
            exceptions=[row.word for row in rows if row.kind == WordKind.ALLOWED],
        )

    async def lock_words(self) -> None:
        """Lock the list. Only this transaction can replace it until it ends."""
        await self._words.lock()

    async def replace_words(self, words: Sequence[str], exceptions: Sequence[str] | None) -> None:
        """Replace the whole list. Without `exceptions` they stay as they are."""
        await self._words.replace(WordKind.BANNED, _by_key(words))
        if exceptions is not None:
            await self._words.replace(WordKind.ALLOWED, _by_key(exceptions))


def _by_key(words: Sequence[str]) -> dict[str, str]:
    keyed = ((squeeze(word), word) for word in words)
    return {key: word for key, word in keyed if key}
