"""What the server asks a provider: endpoints, keys, tokens. And an ID token for an app's tests."""

from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from app.core.errors import NotFound
from app.core.json import to_json
from app.integrations.identity import SocialProvider
from app.web.responses import json_response
from linky_dev.schemas import IdToken, IdTokenRequest, PersonItem
from linky_dev.seed.story import PICTURES
from linky_dev.stand_ins.people import People, Person
from linky_dev.stand_ins.provider import CodeExchange, GrantRefused
from linky_dev.stand_ins.settings import own_address
from linky_dev.tools import not_from_another_site, tools_of

router = APIRouter(prefix="/dev", include_in_schema=False)

NO_STORE = {"Cache-Control": "no-store"}


class TokenForm(BaseModel):
    """RFC 6749, 4.1.3. Fields that we do not use are ignored."""

    grant_type: str = ""
    code: str = ""
    client_id: str = ""
    client_secret: str = ""
    redirect_uri: str | None = None
    code_verifier: str | None = None


@router.get("/{provider}/.well-known/openid-configuration")
async def show_configuration(request: Request, provider: str) -> Response:
    """The discovery document. A browser goes to the public address, the server to its own."""
    tools = tools_of(request)
    stand_in = tools.stand_in(provider)
    own = f"{own_address(tools.settings)}/dev/{stand_in.name}"
    document = {
        "issuer": stand_in.issuer,
        "authorization_endpoint": f"{tools.settings.base_url}/dev/{stand_in.name}/authorize",
        "token_endpoint": f"{own}/token",
        "revocation_endpoint": f"{own}/revoke",
        "jwks_uri": f"{own}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [stand_in.algorithm],
        "code_challenge_methods_supported": ["S256"],
        "linky_stand_in": True,
    }
    return _json(document)


@router.get("/{provider}/keys")
async def show_keys(request: Request, provider: str) -> Response:
    return _json({"keys": tools_of(request).stand_in(provider).published_keys()})


@router.post("/{provider}/token")
async def give_tokens(
    request: Request, provider: str, form: Annotated[TokenForm, Form()]
) -> Response:
    """The token endpoint. A code works once, with our client's secret."""
    stand_in = tools_of(request).stand_in(provider)
    if form.grant_type != "authorization_code":
        return _json({"error": "unsupported_grant_type"}, 400)
    exchange = CodeExchange(
        form.code, form.client_id, form.client_secret, form.redirect_uri, form.code_verifier
    )
    try:
        return _json(stand_in.redeem(exchange))
    except GrantRefused as refused:
        return _json({"error": str(refused)}, 400)


@router.post("/{provider}/revoke")
async def revoke_token(request: Request, provider: str) -> Response:
    """Answers 200 to any token, as Apple does."""
    tools_of(request).stand_in(provider)
    return Response(status_code=200)


@router.post("/{provider}/id-token", dependencies=[Depends(not_from_another_site)])
async def give_id_token(request: Request, provider: str, form: IdTokenRequest) -> Response:
    """What the provider's SDK would give an app. Raises NotFound for an unknown person."""
    tools = tools_of(request)
    stand_in = tools.stand_in(provider)
    client_id = form.client_id or stand_in.client.ids[0]
    if client_id not in stand_in.client.ids:
        raise NotFound
    person = await to_thread.run_sync(_person, tools.people, form)
    is_apple = stand_in.name == SocialProvider.APPLE
    answer = IdToken(
        id_token=stand_in.id_token(person, client_id, form.nonce),
        authorization_code=stand_in.make_code(person, client_id, form.nonce) if is_apple else None,
        person=person.key,
        subject=person.subject_at(stand_in.name),
    )
    return json_response(answer, 200, NO_STORE)


def _person(people: People, form: IdTokenRequest) -> Person:
    """Raises NotFound."""
    if form.person is None and (form.name or form.email):
        return people.make_up(form.name, form.email)
    person = people.find(form.person) if form.person else next(iter(people))
    if person is None:
        raise NotFound
    return person


@router.get("/people")
async def list_people(request: Request) -> Response:
    people = await to_thread.run_sync(list, tools_of(request).people)
    items = [PersonItem(key=one.key, name=one.name, email=one.email) for one in people]
    return _json({"items": items})


@router.get("/people/{picture}.webp")
async def show_picture(picture: str) -> Response:
    """A profile picture: one of the demo community's."""
    path = PICTURES.get(picture)
    if path is None:
        raise NotFound
    headers = {"Cache-Control": "max-age=86400"}
    return Response(path.read_bytes(), headers=headers, media_type="image/webp")


def _json(value: Any, status: int = 200) -> Response:
    return Response(to_json(value), status, NO_STORE, "application/json")
