"""A null field of a request counts as not sent."""

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from app.core.schemas import RequestModel


class Form(RequestModel):
    name: str = "none"
    methods: Annotated[tuple[str, ...], Field(alias="doors")] = ()


@pytest.mark.parametrize("sent", [{}, {"name": None}, {"doors": None}])
def test_null_is_absent_also_under_an_alias(sent: dict[str, None]) -> None:
    assert Form.model_validate(sent) == Form()


@pytest.mark.parametrize("name", ["unknown", "methods"])
def test_null_under_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Form.model_validate({name: None})
