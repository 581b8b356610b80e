"""Why an act was not done: in words, at its target, with the form as it was filled."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData

from app.admin.console.render import sentence
from app.core.errors import AppError
from app.core.field_words import words_of


@dataclass(frozen=True, slots=True)
class Refusal:
    """`target` is the id of what it was about, `verb` what was to be done with it."""

    code: int
    words: str
    target: str
    verb: str
    form: FormData
    field: str = ""
    """Which field is wrong, if one is."""

    last: dict[str, Any] | None = None
    """Who was quicker, and when."""

    def typed(self, name: str) -> str:
        """What the form held."""
        return str(self.form.get(name, ""))


def refused(
    request: Request,
    error: ValidationError | AppError,
    form: FormData,
    target: str,
    last: dict[str, Any] | None = None,
) -> Refusal:
    verb = request.url.path.rpartition("/")[2]
    if isinstance(error, AppError):
        words = sentence(request, error)
        return Refusal(error.status, words, target, verb, form, last=last)
    first = error.errors()[0]
    locale = request.state.console_admin.locale.value
    words = words_of(first["type"]).in_(locale)
    field = str(first["loc"][0]) if first["loc"] else ""
    words = words.format(**first.get("ctx", {}))
    return Refusal(422, words, target, verb, form, field)
