"""What admins do with lounges: open, change, close and reopen them."""

from typing import BinaryIO
from uuid import UUID

from app.admin.enums import UNDONE, Action
from app.admin.exceptions import ChangedMeanwhile
from app.admin.policy import Version, ensure_unchanged, lounge_version
from app.admin.rows import AuditRow
from app.admin.schemas import LoungeCreate, LoungeUpdate
from app.admin.service.changes import LoungeCover, LoungeState, LoungeText
from app.admin.service.part import AdminPart
from app.core.keyset import Page, PageRequest
from app.image.rows import CheckedPicture
from app.image.service.images import ImageService
from app.integrations.hooks.picture_check import PictureKind
from app.lounge.rows import Lounge, ManagedLounge
from app.lounge.service import LoungeService
from app.runtime.context import Needs
from app.user.service.users import UserService


class LoungeAdmin(AdminPart):
    _lounges = Needs(LoungeService)
    _images = Needs(ImageService)
    _users = Needs(UserService)

    async def list_page(
        self, page: PageRequest, query: str | None = None, closed: bool | None = None
    ) -> Page[ManagedLounge]:
        """The newest first. Closed lounges are included unless `closed` is False."""
        return await self._lounges.list_for_admins(self._admin, query, closed, page)

    async def get(self, lounge_id: UUID) -> Lounge:
        """Raises LoungeNotFound."""
        return await self._lounges.get(self._admin, lounge_id)

    async def open(self, form: LoungeCreate) -> Lounge:
        """Raises LoungeNameTaken."""
        lounge = await self._lounges.open(form.name, form.description)
        after = LoungeText(form.name, form.description)
        await self._audit.record(Action.LOUNGE_OPENED, lounge.id, after=after)
        return await self._lounges.get(self._admin, lounge.id)

    async def change(
        self, lounge_id: UUID, changes: LoungeUpdate, seen: Version | None = None
    ) -> Lounge:
        """Raises LoungeNotFound, ChangedMeanwhile, LoungeNameTaken."""
        before = await self._lock(lounge_id, seen)
        await self._lounges.change(lounge_id, changes.name, changes.description)
        after = await self._lounges.get(self._admin, lounge_id)
        sent = LoungeText(changes.name, changes.description)
        await self._audit.record(
            Action.LOUNGE_CHANGED,
            lounge_id,
            before=_text_where(sent, before),
            after=_text_where(sent, after),
        )
        return after

    async def change_cover(self, lounge_id: UUID, file: BinaryIO) -> Lounge:
        """Show a picture with a lounge.

        Raises UnsupportedImage, InvalidImage, PictureRefused, and what `set_cover` raises.
        """
        await self._lounges.ensure_exists(lounge_id)
        return await self.set_cover(lounge_id, await self.check_cover(file))

    async def check_cover(self, file: BinaryIO) -> CheckedPicture:
        """What `set_cover` takes. Slow: it releases the connection first.

        Raises UnsupportedImage, InvalidImage, PictureRefused.
        """
        return await self._images.render_checked(file, PictureKind.COVER)

    async def set_cover(
        self, lounge_id: UUID, checked: CheckedPicture, seen: Version | None = None
    ) -> Lounge:
        """Show a picture that has been checked. The admin is asked for again: it took seconds.

        Raises SessionRevoked, AccountSuspended, AdminOnly, MfaRequired, LoungeNotFound,
        ChangedMeanwhile.
        """
        key = await self._lounges.store_cover(checked.picture)
        await self._users.late(self._admin)
        return await self._show_cover(lounge_id, key, seen)

    async def remove_cover(self, lounge_id: UUID, seen: Version | None = None) -> Lounge:
        """Does nothing but an entry if there is none. Raises LoungeNotFound, ChangedMeanwhile."""
        return await self._show_cover(lounge_id, None, seen)

    async def _show_cover(self, lounge_id: UUID, key: str | None, seen: Version | None) -> Lounge:
        if seen is not None:
            await self._lock(lounge_id, seen)
        before = await self._lounges.show_cover(lounge_id, key)
        await self._audit.record(
            Action.LOUNGE_COVER_CHANGED,
            lounge_id,
            before=LoungeCover(before),
            after=LoungeCover(key is not None),
        )
        return await self._lounges.get(self._admin, lounge_id)

    async def close(self, lounge_id: UUID, seen: Version | None = None) -> None:
        """Its posts stay readable, and nothing can be added. Raises as `change` does."""
        await self._lock(lounge_id, seen)
        was_open = await self._lounges.close(lounge_id)
        before, after = LoungeState(was_open), LoungeState(open=False)
        await self._audit.record(Action.LOUNGE_CLOSED, lounge_id, before=before, after=after)

    async def reopen(self, lounge_id: UUID, seen: Version | None = None) -> Lounge:
        """Posts and comments can be added again. Raises as `change` does."""
        await self._lock(lounge_id, seen)
        was_open = await self._lounges.reopen(lounge_id)
        before, after = LoungeState(was_open), LoungeState(open=True)
        await self._audit.record(Action.LOUNGE_REOPENED, lounge_id, before=before, after=after)
        return await self._lounges.get(self._admin, lounge_id)

    async def reverse_opening(self, entry: AuditRow, _kept: str) -> None:
        """Delete a new lounge. Raises LoungeInUse."""
        await self._lounges.remove_unused(entry.target_id)
        before = LoungeText(**entry.after)
        await self._audit.record(Action.LOUNGE_REMOVED, entry.target_id, UNDONE, before)

    async def reverse_change(self, entry: AuditRow, _kept: str) -> None:
        """Give a lounge its former text. Raises ChangedMeanwhile, and as `change` does."""
        before, after = LoungeText(**entry.before), LoungeText(**entry.after)
        await self._lounges.lock(entry.target_id)
        lounge = await self._lounges.get(self._admin, entry.target_id)
        if _text_where(after, lounge) != after:
            raise ChangedMeanwhile
        await self._lounges.change(entry.target_id, before.name, before.description)
        await self._audit.record(Action.LOUNGE_CHANGED, entry.target_id, UNDONE, after, before)

    async def reverse_state(self, entry: AuditRow, _kept: str) -> None:
        """Reopen or close a lounge again. Raises LoungeNotFound, ChangedMeanwhile."""
        before, after = LoungeState(**entry.before), LoungeState(**entry.after)
        await self._lounges.lock(entry.target_id)
        lounge = await self._lounges.get(self._admin, entry.target_id)
        if lounge.closed == after.open:
            raise ChangedMeanwhile
        if before == after:
            return
        if before.open:
            await self._lounges.reopen(entry.target_id)
        else:
            await self._lounges.close(entry.target_id)
        action = Action.LOUNGE_REOPENED if before.open else Action.LOUNGE_CLOSED
        await self._audit.record(action, entry.target_id, UNDONE, after, before)

    async def _lock(self, lounge_id: UUID, seen: Version | None) -> Lounge:
        """Lock a lounge that is as the admin saw it. Raises LoungeNotFound, ChangedMeanwhile."""
        await self._lounges.lock(lounge_id)
        lounge = await self._lounges.get(self._admin, lounge_id)
        ensure_unchanged(seen, lounge_version(lounge))
        return lounge


def _text_where(given: LoungeText, lounge: Lounge) -> LoungeText:
    """Of a lounge's text, the parts that `given` has."""
    return LoungeText(
        None if given.name is None else lounge.name,
        None if given.description is None else lounge.description,
    )
