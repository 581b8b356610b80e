"""The fixed values of lounge requests."""

from enum import StrEnum


class RequestStatus(StrEnum):
    """A request starts as pending. An admin decides it, or its requester withdraws it.

    For some seconds the console can make a decided request pending again (ADR 0087).
    """

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
