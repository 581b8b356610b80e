"""Lists of users, for admins."""

from collections.abc import Sequence
from uuid import UUID

from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.sql.search import Looked, found_in_time
from app.core.text import fold
from app.runtime.context import Needs, Service
from app.user.enums import Role, UserStatus
from app.user.models import User
from app.user.repository.finding import UserFinder
from app.user.repository.users import UserRepository


class UserListService(Service):
    _users = Needs(UserRepository)
    _finder = Needs(UserFinder)

    async def list_these(
        self, user_ids: Sequence[UUID], role: Role | None, status: UserStatus | None
    ) -> Sequence[User]:
        """Those of some users who have not left, and whom the filters let through."""
        return await self._users.list_these(user_ids, role, status, self._ctx.clock())

    async def list_users(
        self,
        page: PageRequest,
        query: str | None,
        role: Role | None,
        status: UserStatus | None,
        *,
        guests: bool = True,
        names_only: bool = False,
        looks: int,
    ) -> Page[User]:
        """All users who have not left, the newest first. The filters narrow the list.

        With `names_only` a search does not look at addresses. Without `guests` they are listed only
        if their role is asked for. A page of a search may be short, or empty, before the end.
        `looks` says by how many statements it looks at most.
        """
        words, guests = None if query is None else fold(query), guests or role is not None
        former_name = f"users:{role or ('' if guests else 'members')}:{status or ''}:{words or ''}"
        page = page.formerly(former_name + (":names" if names_only else ""))
        if words is None:
            after_id = page.after_id(start=LAST_ID)
            users = await self._list_newest(after_id, page.row_limit, role, status, guests=guests)
            return page.slice(users, lambda user: [user.id])
        now = self._ctx.clock()

        async def look(after_id: UUID, limit: int, is_first: bool) -> Looked[User]:
            looked = await self._finder.search(
                words,
                after_id,
                limit,
                role,
                status,
                now,
                names_only=names_only,
                is_first=is_first,
            )
            users = [each.user for each in looked if each.user is not None]
            found = [user for user in users if guests or user.role != Role.GUEST]
            return found, next((each.end_id for each in looked if each.end_id is not None), None)

        return await found_in_time(page, looks, look)

    async def _list_newest(
        self,
        after_id: UUID,
        limit: int,
        role: Role | None,
        status: UserStatus | None,
        *,
        guests: bool,
    ) -> Sequence[User]:
        now = self._ctx.clock()
        if guests or status == UserStatus.SUSPENDED:
            return await self._users.list_page(after_id, limit, role, status, now, guests=guests)
        ids = await self._users.list_newest_members(after_id, limit, status, now)
        members = await self._users.list_these(ids, role, status, now)
        return sorted(members, key=lambda user: user.id, reverse=True)
