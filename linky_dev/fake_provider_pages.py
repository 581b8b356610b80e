"""The page of a fake provider where a browser chooses who signs in (OpenID Connect Core, 3.1.2)."""

from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from app.core.errors import NotFound
from app.core.json import to_json
from app.core.schemas import Line
from app.integrations.identity.enums import SocialProvider
from linky_dev import texts
from linky_dev.fake_providers.people import Person
from linky_dev.fake_providers.provider import FakeProvider
from linky_dev.page import page
from linky_dev.tools import DevTools, not_from_another_site, tools_of

router = APIRouter(prefix="/dev", include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store"}
CALLBACK = "/api/v1/auth/oauth/{provider}/callback"
_REFUSED = {
    SocialProvider.LINE: "access_denied",
    SocialProvider.GOOGLE: "access_denied",
    SocialProvider.APPLE: "user_cancelled_authorize",
}


class AuthorizationRequest(BaseModel):
    """What the server sent the browser with."""

    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    scope: str = ""
    state: str = ""
    nonce: str | None = None
    code_challenge: str | None = None


class Choice(AuthorizationRequest):
    """What the page sends: `person` is a key, empty to make someone up, or `-` to refuse."""

    person: str = ""
    name: Annotated[str, Line(0, 30)] = ""
    email: Annotated[str, Line(0, 254)] = ""


@router.get("/{provider}/authorize")
async def show_people(
    request: Request, provider: str, asked: Annotated[AuthorizationRequest, Query()]
) -> Response:
    tools = tools_of(request)
    fake_provider = tools.fake_provider(provider)
    if wrong := _wrong(tools, fake_provider, asked):
        return _refusal(request, fake_provider, wrong)
    return page(
        request,
        "authorize.html",
        provider=fake_provider.name,
        name=texts.NAMES[fake_provider.name],
        people=await to_thread.run_sync(list, tools.people),
        asked={key: value for key, value in asked.model_dump().items() if value},
    )


@router.post("/{provider}/authorize", dependencies=[Depends(not_from_another_site)])
async def choose_person(
    request: Request, provider: str, choice: Annotated[Choice, Form()]
) -> Response:
    """Send the browser back with a code, or with an error. Apple's answer is a form."""
    tools = tools_of(request)
    fake_provider = tools.fake_provider(provider)
    if wrong := _wrong(tools, fake_provider, choice):
        return _refusal(request, fake_provider, wrong)
    if choice.person == "-":
        answer = {"error": _REFUSED[fake_provider.name], "state": choice.state}
    else:
        answer = _answer(fake_provider, choice, await _person(tools, choice))
    if fake_provider.name == SocialProvider.APPLE:
        return page(request, "post_back.html", action=choice.redirect_uri, fields=answer)
    joint = "&" if "?" in choice.redirect_uri else "?"
    return RedirectResponse(f"{choice.redirect_uri}{joint}{urlencode(answer)}", 303, NO_STORE)


def _wrong(tools: DevTools, fake_provider: FakeProvider, asked: AuthorizationRequest) -> str | None:
    """The first parameter that is not as registered."""
    registered = tools.settings.base_url + CALLBACK.format(provider=fake_provider.name)
    if asked.client_id != fake_provider.client.browser_id:
        return "client_id"
    if asked.redirect_uri != registered:
        return "redirect_uri"
    return None if asked.response_type == "code" else "response_type"


def _refusal(request: Request, fake_provider: FakeProvider, field: str) -> Response:
    name = texts.NAMES[fake_provider.name]
    return page(request, "refused.html", 400, provider=fake_provider.name, name=name, field=field)


async def _person(tools: DevTools, choice: Choice) -> Person:
    """Raises NotFound."""
    if not choice.person:
        name, email = choice.name or None, choice.email or None
        return await to_thread.run_sync(tools.people.make_up, name, email)
    person = await to_thread.run_sync(tools.people.find, choice.person)
    if person is None:
        raise NotFound
    return person


def _answer(fake_provider: FakeProvider, choice: Choice, person: Person) -> dict[str, str]:
    code = fake_provider.make_code(
        person, choice.client_id, choice.nonce, choice.redirect_uri, choice.code_challenge
    )
    answer = {"code": code, "state": choice.state}
    if fake_provider.name == SocialProvider.APPLE and person.name:
        answer["user"] = _user_field(person.name)
    return answer


def _user_field(name: str) -> str:
    """Apple sends a name beside the token. The family name comes first in Japan."""
    first, _, last = name.partition(" ")
    if not name.isascii():
        first, last = last, first
    return to_json({"name": {"firstName": first, "lastName": last}}).decode()
