"""Every SQL statement about lounge requests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import violated_constraint
from app.core.keyset import Row, page_limit
from app.lounge.exceptions import LoungeNameTaken
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import AlreadyDecided, LoungeRequestNotFound
from app.lounge_request.models import LoungeRequest
from app.user.models import User, author_columns

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
    LoungeRequest.decided_by,
    *author_columns(),
).join(User, User.id == LoungeRequest.requester_id)
_ONE = _REQUESTS.where(LoungeRequest.id == bindparam("request_id", type_=Uuid))
_NEWEST_FIRST = (
    _REQUESTS.where(LoungeRequest.id < bindparam("after_id", type_=Uuid))
    .order_by(LoungeRequest.id.desc())
    .limit(page_limit())
)
_OF_REQUESTER = _NEWEST_FIRST.where(
    LoungeRequest.requester_id == bindparam("requester_id", type_=Uuid)
)
_OF_STATUS = _NEWEST_FIRST.where(LoungeRequest.status == bindparam("status", type_=Text))


class LoungeRequestRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, request_id: UUID) -> Row:
        """Raises LoungeRequestNotFound."""
        found = await self._session.execute(_ONE, {"request_id": request_id})
        row = found.mappings().one_or_none()
        if row is None:
            raise LoungeRequestNotFound
        return row

    async def list_of_requester(
        self, requester_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        params = {"requester_id": requester_id, "after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_OF_REQUESTER, params)).mappings().all()

    async def list_page(
        self, status: RequestStatus | None, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        params: dict[str, Any] = {"after_id": after_id, "row_limit": limit}
        if status is None:
            return (await self._session.execute(_NEWEST_FIRST, params)).mappings().all()
        params["status"] = status
        return (await self._session.execute(_OF_STATUS, params)).mappings().all()

    async def count_pending(self, requester_id: UUID) -> int:
        query = select(func.count()).where(
            LoungeRequest.requester_id == requester_id,
            LoungeRequest.status == RequestStatus.PENDING,
        )
        return await self._session.scalar(query) or 0

    async def add(self, request: LoungeRequest) -> LoungeRequest:
        """Raises LoungeNameTaken if the name is pending already."""
        self._session.add(request)
        try:
            await self._session.flush()
        except IntegrityError as error:
            if violated_constraint(error) == "lounge_requests_pending_name_key":
                raise LoungeNameTaken from None
            raise
        return request

    async def lock_pending(self, request_id: UUID) -> None:
        """Lock a pending request. Raises LoungeRequestNotFound, AlreadyDecided."""
        query = select(LoungeRequest.status).where(LoungeRequest.id == request_id)
        status = await self._session.scalar(query.with_for_update(key_share=True))
        if status is None:
            raise LoungeRequestNotFound
        if status != RequestStatus.PENDING:
            raise AlreadyDecided

    async def decide(
        self,
        request_id: UUID,
        status: RequestStatus,
        now: datetime,
        *,
        decided_by: UUID,
        reject_reason: str | None = None,
    ) -> LoungeRequest:
        """From pending to a decision, once. Raises LoungeRequestNotFound, AlreadyDecided."""
        statement = (
            update(LoungeRequest)
            .where(LoungeRequest.id == request_id, LoungeRequest.status == RequestStatus.PENDING)
            .values(
                status=status,
                decided_at=now,
                decided_by=decided_by,
                reject_reason=reject_reason,
            )
            .returning(LoungeRequest)
        )
        decided = (await self._session.execute(statement)).scalar_one_or_none()
        if decided is None:
            await self.get(request_id)
            raise AlreadyDecided
        return decided

    async def set_lounge(self, request_id: UUID, lounge_id: UUID) -> None:
        await self._session.execute(
            update(LoungeRequest).where(LoungeRequest.id == request_id).values(lounge_id=lounge_id)
        )
