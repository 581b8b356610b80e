"""`/admin`: the console. Each button belongs to a form, and each form is one act of a service."""

from fastapi import APIRouter

from app.console.pages import (
    announcements,
    appeals,
    assets,
    audit,
    content,
    exports,
    find,
    held,
    jobs,
    live,
    lounge_requests,
    lounges,
    mfa,
    password,
    pictures,
    reasons,
    reports,
    settings,
    sign_in,
    threads,
    today,
    undo,
    users,
    words,
)

ROUTERS: list[APIRouter] = [
    page.router
    for page in (
        *(assets, sign_in, password, mfa, today, lounge_requests, reports, held, pictures, undo),
        *(find, threads, appeals, announcements, content, users, lounges, words, reasons),
        *(audit, exports, jobs, settings, live),
    )
]
