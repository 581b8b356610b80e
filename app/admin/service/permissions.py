"""On whose content, requests and reports an admin or a moderator may act."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from app.admin.policy import refusal
from app.admin.service.part import AdminPart
from app.core.errors import AppError
from app.runtime.context import Needs
from app.user.enums import Role
from app.user.service.roles import RoleService


class Permissions(AdminPart):
    """Asked by every act on something that a user wrote, and by the pages that offer the acts.

    Of the rules in `policy.refusal`, those that need the database: who is an admin now, and whether
    there is another one. An admin who acts on what others wrote costs no statement.
    """

    _roles = Needs(RoleService)

    async def ensure(self, person_id: UUID | None, *, decides: bool = True) -> None:
        """Raises OwnContent, AboutStaff."""
        for why in (await self.find_refused([person_id], decides=decides)).values():
            raise why

    async def find_refused(
        self, person_ids: Iterable[UUID | None], *, decides: bool = True
    ) -> Mapping[UUID, AppError]:
        """Those of some people on whose content this admin or moderator may not act, and why.

        None stands for nobody: a lounge has no author, and some authors have left.
        """
        people = {id_ for id_ in person_ids if id_ is not None}
        is_moderator = self._admin.role != Role.ADMIN
        admins = await self._roles.list_admins_among(people) if is_moderator and people else ()
        is_only_admin = (
            decides
            and not is_moderator
            and self._admin.user_id in people
            and not await self._roles.has_other_admin(self._admin.user_id)
        )
        refused = {
            id_: refusal(
                self._admin,
                id_,
                is_admin=id_ in admins,
                is_only_admin=is_only_admin,
                decides=decides,
            )
            for id_ in people
        }
        return {id_: why for id_, why in refused.items() if why is not None}
