"""What a form of the console has sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.admin.console.gate import ConsoleAdmin, ConsoleEntrant, ensure_own_form
from app.admin.policy import Version
from app.admin.schemas import WithReason
from app.web.runtime import runtime_of


@dataclass(frozen=True, slots=True)
class Form:
    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """What a field holds; empty if the form has no such field."""
        return self.fields.get(name, "")

    def texts(self, *names: str) -> dict[str, str]:
        return {name: self.text(name) for name in names}

    @property
    def seen(self) -> Version | None:
        """The version of the thing that the form is about, as the page showed it."""
        return self.text("seen") or None

    def reason(self) -> str:
        """The reason that the form asks for. Raises ValidationError."""
        return WithReason.model_validate(self.texts("reason")).reason


async def own_form(request: Request, admin: ConsoleAdmin) -> Form:
    """Raises Forbidden for a form that does not come from one of this admin's pages."""
    sent = await request.form()
    ensure_own_form(request, sent, admin, runtime_of(request).settings)
    return Form({name: str(value) for name, value in sent.items()})


async def entrants_form(request: Request, entrant: ConsoleEntrant) -> Form:
    """Like `own_form`, of a page that comes before the second step."""
    return await own_form(request, entrant)


EntrantForm = Annotated[Form, Depends(entrants_form)]
OwnForm = Annotated[Form, Depends(own_form)]
