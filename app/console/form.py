"""What a form of the console has sent."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from app.admin.policy import Version
from app.admin.schemas import WithReason
from app.console.gate import ConsoleAdmin, ConsoleEntrant, ensure_own_form
from app.core.errors import BadRequest

OURS = ("token", "key", "seen", "next")
"""Hidden fields, which the admin has not typed."""

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class Form:
    fields: Mapping[str, str]
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What a field holds; empty if the form has no such field."""
        return self.fields.get(name, "")

    def texts(self, *names: str) -> dict[str, str]:
        return {name: self.text(name) for name in names}

    @property
    def seen(self) -> Version | None:
        """The version of the thing that the form is about, as the page showed it."""
        return self.text("seen") or None

    @property
    def key(self) -> str | None:
        """What tells a second send of this form from a form of a new page."""
        return key if _KEY.fullmatch(key := self.text("key")) else None

    @property
    def following(self) -> UUID | None:
        """The card that comes next after the act. None if there is none, or it is no id."""
        with suppress(ValueError):
            return UUID(self.text("next"))
        return None

    def reason(self) -> str:
        """The reason that the form asks for. Raises ValidationError."""
        return WithReason.model_validate(self.texts("reason")).reason


async def sent_form(request: Request) -> FormData:
    """The form that the browser has sent. Raises BadRequest."""
    try:
        return await request.form()
    except (UnicodeError, HTTPException):
        # A multipart form in a charset such as `undefined`, which Starlette does not expect; or one
        # that it refuses, such as one with a thousand fields.
        raise BadRequest from None


async def _own_form(request: Request, admin: ConsoleAdmin) -> Form:
    """Raises Forbidden for a form that does not come from one of this admin's pages."""
    sent = await sent_form(request)
    ensure_own_form(request, sent, admin)
    return form_of(sent)


def form_of(sent: FormData) -> Form:
    """The texts of a form. Files do not belong to it."""
    texts = [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]
    lists: dict[str, list[str]] = {}
    for name, value in texts:
        lists.setdefault(name, []).append(value)
    return Form(dict(texts), lists)


async def _entrants_form(request: Request, entrant: ConsoleEntrant) -> Form:
    """Like `_own_form`, of a page that comes before the second step."""
    return await _own_form(request, entrant)


EntrantForm = Annotated[Form, Depends(_entrants_form)]
OwnForm = Annotated[Form, Depends(_own_form)]
