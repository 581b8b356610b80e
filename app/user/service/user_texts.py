"""What users may write, where that depends on the user: nicknames, bios, links of new accounts."""

from datetime import datetime
from uuid import UUID

from app.core.field_errors import FieldError
from app.runtime.context import Needs, Service
from app.screening.policy import holds_link
from app.screening.service import ScreeningService
from app.user.exceptions import BANNED_WORD, LINK, TOO_NEW_FOR_LINK, TextNotAllowed
from app.user.rows import unnamed
from app.user.service.users import UserService


class UserTextService(Service):
    _users = Needs(UserService)
    _screening = Needs(ScreeningService)

    async def ensure_may_link(self, user_id: UUID, text: str) -> None:
        """Raises NewAccountLink if a new account posts a link, also by an edit."""
        if self._screening.watches_new_accounts and holds_link(text):
            member_since = await self._users.member_since(user_id)
            self._screening.ensure_member_may_link(member_since, text)

    async def ensure_nickname(self, nickname: str) -> None:
        """Call it where the nickname is written. Raises TextNotAllowed."""
        if wrong := await self._find_wrong(nickname=nickname):
            raise TextNotAllowed(*wrong)

    async def ensure_profile(
        self, nickname: str | None, bio: str | None, member_since: datetime
    ) -> None:
        """For what is new in a profile. Raises TextNotAllowed."""
        wrong = await self._find_wrong(nickname=nickname, bio=bio)
        if bio and self._screening.is_new_since(member_since) and holds_link(bio):
            wrong.append(TOO_NEW_FOR_LINK.at("bio"))
        if wrong:
            raise TextNotAllowed(*wrong)

    async def nickname_or_default(self, nickname: str) -> str:
        """A name that was not chosen here, unless it would be rejected."""
        is_wrong = bool(await self._find_wrong(nickname=nickname))
        return unnamed(self._ctx.settings.app_name) if is_wrong else nickname

    async def _find_wrong(self, **texts: str | None) -> list[FieldError]:
        written = {field: text for field, text in texts.items() if text}
        if not written:
            return []
        banned = await self._screening.find_banned(list(written.values()), keeps_list=True)
        wrong = [BANNED_WORD.at(field) for field, text in written.items() if text in banned]
        if holds_link(written.get("nickname", "")):
            wrong.append(LINK.at("nickname"))
        return wrong
