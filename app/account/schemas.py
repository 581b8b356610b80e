"""What clients send and get when they leave."""

from datetime import datetime
from typing import Any

from pydantic import Field, model_validator

from app.core.schemas import RequestModel, ResponseModel, Secret, drop_nulls


class Leave(RequestModel):
    """The password, from an account that has one."""

    password: Secret | None = None

    @model_validator(mode="before")
    @classmethod
    def take_null_for_absent(cls, value: Any) -> Any:
        return drop_nulls(value)


class Leaving(ResponseModel):
    """Everything is out of sight now, and will be erased."""

    completes_by: datetime = Field(description="By when everything is erased, at the latest")
