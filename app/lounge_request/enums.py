"""The fixed values of lounge requests."""

from enum import StrEnum


class RequestStatus(StrEnum):
    """A request starts as pending. An admin decides it, or its requester withdraws it."""

    # The console can take a decision back for some seconds: then it is pending again (ADR 0087).
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
