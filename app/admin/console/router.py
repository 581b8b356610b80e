"""`/admin`: the console. Each button is a form, and each form one act of a service."""

from fastapi import APIRouter

from app.admin.console import assets
from app.admin.console.pages import (
    entrance,
    held,
    jobs,
    log,
    lounges,
    pictures,
    reports,
    requests,
    settings,
    today,
    users,
    words,
)

router = APIRouter(include_in_schema=False)

for part in (
    *(assets, entrance, today, requests, reports, held, pictures),
    *(users, lounges, words, log, jobs, settings),
):
    router.include_router(part.router)
