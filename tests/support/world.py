"""People, lounges, posts and comments for tests."""

import io
import secrets
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from PIL import Image

from app.lounge.service import LoungeService
from app.post.enums import Moderation
from app.runtime.runtime import Runtime
from tests.support.api import Api, expect
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.moderation import moderate_comment, moderate_post
from tests.support.people import PASSWORD, add_person
from tests.support.provider import Providers

__all__ = ["PASSWORD", "World", "picture", "token"]


def token() -> str:
    return secrets.token_hex(4)


def picture(width: int = 40, height: int = 30, fmt: str = "JPEG") -> bytes:
    """In one random colour."""
    image = Image.new("RGB", (width, height), tuple(secrets.token_bytes(3)))
    out = io.BytesIO()
    image.save(out, fmt)
    return out.getvalue()


class World:
    """Makes people, lounges, posts and comments in one app."""

    def __init__(
        self,
        app: FastAPI,
        runtime: Runtime,
        http: httpx.AsyncClient,
        idp: Providers | None = None,
    ) -> None:
        self.app = app
        self.runtime = runtime
        self.http = http
        self._idp = idp

    @property
    def idp(self) -> Providers:
        """The fake providers of a test that uses the fixture `idp`."""
        assert self._idp is not None
        return self._idp

    @property
    def clock(self) -> FakeClock:
        clock = self.runtime.clock
        assert isinstance(clock, FakeClock)
        return clock

    @property
    def mailer(self) -> FakeMailer:
        mailer = self.runtime.mailer
        assert isinstance(mailer, FakeMailer)
        return mailer

    @property
    def push(self) -> FakePush:
        push = self.runtime.push
        assert isinstance(push, FakePush)
        return push

    def configure(self, **settings: Any) -> None:
        """Change settings of the running app."""
        self.runtime.settings = self.runtime.settings.model_copy(update=settings)

    def anonymous(self) -> Api:
        return Api(self.app, self.http)

    async def member(self, nickname: str | None = None, **fields: Any) -> Api:
        """A signed-in member: the usual caller of a test.

        `email=`, `terms_version=` and `is_verified=` too.
        """
        return await self._person("user", nickname or f"利用者{token()}", **fields)

    async def admin(self) -> Api:
        return await self._staff("admin", "運営")

    async def moderator(self) -> Api:
        return await self._staff("moderator", "当番")

    async def _staff(self, role: str, nickname: str) -> Api:
        """With a verified address, as all to whom the API or the command line gives a role."""
        email = f"{role}-{token()}@example.com"
        return await self._person(role, nickname, email=email, is_verified=True)

    async def guest(self) -> Api:
        api = self.anonymous()
        return api.take(expect(await api.post("/auth/guest"), 201))

    async def register(self, nickname: str | None = None, **fields: Any) -> Api:
        """A member who signed up by HTTP, with the mail and the records that this leaves."""
        api = self.anonymous()
        api.email, api.password = f"t-{token()}@example.com", PASSWORD
        form = {
            "email": api.email,
            "password": api.password,
            "nickname": nickname or f"利用者{token()}",
            **fields,
        }
        return api.take(expect(await api.post("/auth/register", json=form), 201))

    async def _person(self, role: str, nickname: str, **fields: Any) -> Api:
        api = self.anonymous()
        api.email = fields.pop("email", f"t-{token()}@example.com")
        api.password = PASSWORD
        return api.take(
            await add_person(self.runtime, email=api.email, nickname=nickname, role=role, **fields)
        )

    async def sign_in(self, api: Api) -> Api:
        form = {"email": api.email, "password": api.password}
        return api.take(expect(await api.post("/auth/login", json=form, auth=False), 200))

    async def lounge(self, name: str | None = None) -> dict[str, Any]:
        async with self.runtime.writing() as ctx:
            made = await LoungeService(ctx).open(name or f"部屋 {token()}", "試験用のラウンジ")
            return {"id": str(made.id), "name": made.name}

    async def image(self, owner: Api) -> dict[str, Any]:
        return dict(expect(await owner.upload(picture()), 201))

    async def post(
        self, author: Api, lounge: dict[str, Any] | None = None, **fields: Any
    ) -> dict[str, Any]:
        lounge_id = (lounge or await self.lounge())["id"]
        form = {"lounge_id": lounge_id, "title": f"題 {token()}", "body": "本文です", **fields}
        return dict(expect(await author.post("/posts", json=form), 201))

    async def comment(
        self,
        author: Api,
        post: dict[str, Any],
        body: str = "コメントです",
        parent: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        form = {"body": body} | ({"parent_id": parent["id"]} if parent else {})
        response = await author.post(f"/posts/{post['id']}/comments", json=form)
        return dict(expect(response, 201))

    async def hide_post(self, post: dict[str, Any]) -> None:
        async with self.runtime.writing() as ctx:
            await moderate_post(ctx, UUID(post["id"]), Moderation.HIDDEN)

    async def restore_post(self, post: dict[str, Any]) -> None:
        async with self.runtime.writing() as ctx:
            await moderate_post(ctx, UUID(post["id"]), Moderation.VISIBLE)

    async def hide_comment(self, comment: dict[str, Any]) -> None:
        async with self.runtime.writing() as ctx:
            await moderate_comment(ctx, UUID(comment["id"]), Moderation.HIDDEN)

    async def restore_comment(self, comment: dict[str, Any]) -> None:
        async with self.runtime.writing() as ctx:
            await moderate_comment(ctx, UUID(comment["id"]), Moderation.VISIBLE)
