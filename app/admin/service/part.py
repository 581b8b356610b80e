"""What the services of one admin have in common."""

from app.admin.service.audit import AuditLog
from app.runtime.context import Context, Service
from app.user.policy import Viewer


class AdminPart(Service):
    """Acts of one admin on one subject. Each is in the audit log, in the transaction of the act."""

    def __init__(self, ctx: Context, audit: AuditLog, admin: Viewer) -> None:
        super().__init__(ctx)
        self._audit, self._admin = audit, admin


class Part[P: AdminPart]:
    """Another part of the same admin, made where it is used. The counterpart of `Needs`."""

    def __init__(self, kind: type[P]) -> None:
        self._kind = kind

    def __get__(self, part: AdminPart, owner: object) -> P:
        return self._kind(part._ctx, part._audit, part._admin)  # noqa: SLF001 - part of its class.
