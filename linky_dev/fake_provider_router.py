"""What the server asks a provider: endpoints, keys, tokens. And an ID token for an app's tests."""

from collections.abc import Callable
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel

from app.core.errors import NotFound
from app.core.json import to_json
from app.integrations.identity.enums import SocialProvider
from app.web.responses import json_response
from linky_dev.fake_providers.people import People, Person
from linky_dev.fake_providers.provider import CodeExchange, GrantRefused, TokenUse
from linky_dev.fake_providers.settings import own_address
from linky_dev.schemas import IdToken, IdTokenRequest, PersonItem
from linky_dev.seed.story import PICTURES
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
    refresh_token: str = ""


@router.get("/app-check/keys")
async def show_app_check_keys(request: Request) -> Response:
    return _json({"keys": tools_of(request).app_check.published_keys()})


@router.get("/app-check/tokens")
async def give_app_check_tokens(request: Request) -> Response:
    """A good token, as App Check's SDK gives it to an app, and bad ones. They last an hour."""
    return _json(await to_thread.run_sync(tools_of(request).app_check.tokens))


@router.get("/{provider}/.well-known/openid-configuration")
async def show_configuration(request: Request, provider: str) -> Response:
    """The discovery document. A browser goes to the public address, the server to its own."""
    tools = tools_of(request)
    fake_provider = tools.fake_provider(provider)
    own = f"{own_address(tools.settings)}/dev/{fake_provider.name}"
    document = {
        "issuer": fake_provider.issuer,
        "authorization_endpoint": f"{tools.settings.base_url}/dev/{fake_provider.name}/authorize",
        "token_endpoint": f"{own}/token",
        "revocation_endpoint": f"{own}/revoke",
        "jwks_uri": f"{own}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [fake_provider.algorithm],
        "code_challenge_methods_supported": ["S256"],
        "linky_stand_in": True,
    }
    return _json(document)


@router.get("/{provider}/keys")
async def show_keys(request: Request, provider: str) -> Response:
    return _json({"keys": tools_of(request).fake_provider(provider).published_keys()})


@router.post("/{provider}/token")
async def give_tokens(
    request: Request, provider: str, form: Annotated[TokenForm, Form()]
) -> Response:
    """The token endpoint. A code works once, with our client's secret."""
    fake_provider = tools_of(request).fake_provider(provider)
    if form.grant_type == "refresh_token" and fake_provider.name == SocialProvider.LINE:
        return _json_or_refused(
            lambda: fake_provider.refresh(form.refresh_token, form.client_id, form.client_secret)
        )
    if form.grant_type != "authorization_code":
        return _json({"error": "unsupported_grant_type"}, 400)
    exchange = CodeExchange(
        form.code, form.client_id, form.client_secret, form.redirect_uri, form.code_verifier
    )
    return _json_or_refused(lambda: fake_provider.redeem(exchange))


def _json_or_refused(answer: Callable[[], Any]) -> Response:
    try:
        return _json(answer())
    except GrantRefused as refused:
        return _json({"error": str(refused)}, 400)


@router.get("/line/oauth2/v2.1/verify")
async def verify_line_token(request: Request, access_token: str = "") -> Response:
    """For which channel an access token of LINE's is."""
    line = tools_of(request).fake_provider(SocialProvider.LINE)
    if line.owner_of(access_token, TokenUse.ACCESS) is None:
        return _json({"error": "invalid_request"}, 400)
    return _json({"scope": "openid profile", "client_id": line.client.ids[0], "expires_in": 600})


@router.get("/line/oauth2/v2.1/userinfo")
async def show_line_user(request: Request) -> Response:
    line = tools_of(request).fake_provider(SocialProvider.LINE)
    subject = line.owner_of(_bearer_of(request), TokenUse.ACCESS)
    if subject is None:
        return _json({"error": "invalid_token"}, 401)
    return _json({"sub": subject})


@router.post("/line/oauth2/v3/token")
async def give_channel_token(request: Request, form: Annotated[TokenForm, Form()]) -> Response:
    """A token of our channel, for its id and secret."""
    line = tools_of(request).fake_provider(SocialProvider.LINE)
    if form.grant_type != "client_credentials":
        return _json({"error": "unsupported_grant_type"}, 400)
    return _json_or_refused(lambda: line.channel_token(form.client_id, form.client_secret))


class Deauthorize(BaseModel):
    userAccessToken: str = ""  # noqa: N815 - LINE's name


@router.post("/line/user/v1/deauthorize")
async def unlink_at_line(request: Request, form: Deauthorize) -> Response:
    """Unlink the app from a user's LINE account. `GET /dev/line/unlinked` shows it."""
    line = tools_of(request).fake_provider(SocialProvider.LINE)
    if not line.unlink(_bearer_of(request), form.userAccessToken):
        return _json({"message": "The token is invalid"}, 400)
    return Response(status_code=204)


@router.get("/line/unlinked")
async def list_unlinked(request: Request) -> Response:
    """Who was unlinked at LINE since this server started, the latest first."""
    line = tools_of(request).fake_provider(SocialProvider.LINE)
    items = [{"subject": who, "unlinked_at": at} for who, at in line.unlinked.items()]
    return _json({"items": items[::-1]})


def _bearer_of(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


@router.post("/{provider}/revoke")
async def revoke_token(request: Request, provider: str) -> Response:
    """Answers 200 to any token, as Apple does."""
    tools_of(request).fake_provider(provider)
    return Response(status_code=200)


@router.post("/{provider}/id-token", dependencies=[Depends(not_from_another_site)])
async def give_id_token(request: Request, provider: str, form: IdTokenRequest) -> Response:
    """What the provider's SDK would give an app. Raises NotFound for an unknown person."""
    tools = tools_of(request)
    fake_provider = tools.fake_provider(provider)
    client_id = form.client_id or fake_provider.client.ids[0]
    if client_id not in fake_provider.client.ids:
        raise NotFound
    person = await to_thread.run_sync(_person, tools.people, form)
    subject = person.subject_at(fake_provider.name)
    is_line = fake_provider.name == SocialProvider.LINE
    is_apple = fake_provider.name == SocialProvider.APPLE
    answer = IdToken(
        id_token=fake_provider.id_token(person, client_id, form.nonce),
        access_token=fake_provider.token(TokenUse.ACCESS, subject) if is_line else None,
        authorization_code=fake_provider.make_code(person, client_id, form.nonce)
        if is_apple
        else None,
        person=person.key,
        subject=subject,
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
