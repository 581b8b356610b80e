"""`/admin`: the console. Each button belongs to a form, and each form is one act of a service."""

from fastapi import APIRouter

from app.admin.console.pages import (
    announcements,
    appeals,
    assets,
    audit,
    content,
    held,
    jobs,
    lounge_requests,
    lounges,
    mfa,
    password,
    pictures,
    reasons,
    reports,
    settings,
    sign_in,
    today,
    undo,
    users,
    words,
)

ROUTERS: list[APIRouter] = [
    page.router
    for page in (
        *(assets, sign_in, password, mfa, today, lounge_requests, reports, held, pictures, undo),
        *(appeals, announcements, content, users, lounges, words, reasons, audit, jobs, settings),
    )
]
