"""The routers of all features."""

from fastapi import APIRouter

from app import meta
from app.account import router as account
from app.admin import router as admin
from app.auth import identity_router as identity
from app.auth import router as auth
from app.comment import router as comment
from app.image import router as image
from app.live import router as live
from app.lounge import router as lounge
from app.lounge_request import router as lounge_request
from app.notification import router as notification
from app.notification_delivery import router as notification_delivery
from app.post import router as post
from app.reports import router as reports
from app.suspension import router as suspension
from app.user import router as user

ROUTERS: list[APIRouter] = [
    auth.router,
    account.notifications,
    # Paths under /users/me come before /users/{user_id}: the first match wins.
    account.router,
    identity.router,
    user.read,
    user.write,
    image.router,
    image.write,
    image.read,
    lounge.read,
    lounge.write,
    post.read,
    post.write,
    comment.read,
    comment.write,
    notification_delivery.router,
    notification.read,
    notification.write,
    live.read,
    lounge_request.read,
    lounge_request.write,
    reports.read,
    reports.write,
    suspension.read,
    suspension.write,
    admin.router,
    admin.uploads,
    meta.router,
]
"""Everything under `/api/v1`."""
