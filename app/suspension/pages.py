"""`/account/appeal`: where a suspended user can appeal once. A browser opens it, without script.

The token in the link is for one user and one suspension. It ends with that, or, for who has
appealed, some time after the decision.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Form as PostedForm
from pydantic import TypeAdapter, ValidationError

from app.core.days import moment_words
from app.core.errors import AppError
from app.core.templates import templates_in
from app.core.texts import NO_REASON, Locale, Text
from app.suspension import texts
from app.suspension.enums import AppealStatus
from app.suspension.exceptions import AlreadyAppealed
from app.suspension.schemas import TEXT_LENGTH, AppealText
from app.suspension.service.appeals import AppealService, SuspensionPage
from app.user.exceptions import UserNotFound
from app.web.dependencies import Ctx, origin_of
from app.web.limits import limited
from app.web.locale import preferred_locale
from app.web.open_app import OPEN_APP, app_address
from app.web.page_route import PageRoute, sent_fields
from app.web.runtime import runtime_of

_TEMPLATES = Path(__file__).parent / "templates"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
_TEXT = TypeAdapter[str](AppealText)
MAX_POSTED = 8 * TEXT_LENGTH
"""More is cut before it is looked at: it is too long in any case."""

LONGEST_TOKEN = 200
Token = Annotated[str, PostedForm(max_length=LONGEST_TOKEN)]


class _Route(PageRoute):
    async def refusal_page(self, request: Request, error: AppError) -> Response:
        """With the form as it was filled, to be sent again: it may have taken an hour to write."""
        locale = preferred_locale(request)
        token, text = await _sent(request, error)
        return _rendered(
            request,
            error.status,
            title=error.title.in_(locale),
            paragraph=error.detail_in(locale),
            facts=[],
            error="",
            may_appeal=bool(text),
            **_form(locale, token, text),
        )


router = APIRouter(prefix="/account/appeal", include_in_schema=False, route_class=_Route)


@router.get("", dependencies=[limited("read", by_address=True)])
async def show_appeal(request: Request, ctx: Ctx, token: str = "") -> Response:
    """The suspension, and the form to appeal or what has come of the appeal."""
    return _page(request, token, await ctx.service(AppealService).find_page(token[:LONGEST_TOKEN]))


@router.post("", dependencies=[limited("mail")])
async def appeal(
    request: Request, token: Token = "", text: Annotated[str, PostedForm()] = ""
) -> Response:
    """Appeal, in a transaction of its own: a refusal rolls it back."""
    text = text[:MAX_POSTED]
    try:
        cleaned = _TEXT.validate_python(text)
    except ValidationError as error:
        async with runtime_of(request).writing() as ctx:
            page = await ctx.service(AppealService).find_page(token)
        return _page(request, token, page, text, _refusal(error))
    try:
        async with runtime_of(request).writing(origin_of(request)) as ctx:
            page = await ctx.service(AppealService).appeal_by_token(token, cleaned)
    except AlreadyAppealed:
        async with runtime_of(request).writing() as ctx:
            page = await ctx.service(AppealService).find_page(token)
    except UserNotFound:
        page = None
    return _page(request, token, page)


def _refusal(error: ValidationError) -> Text:
    kinds = {"string_too_short": texts.EMPTY, "string_too_long": texts.TOO_LONG}
    return kinds.get(error.errors()[0]["type"], texts.REFUSED)


def _page(
    request: Request,
    token: str,
    page: SuspensionPage | None,
    typed: str = "",
    refusal: Text | None = None,
) -> Response:
    locale = preferred_locale(request)
    words = _words(page)
    return _rendered(
        request,
        404 if page is None else 422 if refusal and page.may_appeal else 200,
        title=words.title.in_(locale),
        paragraph=_paragraph(page, locale) or words.paragraph.in_(locale),
        facts=_facts(page, locale),
        error=_filled(refusal, locale) if refusal and page and page.may_appeal else "",
        may_appeal=page is not None and page.may_appeal,
        **_form(locale, token, typed),
    )


def _form(locale: Locale, token: str, typed: str) -> dict[str, object]:
    return {
        "token": token,
        "typed": typed,
        "label": texts.LABEL.in_(locale),
        "hint": _filled(texts.HINT, locale),
        "maximum": TEXT_LENGTH,
        "button": texts.BUTTON.in_(locale),
    }


async def _sent(request: Request, error: AppError) -> tuple[str, str]:
    """The token and the text of a form that was refused before its route."""
    form = await sent_fields(request, error)
    token, text = str(form.get("token", "")), str(form.get("text", ""))
    return (token, text[:MAX_POSTED]) if len(token) <= LONGEST_TOKEN else ("", "")


def _rendered(request: Request, status: int, **shown: object) -> Response:
    locale, brand = preferred_locale(request), runtime_of(request).settings.brand
    template = templates_in(_TEMPLATES).get_template("appeal.html")
    way_on = {"app": app_address(request), "open_app": OPEN_APP.in_(locale)}
    html = template.render(locale=locale, brand=brand, **way_on, **shown)
    headers = {**_HEADERS, "Content-Language": locale}
    return Response(html, status, headers, media_type="text/html")


def _words(page: SuspensionPage | None) -> texts.PageWords:
    if page is None:
        return texts.DEAD
    if page.appeal is None:
        return texts.SUSPENDED
    return texts.RECEIVED if page.appeal.status == AppealStatus.OPEN else texts.DECIDED


def _paragraph(page: SuspensionPage | None, locale: Locale) -> str:
    """What the page says of an appeal. Empty if there is none."""
    if page is None or page.appeal is None:
        return ""
    if page.appeal.status == AppealStatus.OPEN:
        # Only who can get a mail is promised one.
        promises = [texts.RECEIVED.paragraph, *([texts.MAILED_TOO] if page.has_address else [])]
        return (" " if locale == "en" else "").join(words.in_(locale) for words in promises)
    return texts.OUTCOMES[AppealStatus(page.appeal.status)].in_(locale)


def _facts(page: SuspensionPage | None, locale: Locale) -> list[tuple[str, str]]:
    """What the page says of the suspension and of the appeal, each with its name."""
    if page is None:
        return []
    until = moment_words(page.until) if page.until else texts.NO_END
    facts = [
        (texts.REASON, page.reason or NO_REASON.in_(locale)),
        (texts.UNTIL, (texts.OVER if page.is_over else until).in_(locale)),
    ]
    if page.appeal is not None:
        facts.append((texts.YOURS, page.appeal.text))
        facts += [(texts.NOTE, page.appeal.note)] if page.appeal.note else []
    return [(name.in_(locale), value) for name, value in facts]


def _filled(words: Text, locale: Locale) -> str:
    return words.in_(locale).format(maximum=TEXT_LENGTH)
