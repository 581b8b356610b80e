"""What the worker does for auth."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.auth.enums import MailPurpose, SocialProvider
from app.auth.service import AccountService, AuthService, PictureService, ProviderTokenService
from app.auth.service.accounts import MAIL_PASSWORD_CHANGED
from app.auth.service.pictures import ADOPT_PICTURE
from app.auth.service.provider_tokens import REDEEM_APPLE_CODE, REVOKE_PROVIDER_TOKEN
from app.auth.service.sessions import FORGET_MORE, MAIL_TOKEN
from app.jobs import Job, Periodic
from app.runtime.context import Context
from app.user.rows import EndedSession


async def mail_token(ctx: Context, payload: dict[str, Any]) -> None:
    if payload["user_id"] is not None:
        purpose = MailPurpose(payload["purpose"])
        await ctx.service(AccountService).send_token(UUID(payload["user_id"]), purpose)


async def mail_password_changed(ctx: Context, payload: dict[str, Any]) -> None:
    await ctx.service(AccountService).send_password_changed(UUID(payload["user_id"]))


async def adopt_picture(ctx: Context, payload: dict[str, Any]) -> None:
    provider = SocialProvider(payload["provider"])
    await ctx.service(PictureService).adopt(UUID(payload["user_id"]), provider, payload["address"])


async def redeem_apple_code(ctx: Context, payload: dict[str, Any]) -> None:
    await ctx.service(ProviderTokenService).redeem(
        UUID(payload["user_id"]),
        payload["client_id"],
        payload["sealed_code"],
        datetime.fromisoformat(payload["until"]),
    )


async def revoke_provider_token(ctx: Context, payload: dict[str, Any]) -> None:
    await ctx.service(ProviderTokenService).revoke(UUID(payload["token_id"]))


async def forget_what_is_over(ctx: Context) -> None:
    await ctx.service(AuthService).forget_what_is_over()


async def forget_more(ctx: Context, payload: dict[str, Any]) -> None:
    place = payload["after"]
    after = place and EndedSession(datetime.fromisoformat(place[0]), UUID(place[1]))
    await ctx.service(AuthService).forget_what_is_over(after)


async def reseal_provider_tokens(ctx: Context) -> None:
    await ctx.service(ProviderTokenService).reseal()


JOBS = [
    Job(MAIL_TOKEN, mail_token),
    Job(MAIL_PASSWORD_CHANGED, mail_password_changed),
    Job(ADOPT_PICTURE, adopt_picture),
    Job(REDEEM_APPLE_CODE, redeem_apple_code),
    Job(REVOKE_PROVIDER_TOKEN, revoke_provider_token),
    Job(FORGET_MORE, forget_more),
]
PERIODICS = [
    Periodic("auth.forget_what_is_over", "17 * * * *", forget_what_is_over),
    Periodic("auth.reseal_provider_tokens", "*/10 * * * *", reseal_provider_tokens),
]
