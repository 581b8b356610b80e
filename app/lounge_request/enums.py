"""The fixed values of lounge requests."""

from enum import StrEnum


class RequestStatus(StrEnum):
    """A request is decided once, by an admin or by its requester's withdrawal."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
