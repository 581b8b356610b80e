"""What clients send and get when they leave."""

from datetime import datetime

from pydantic import Field

from app.core.schemas import RequestModel, ResponseModel, Secret


class Leave(RequestModel):
    """The password, from an account that has one."""

    password: Secret | None = None


class Leaving(ResponseModel):
    """Everything is out of sight now, and will be erased."""

    completes_by: datetime = Field(description="By when everything is erased, at the latest")
