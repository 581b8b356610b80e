"""The usual way: FastAPI with response models, SQLAlchemy's ORM and `selectinload`.

As a tutorial shows it: a session for each request, objects in, a model out. It answers with fields
that Linky has too, by the same rules of who sees what. It has no limits, no banned words, no keys
and no jobs.
"""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

from app.comment.schemas import CommentCreate
from app.core.text import fold
from app.post.schemas import PostCreate
from bench.requests import usual_models as db
from bench.requests.cases import API, JWT_KEY


class Shown(BaseModel):
    """What is shown of an object. A field that Linky adds later is not added here."""

    model_config = {"from_attributes": True}


class Author(Shown):
    id: UUID | None
    nickname: str
    avatar_url: str | None


class LoungeRef(Shown):
    id: UUID
    name: str


class Image(Shown):
    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int
    blurhash: str


class Post(Shown):
    id: UUID
    lounge: LoungeRef
    author: Author
    title: str
    body: str
    images: list[Image]
    comment_count: int
    like_count: int
    liked: bool
    moderation: str
    created_at: datetime
    updated_at: datetime
    url: str
    watching: bool


class Comment(Shown):
    id: UUID
    post_id: UUID
    parent_id: UUID | None
    author: Author
    body: str
    created_at: datetime
    updated_at: datetime
    deleted: bool
    moderation: str
    reply_count: int
    url: str


class Lounge(Shown):
    id: UUID
    name: str
    description: str
    cover_url: str | None
    post_count: int
    favorite_count: int
    is_favorite: bool
    last_posted_at: datetime | None
    created_at: datetime
    closed: bool
    url: str
    has_new: bool
    notification_level: str


class Me(Shown):
    id: UUID
    email: str | None
    email_verified: bool
    nickname: str
    needs_nickname: bool
    bio: str
    avatar_url: str | None
    role: str
    is_guest: bool
    provider: str
    locale: str
    terms_version: str | None
    created_at: datetime
    may_publish: str


class Page[Item](Shown):
    items: list[Item]
    next_cursor: str | None


PAGE = 20
KEY = OctKey.import_key(JWT_KEY.partition(":")[2].encode())

router = APIRouter(prefix=API)


