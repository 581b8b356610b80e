"""What the worker does for auth."""

from typing import Any
from uuid import UUID

from app.auth.enums import MailPurpose
from app.auth.service import AccountService, AuthService
from app.auth.service.accounts import MAIL_PASSWORD_CHANGED
from app.auth.service.sessions import MAIL_TOKEN
from app.core.context import Context
from app.core.jobs import Job, Periodic


async def mail_token(ctx: Context, payload: dict[str, Any]) -> None:
    if payload["user_id"] is not None:
        purpose = MailPurpose(payload["purpose"])
        await AccountService(ctx).send_token(UUID(payload["user_id"]), purpose)


async def mail_password_changed(ctx: Context, payload: dict[str, Any]) -> None:
    await AccountService(ctx).send_password_changed(UUID(payload["user_id"]))


async def forget_what_is_over(ctx: Context) -> None:
    await AuthService(ctx).forget_what_is_over()


JOBS = [Job(MAIL_TOKEN, mail_token), Job(MAIL_PASSWORD_CHANGED, mail_password_changed)]
PERIODICS = [Periodic("auth.forget_what_is_over", "17 * * * *", forget_what_is_over)]
