"""`GET /meta`: what a client should know before it asks for anything else."""

from fastapi import APIRouter, Request, Response

from app.auth.providers import configured_providers
from app.comment.schemas import BODY_LENGTH as COMMENT_LENGTH
from app.core.dependencies import limited
from app.core.middleware import FILE_LIMIT, JSON_LIMIT
from app.core.pagination import HIGHEST_LIMIT
from app.core.pictures import MAX_PIXELS
from app.core.responses import json_response
from app.core.runtime import runtime_of
from app.core.schemas import ResponseModel
from app.core.search import LONGEST_QUERY
from app.post.schemas import BODY_LENGTH, MOST_IMAGES, TITLE_LENGTH
from app.user.schemas import BIO_LENGTH, NICKNAME_LENGTH

IMAGE_TYPES = ["image/jpeg", "image/png", "image/webp", "image/heic"]


class Limits(ResponseModel):
    """Sizes in bytes, lengths in code points."""

    json_bytes: int
    file_bytes: int
    image_pixels: int
    image_types: list[str]
    images_per_post: int
    nickname_length: int
    bio_length: int
    title_length: int
    post_length: int
    comment_length: int
    query_length: int
    page_size: int


class Terms(ResponseModel):
    """`version` is null where no terms are configured."""

    version: str | None
    url: str | None


class Contact(ResponseModel):
    email: str | None


class Legal(ResponseModel):
    privacy_url: str | None
    account_deletion_url: str | None


class Meta(ResponseModel):
    """What this server allows, offers and asks for."""

    limits: Limits
    providers: list[str]
    min_app_version: str
    terms: Terms
    contact: Contact
    legal: Legal


LIMITS = Limits(
    json_bytes=JSON_LIMIT,
    file_bytes=FILE_LIMIT,
    image_pixels=MAX_PIXELS,
    image_types=IMAGE_TYPES,
    images_per_post=MOST_IMAGES,
    nickname_length=NICKNAME_LENGTH,
    bio_length=BIO_LENGTH,
    title_length=TITLE_LENGTH,
    post_length=BODY_LENGTH,
    comment_length=COMMENT_LENGTH,
    query_length=LONGEST_QUERY,
    page_size=HIGHEST_LIMIT,
)

router = APIRouter(tags=["meta"], dependencies=[limited("read")])


@router.get("/meta", response_model=Meta)
async def get_meta(request: Request) -> Response:
    """Limits, ways to sign in, the oldest app that works, terms and contact."""
    settings = runtime_of(request).settings
    meta = Meta(
        limits=LIMITS,
        providers=["email", *configured_providers(settings)],
        min_app_version=settings.min_app_version,
        terms=Terms(version=settings.terms_version, url=settings.terms_url),
        contact=Contact(email=settings.contact_email),
        legal=Legal(
            privacy_url=settings.privacy_url,
            account_deletion_url=f"{settings.base_url}/account/delete",
        ),
    )
    return json_response(meta, headers={"Cache-Control": "public, max-age=300"})
