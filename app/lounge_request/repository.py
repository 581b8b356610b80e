"""Every SQL statement about lounge requests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, literal_column, select, update

from app.core.database import AnySelect, broken_means
from app.core.db import Repository
from app.core.errors import AlreadyDecided
from app.core.keyset import page_limit
from app.core.sql.rows import Query
from app.lounge.exceptions import LoungeNameTaken
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import LoungeRequestNotFound
from app.lounge_request.models import LoungeRequest
from app.lounge_request.rows import LoungeRequest as LoungeRequestRow
from app.user.models import User
from app.user.rows import author_columns

_PENDING_NAME_KEY = "lounge_requests_pending_name_key"

_REQUESTS = select(
    LoungeRequest.id,
    LoungeRequest.name,
    LoungeRequest.description,
    LoungeRequest.reason,
    LoungeRequest.status,
    LoungeRequest.reject_reason,
    LoungeRequest.lounge_id,
    LoungeRequest.created_at,
    LoungeRequest.decided_at,
    *author_columns("requester"),
).join(User, User.id == LoungeRequest.requester_id)

_BY_ID = _REQUESTS.where(LoungeRequest.id == bindparam("request_id", type_=Uuid))
# The newest first. Ids are ordered by time, so what comes after an id in the list is smaller.
_PAGE = (
    _REQUESTS.where(LoungeRequest.id < bindparam("after_id", type_=Uuid))
    .order_by(LoungeRequest.id.desc())
    .limit(page_limit())
)
_IS_OWN = LoungeRequest.requester_id == bindparam("requester_id", type_=Uuid)
_HAS_STATUS = LoungeRequest.status == bindparam("status", type_=Text)


_WAITING = (
    _REQUESTS.where(
        LoungeRequest.id > bindparam("after_id", type_=Uuid),
        # A literal, so that PostgreSQL may use the partial index.
        LoungeRequest.status == literal_column("'pending'"),
    )
    .order_by(LoungeRequest.id)
    .limit(page_limit())
)


def _query(statement: AnySelect) -> Query[LoungeRequestRow]:
    return Query(LoungeRequestRow, statement)


# Statements are built once, at import. Each call gives them the values of their `bindparam`s.
_ANY_REQUEST = _query(_BY_ID)
# FOR NO KEY UPDATE, as everywhere: an id never changes.
_LOCKED = _query(_BY_ID.with_for_update(key_share=True, of=LoungeRequest))
_DECIDE = (
    update(LoungeRequest)
    .where(
        LoungeRequest.id == bindparam("request_id", type_=Uuid),
        LoungeRequest.status == RequestStatus.PENDING,
    )
    .values(
        status=bindparam("new_status"),
        decided_by=bindparam("new_decided_by"),
        decided_at=bindparam("new_decided_at"),
        reject_reason=bindparam("new_reject_reason"),
        lounge_id=bindparam("new_lounge_id"),
    )
    .returning(LoungeRequest.requester_id)
)
_OWN_REQUEST = _query(_BY_ID.where(_IS_OWN))
_ALL_REQUESTS = _query(_PAGE)
_OWN_REQUESTS = _query(_PAGE.where(_IS_OWN))
_WAITING_REQUESTS = _query(_WAITING)
_REQUESTS_OF_STATUS = _query(_PAGE.where(_HAS_STATUS))


class LoungeRequestRepository(Repository):
    async def get_own(self, requester_id: UUID, request_id: UUID) -> LoungeRequestRow:
        """Raises LoungeRequestNotFound, also for another user's request."""
        request = await self._db.first(
            _OWN_REQUEST,
            request_id=request_id,
            requester_id=requester_id,
        )
        return _found(request)

    async def get_any(self, request_id: UUID) -> LoungeRequestRow:
        """Any user's request, for admins. Raises LoungeRequestNotFound."""
        request = await self._db.first(_ANY_REQUEST, request_id=request_id)
        return _found(request)

    async def list_own(
        self, requester_id: UUID, after_id: UUID, row_limit: int
    ) -> list[LoungeRequestRow]:
        """The newest first."""
        return await self._list(_OWN_REQUESTS, after_id, row_limit, requester_id=requester_id)

    async def list_all(
        self, status: RequestStatus | None, after_id: UUID, row_limit: int
    ) -> list[LoungeRequestRow]:
        """Every user's requests, the newest first; with `status`, only those of that status."""
        if status is None:
            return await self._list(_ALL_REQUESTS, after_id, row_limit)
        return await self._list(_REQUESTS_OF_STATUS, after_id, row_limit, status=status)

    async def list_waiting(self, after_id: UUID, row_limit: int) -> list[LoungeRequestRow]:
        """The pending requests, the oldest first."""
        return await self._list(_WAITING_REQUESTS, after_id, row_limit)

    async def _list(
        self, query: Query[LoungeRequestRow], after_id: UUID, row_limit: int, **params: object
    ) -> list[LoungeRequestRow]:
        return await self._db.all(
            query,
            after_id=after_id,
            row_limit=row_limit,
            **params,
        )

    async def count_pending(self, requester_id: UUID) -> int:
        query = select(func.count()).where(
            LoungeRequest.requester_id == requester_id,
            LoungeRequest.status == RequestStatus.PENDING,
        )
        return await self._db.first(query) or 0

    async def add(self, request: LoungeRequest) -> LoungeRequest:
        """Raises LoungeNameTaken if a request for this name is pending."""
        with broken_means(_PENDING_NAME_KEY, LoungeNameTaken):
            return await self._db.add(request)

    async def lock_pending(self, request_id: UUID) -> LoungeRequestRow:
        """Lock a pending request until the transaction ends.

        Raises LoungeRequestNotFound, AlreadyDecided.
        """
        locked = await self._db.first(_LOCKED, request_id=request_id)
        request = _found(locked)
        if request.status != RequestStatus.PENDING:
            raise AlreadyDecided
        return request

    async def decide(
        self,
        request_id: UUID,
        status: RequestStatus,
        *,
        decided_by: UUID,
        decided_at: datetime,
        reject_reason: str | None = None,
        lounge_id: UUID | None = None,
    ) -> UUID:
        """Decide or withdraw a pending request. Returns who asked. Raises AlreadyDecided.

        Of two decisions at the same moment, the second waits for the first to commit. Then it finds
        no pending request.
        """
        requester_id = await self._db.first(
            _DECIDE,
            request_id=request_id,
            new_status=status,
            new_decided_by=decided_by,
            new_decided_at=decided_at,
            new_reject_reason=reject_reason,
            new_lounge_id=lounge_id,
        )
        if requester_id is None:
            raise AlreadyDecided
        return requester_id

    async def reopen(self, request_id: UUID, status: RequestStatus) -> None:
        """Make a request of this status pending again.

        Raises AlreadyDecided if its status is another one, LoungeNameTaken if a request for its
        name is pending.
        """
        statement = (
            update(LoungeRequest)
            .where(LoungeRequest.id == request_id, LoungeRequest.status == status)
            .values(
                status=RequestStatus.PENDING,
                decided_by=None,
                decided_at=None,
                reject_reason=None,
                lounge_id=None,
            )
            .returning(LoungeRequest.id)
        )
        with broken_means(_PENDING_NAME_KEY, LoungeNameTaken):
            reopened = await self._db.first(statement)
        if reopened is None:
            raise AlreadyDecided


def _found(request: LoungeRequestRow | None) -> LoungeRequestRow:
    if request is None:
        raise LoungeRequestNotFound
    return request
