"""What the worker does for auth."""

from app.auth.service.accounts import MAIL_PASSWORD_CHANGED, AccountService
from app.auth.service.addresses import MAIL_EMAIL_CHANGE, AddressService, EmailChangeToMail
from app.auth.service.clean_up import FORGET_MORE, CleanUpService, ForgetMore
from app.auth.service.closing import CLOSE_LAPSED, ClosingService
from app.auth.service.mailed_links import MAIL_TOKEN, MailedLinkService, TokenToMail
from app.auth.service.mfa import MfaService
from app.auth.service.notices import MAIL_NOTICE, MailNotice, NoticeService
from app.auth.service.pictures import ADOPT_PICTURE, AdoptPicture, PictureService
from app.auth.service.provider_tokens import (
    REDEEM_APPLE_CODE,
    REVOKE_PROVIDER_TOKEN,
    UNLINK_AT_LINE,
    AppleCode,
    KeptToken,
    ProviderTokenService,
)
from app.jobs.definitions import AboutUser, Job, Periodic
from app.runtime.context import Context

LINKS_AT_ONCE = 3
"""Mails with a link that all workers hand over at once: a person waits for each."""

MAX_CONCURRENT_CALLS = 1
"""Of each other kind that calls a mail server or a provider. One that hangs delays only these."""

APPLE_AT_ONCE = 2
"""Codes of Apple that are redeemed at once: each is good for five minutes."""

ATTEMPTS_IN_A_DAY = 400
"""More than a job makes in a day: the token's own end stops it, not the number of attempts."""


async def mail_token(ctx: Context, payload: TokenToMail) -> None:
    if payload.user_id is not None:
        await ctx.service(MailedLinkService).send(payload.user_id, payload.purpose)


async def mail_password_changed(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(AccountService).send_password_changed(payload.user_id)


async def mail_email_change(ctx: Context, payload: EmailChangeToMail) -> None:
    await ctx.service(AddressService).send(payload)


async def mail_notice(ctx: Context, payload: MailNotice) -> None:
    await ctx.service(NoticeService).send(payload)


async def adopt_picture(ctx: Context, payload: AdoptPicture) -> None:
    await ctx.service(PictureService).adopt(payload)


async def redeem_apple_code(ctx: Context, payload: AppleCode) -> None:
    await ctx.service(ProviderTokenService).redeem(payload)


async def revoke_provider_token(ctx: Context, payload: KeptToken) -> None:
    await ctx.service(ProviderTokenService).revoke(payload.token_id)


async def unlink_at_line(ctx: Context, payload: KeptToken) -> None:
    await ctx.service(ProviderTokenService).unlink(payload.token_id)


async def close_lapsed_emails(ctx: Context) -> None:
    await ctx.service(ClosingService).close_all_lapsed()


async def close_lapsed_email(ctx: Context, payload: AboutUser) -> None:
    await ctx.service(ClosingService).close_lapsed(payload.user_id)


async def forget_what_is_over(ctx: Context) -> None:
    await ctx.service(CleanUpService).forget_what_is_over()


async def forget_more(ctx: Context, payload: ForgetMore) -> None:
    await ctx.service(CleanUpService).forget_what_is_over(payload.after)


async def reseal_provider_tokens(ctx: Context) -> None:
    await ctx.service(ProviderTokenService).reseal()


async def reseal_totp_secrets(ctx: Context) -> None:
    await ctx.service(MfaService).reseal()


JOBS = [
    Job(MAIL_TOKEN, mail_token, only_waits=True, at_once=LINKS_AT_ONCE),
    Job(
        MAIL_PASSWORD_CHANGED, mail_password_changed, only_waits=True, at_once=MAX_CONCURRENT_CALLS
    ),
    Job(MAIL_EMAIL_CHANGE, mail_email_change, only_waits=True, at_once=MAX_CONCURRENT_CALLS),
    Job(MAIL_NOTICE, mail_notice, only_waits=True, at_once=MAX_CONCURRENT_CALLS),
    Job(ADOPT_PICTURE, adopt_picture, only_waits=True, at_once=MAX_CONCURRENT_CALLS),
    Job(REDEEM_APPLE_CODE, redeem_apple_code, only_waits=True, at_once=APPLE_AT_ONCE),
    Job(
        REVOKE_PROVIDER_TOKEN, revoke_provider_token, only_waits=True, at_once=MAX_CONCURRENT_CALLS
    ),
    Job(
        UNLINK_AT_LINE,
        unlink_at_line,
        max_attempts=ATTEMPTS_IN_A_DAY,
        only_waits=True,
        at_once=MAX_CONCURRENT_CALLS,
    ),
    Job(FORGET_MORE, forget_more),
    Job(CLOSE_LAPSED, close_lapsed_email),
]
PERIODICS = [
    Periodic("auth.close_lapsed_doors", "*/5 * * * *", close_lapsed_emails),
    Periodic("auth.forget_what_is_over", "17 * * * *", forget_what_is_over),
    Periodic("auth.reseal_provider_tokens", "*/10 * * * *", reseal_provider_tokens),
    Periodic("auth.reseal_totp_secrets", "5-59/10 * * * *", reseal_totp_secrets),
]
