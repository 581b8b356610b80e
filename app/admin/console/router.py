"""`/admin`: the console. Each button belongs to a form, and each form is one act of a service."""

from fastapi import APIRouter

from app.admin.console.pages import (
    announcements,
    appeals,
    assets,
    audit,
    held,
    jobs,
    lounge_requests,
    lounges,
    mfa,
    password,
    pictures,
    reports,
    settings,
    sign_in,
    today,
    users,
    words,
)

ROUTERS: list[APIRouter] = [
    page.router
    for page in (
        *(assets, sign_in, password, mfa, today, lounge_requests, reports, held, pictures),
        *(appeals, announcements, users, lounges, words, audit, jobs, settings),
    )
]
