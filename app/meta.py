"""`GET /meta`: limits, sign-in methods and links, for clients to read first."""

from typing import Literal

from fastapi import Request, Response
from pydantic import Field

from app.comment.schemas import BODY_LENGTH as COMMENT_LENGTH
from app.core.links import comment_url, lounge_url, post_url
from app.core.rate_limit import PER_ACCOUNT, PER_ADDRESS, PER_NEW_ACCOUNT, PER_USER, Quotas
from app.core.schemas import ResponseModel
from app.core.settings.app_links import google_play_url
from app.core.version import app_version
from app.integrations.identity import configured_providers
from app.integrations.pictures.renderer import MAX_PIXELS, MAX_SIDE
from app.integrations.pictures.sizes import FULL_EDGE
from app.post.schemas import BODY_LENGTH, MAX_IMAGES, TITLE_LENGTH
from app.user.rows import NICKNAME_LENGTH
from app.user.schemas import BIO_LENGTH
from app.web.limits import limited
from app.web.middleware import FILE_LIMIT, JSON_LIMIT
from app.web.paging import HIGHEST_LIMIT
from app.web.responses import json_response
from app.web.routing import feature_router
from app.web.runtime import runtime_of
from app.web.search import LONGEST_QUERY

IMAGE_TYPES = ["image/jpeg", "image/png", "image/webp", "image/heic"]


class RateQuota(ResponseModel):
    """At most `calls` in any window of `seconds` seconds."""

    calls: int
    seconds: int


class RateClass(ResponseModel):
    """How calls of one class are counted. An empty list means that nothing is counted that way.

    `per_user` is for callers who are signed in. `per_address` is for all others, and for all
    callers where `per_user` is empty. Guests count by both, except in reads. An IPv6 address counts
    as its /64; for `register` and `guest` as its /56, too, with four times the calls.
    `per_account` counts the sign-ins to one email address. `per_new_account` is for members whose
    account is younger than `new_account_hours`, in addition to all others.
    """

    per_user: list[RateQuota]
    per_address: list[RateQuota]
    per_account: list[RateQuota]
    per_new_account: list[RateQuota]


class Limits(ResponseModel):
    """Sizes in bytes, lengths in code points, rate limits by class (empty if they are off)."""

    json_bytes: int
    file_bytes: int
    image_pixels: int
    image_side: int
    image_side_kept: int
    image_types: list[str]
    images_per_post: int
    nickname_length: int
    bio_length: int
    title_length: int
    post_length: int
    comment_length: int
    query_length: int
    page_size: int
    new_account_hours: int = Field(
        description="For how many hours an account counts as new: it can't post links, can "
        "create five posts an hour, and is limited by `per_new_account`; 0 if never",
        examples=[24],
    )
    rate_limits: dict[str, RateClass]


class Terms(ResponseModel):
    """`version` is null if no terms are configured."""

    version: str | None
    url: str | None


class Contact(ResponseModel):
    email: str | None


class Legal(ResponseModel):
    privacy_url: str | None
    account_deletion_url: str | None


class Links(ResponseModel):
    """Pages for a browser. Replace the names in braces with ids."""

    lounge: str
    post: str
    comment: str
    app_store: str | None
    google_play: str | None


class Meta(ResponseModel):
    """What this server allows, offers and requires."""

    app_name: str = Field(description="What the app is called", examples=["猫の広場"])
    version: str = Field(description="The server's release", examples=["0.2.0"])
    limits: Limits
    providers: list[str]
    min_app_version: str
    terms: Terms
    contact: Contact
    legal: Legal
    links: Links
    sign_up: bool = Field(description="Whether new users can sign up")
    publish_needs: Literal["nothing", "verified_email"] = Field(
        description="What an account needs to publish: a confirmed email address, or a sign-in "
        "with LINE, Google or Apple"
    )
    app_check: Literal["off", "watch", "enforce"] = Field(
        description="Whether signing up and in requires a token of Firebase App Check: with "
        "`enforce` it does, with `watch` missing ones are only counted"
    )


def _quotas(quotas: Quotas) -> list[RateQuota]:
    return [RateQuota(calls=quota.calls, seconds=quota.seconds) for quota in quotas]


def _rate_limits() -> dict[str, RateClass]:
    return {
        name: RateClass(
            per_user=_quotas(PER_USER.get(name, ())),
            per_address=_quotas(PER_ADDRESS.get(name, ())),
            per_account=_quotas(PER_ACCOUNT.get(name, ())),
            per_new_account=_quotas(PER_NEW_ACCOUNT.get(name, ())),
        )
        for name in (*PER_ADDRESS, *PER_NEW_ACCOUNT)
    }


def published_limits(*, counts_calls: bool, new_account_hours: int = 0) -> Limits:
    return Limits(
        json_bytes=JSON_LIMIT,
        file_bytes=FILE_LIMIT,
        image_pixels=MAX_PIXELS,
        image_side=MAX_SIDE,
        image_side_kept=FULL_EDGE,
        image_types=IMAGE_TYPES,
        images_per_post=MAX_IMAGES,
        nickname_length=NICKNAME_LENGTH,
        bio_length=BIO_LENGTH,
        title_length=TITLE_LENGTH,
        post_length=BODY_LENGTH,
        comment_length=COMMENT_LENGTH,
        query_length=LONGEST_QUERY,
        page_size=HIGHEST_LIMIT,
        new_account_hours=new_account_hours if counts_calls else 0,
        rate_limits=_rate_limits() if counts_calls else {},
    )


router = feature_router(tags=["meta"], dependencies=[limited("read")])


@router.get("/meta", response_model=Meta)
async def get_meta(request: Request) -> Response:
    """Get limits, sign-in methods, the oldest app version that works, terms and contact."""
    runtime = runtime_of(request)
    settings = runtime.settings
    meta = Meta(
        app_name=settings.app_name,
        version=app_version(),
        limits=published_limits(
            counts_calls=runtime.limiter.enabled, new_account_hours=settings.new_account_hours
        ),
        providers=["email", *configured_providers(settings)],
        min_app_version=settings.min_app_version,
        terms=Terms(version=settings.terms_version, url=settings.terms_url),
        contact=Contact(email=settings.contact_email),
        legal=Legal(
            privacy_url=settings.privacy_url,
            account_deletion_url=f"{settings.base_url}/account/delete",
        ),
        links=Links(
            lounge=lounge_url(settings.base_url, "{lounge_id}"),
            post=post_url(settings.base_url, "{post_id}"),
            comment=comment_url(settings.base_url, "{post_id}", "{comment_id}"),
            app_store=settings.app_store_url,
            google_play=google_play_url(settings.android_apps),
        ),
        sign_up=settings.sign_up == "on",
        publish_needs=settings.needs_to_publish,
        app_check=settings.app_check,
    )
    return json_response(meta, headers={"Cache-Control": "public, max-age=300"})
