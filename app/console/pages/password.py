"""A forgotten password: the page that asks for the address, and mails the link."""

from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError

from app.account.texts import NOT_AN_ADDRESS
from app.auth.service.accounts import AccountService
from app.console.form import sent_form
from app.console.gate import ensure_own_form
from app.console.pages.common import READ, page_router
from app.console.render import locale_of, render
from app.core.schemas import LONGEST_EMAIL, EmailAddress
from app.web.dependencies import origin_of
from app.web.limits import limited
from app.web.runtime import runtime_of

router = page_router()


@router.get("/forgot-password", dependencies=READ)
async def show_forgot_password(request: Request) -> Response:
    return render(request, "forgot.html", email="", mailed=False)


@router.post("/forgot-password", dependencies=[limited("mail")])
async def forget_password(request: Request) -> Response:
    """Mail a link that sets a new password. The answer is the same for any address."""
    runtime, form = runtime_of(request), await sent_form(request)
    ensure_own_form(request, form, None)
    typed = str(form.get("email", ""))
    try:
        email = TypeAdapter(EmailAddress).validate_python(typed)
    except ValidationError:
        shown = {"email": typed[:LONGEST_EMAIL], "banner": NOT_AN_ADDRESS.in_(locale_of(request))}
        return render(request, "forgot.html", 422, mailed=False, **shown)
    async with runtime.writing(origin_of(request)) as ctx:
        await ctx.service(AccountService).forget_password(email)
    return render(request, "forgot.html", 202, email="", mailed=True)