async def session_of_request(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
Session = Annotated[AsyncSession, Depends(session_of_request)]


async def current_user(bearer: Bearer) -> UUID:
    return UUID(jwt.decode(bearer.credentials, KEY).claims["sub"])


Viewer = Annotated[UUID, Depends(current_user)]

WITH_PARTS = (
    selectinload(db.Post.lounge),
    selectinload(db.Post.author),
    selectinload(db.Post.images),
)


def not_blocked(viewer: UUID, author: Any) -> ColumnElement[bool]:
    return ~exists().where(db.UserBlock.blocker_id == viewer, db.UserBlock.blocked_id == author)


def visible_to(viewer: UUID) -> ColumnElement[bool]:
    muted = exists().where(
        db.PostMute.user_id == viewer,
        db.PostMute.post_id == db.Post.id,
        db.Post.author_id != viewer,
    )
    return and_(
        db.Post.deleted_at.is_(None),
        db.Post.moderation == "visible",
        not_blocked(viewer, db.Post.author_id),
        ~muted,
    )


async def add_marks(session: AsyncSession, viewer: UUID, posts: Sequence[db.Post]) -> None:
    ids = [post.id for post in posts]
    likes, watches = [
        set(
            await session.scalars(
                select(table.post_id).where(table.user_id == viewer, table.post_id.in_(ids))
            )
        )
        for table in (db.PostLike, db.PostWatch)
    ]
    for post in posts:
        post.liked, post.watching = post.id in likes, post.id in watches


async def feed(session: AsyncSession, viewer: UUID, *conditions: ColumnElement[bool]) -> Any:
    query = select(db.Post).where(visible_to(viewer), *conditions).options(*WITH_PARTS)
    posts = (await session.scalars(query.order_by(db.Post.id.desc()).limit(PAGE + 1))).all()
    await add_marks(session, viewer, posts)
    return {"items": posts[:PAGE], "next_cursor": None}


async def find_post(session: AsyncSession, viewer: UUID, post_id: UUID) -> db.Post:
    query = select(db.Post).where(db.Post.id == post_id, visible_to(viewer)).options(*WITH_PARTS)
    post = await session.scalar(query)
    if post is None:
        raise HTTPException(404)
    return post


async def writer(session: AsyncSession, viewer: UUID) -> db.User:
    user = await session.get(db.User, viewer)
    if user is None:
        raise HTTPException(401)
    return user


def record(viewer: UUID, subject: str, subject_id: UUID) -> db.ConnectionRecord:
    return db.ConnectionRecord(
        user_id=viewer,
        act="created",
        subject_type=subject,
        subject_id=subject_id,
        address="10.0.0.1",
        port=40000,
    )


@router.get("/lounges/{lounge_id}/posts", response_model=Page[Post])
async def list_lounge_posts(lounge_id: UUID, viewer: Viewer, session: Session) -> Any:
    return await feed(session, viewer, db.Post.lounge_id == lounge_id)


@router.get("/posts", response_model=Page[Post])
async def list_posts(viewer: Viewer, session: Session) -> Any:
    return await feed(session, viewer)


@router.get("/posts/{post_id}", response_model=Post)
async def get_post(post_id: UUID, viewer: Viewer, session: Session) -> Any:
    post = await find_post(session, viewer, post_id)
    await add_marks(session, viewer, [post])
    return post


@router.get("/posts/{post_id}/comments", response_model=Page[Comment])
async def list_comments(post_id: UUID, viewer: Viewer, session: Session) -> Any:
    await find_post(session, viewer, post_id)
    query = select(db.Comment).where(
        db.Comment.post_id == post_id,
        db.Comment.parent_id.is_(None),
        db.Comment.moderation == "visible",
        not_blocked(viewer, db.Comment.author_id),
    )
    query = query.options(selectinload(db.Comment.author)).order_by(db.Comment.id).limit(PAGE + 1)
    comments = (await session.scalars(query)).all()
    return {"items": comments[:PAGE], "next_cursor": None}


@router.get("/lounges", response_model=Page[Lounge])
async def list_lounges(viewer: Viewer, session: Session) -> Any:
    query = select(db.Lounge).where(db.Lounge.closed_at.is_(None))
    query = query.order_by(db.Lounge.favorite_count.desc(), db.Lounge.id.desc()).limit(PAGE + 1)
    lounges = (await session.scalars(query)).all()
    await describe_for(session, viewer, lounges)
    return {"items": lounges[:PAGE], "next_cursor": None}


async def describe_for(session: AsyncSession, viewer: UUID, lounges: Sequence[db.Lounge]) -> None:
    ids = [lounge.id for lounge in lounges]
    favorites = select(db.Favorite.lounge_id).where(
        db.Favorite.user_id == viewer, db.Favorite.lounge_id.in_(ids)
    )
    subscriptions = select(db.Subscription).where(
        db.Subscription.user_id == viewer, db.Subscription.lounge_id.in_(ids)
    )
    views = select(db.RecentView, has_new_post(viewer)).where(
        db.RecentView.user_id == viewer, db.RecentView.lounge_id.in_(ids)
    )
    marked = set(await session.scalars(favorites))
    levels = {one.lounge_id: one.level for one in await session.scalars(subscriptions)}
    news = {view.lounge_id: is_new for view, is_new in await session.execute(views)}
    for lounge in lounges:
        lounge.is_favorite = lounge.id in marked
        lounge.notification_level = levels.get(lounge.id, "none")
        lounge.has_new = news.get(lounge.id, True)


def has_new_post(viewer: UUID) -> ColumnElement[bool]:
    """Whether the lounge of a RecentView has a post of someone else since that view."""
    return exists().where(
        db.Post.lounge_id == db.RecentView.lounge_id,
        db.Post.id > db.RecentView.id,
        db.Post.author_id != viewer,
        visible_to(viewer),
    )


@router.get("/users/me", response_model=Me)
async def get_me(viewer: Viewer, session: Session) -> Any:
    return await writer(session, viewer)


@router.post("/posts/{post_id}/comments", status_code=201, response_model=Comment)
async def create_comment(
    post_id: UUID, form: CommentCreate, viewer: Viewer, session: Session
) -> Any:
    author = await writer(session, viewer)
    post = await find_post(session, viewer, post_id)
    comment = db.Comment(post_id=post_id, author=author, body=form.body)
    session.add(comment)
    await session.flush()
    session.add(record(viewer, "comment", comment.id))
    if post.author_id != viewer:
        session.add(
            db.Notification(
                user_id=post.author_id,
                type="comment",
                actor_id=viewer,
                post_author_id=post.author_id,
                post_id=post_id,
                comment_id=comment.id,
                lounge_id=post.lounge_id,
                params={},
            )
        )
    post.comment_count = db.Post.comment_count + 1
    await session.commit()
    return comment


@router.post("/posts", status_code=201, response_model=Post)
async def create_post(form: PostCreate, viewer: Viewer, session: Session) -> Any:
    author = await writer(session, viewer)
    lounge = await session.get(db.Lounge, form.lounge_id)
    free = db.Image.unattached_since.is_not(None)
    query = select(db.Image).where(db.Image.id.in_(form.image_ids), db.Image.owner_id == viewer)
    images = (await session.scalars(query.where(free))).all()
    if lounge is None or len(images) != len(form.image_ids):
        raise HTTPException(422)
    folded = fold(f"{form.title}\n{form.body}")
    post = db.Post(
        lounge=lounge,
        author=author,
        title=form.title,
        body=form.body,
    )
    session.add(post)
    await session.flush()
    session.add(db.PostSearch(post_id=post.id, lounge_id=lounge.id, search_text=folded))
    for position, image in enumerate(images):
        session.add(db.PostImage(post_id=post.id, position=position, image_id=image.id))
        image.unattached_since = None
    session.add(record(viewer, "post", post.id))
    author.post_count = db.User.post_count + 1
    lounge.post_count = db.Lounge.post_count + 1
    lounge.last_posted_at = post.created_at
    await session.commit()
    return await find_post(session, viewer, post.id)


@router.put("/posts/{post_id}/like", status_code=204)
async def like_post(post_id: UUID, viewer: Viewer, session: Session) -> None:
    post = await find_post(session, viewer, post_id)
    if await session.get(db.PostLike, (viewer, post_id)) is None:
        session.add(db.PostLike(user_id=viewer, post_id=post_id))
        post.like_count = db.Post.like_count + 1
    await session.commit()


def make_app(url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = create_async_engine(url, pool_size=20, max_overflow=0)
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    return app


def main() -> None:
    port, url = sys.argv[1:]
    uvicorn.run(make_app(url), port=int(port), ws="none")


if __name__ == "__main__":
    main()
