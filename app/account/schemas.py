"""What clients send and get when a user leaves."""

from datetime import datetime

from pydantic import Field

from app.core.schemas import RequestModel, ResponseModel, Secret


class Leave(RequestModel):
    """The password, if the account has one."""

    password: Secret | None = None


class Leaving(ResponseModel):
    """The account has ended, and will be erased."""

    completes_by: datetime = Field(description="When everything is erased at the latest")
