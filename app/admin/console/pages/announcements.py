"""Announcements: written, listed and deleted."""

from fastapi import Response

from app.admin.console.acts import Act, carry_out
from app.admin.console.console_request import ConsoleRequest, SignedIn
from app.admin.console.form import Form, OwnForm
from app.admin.console.pages.common import ACT, READ, page_router
from app.admin.console.refusals import Refusal
from app.admin.enums import TargetType
from app.core.schemas import Id
from app.notification.schemas import AnnouncementCreate
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/announcements"
_NEW = "new"
"""The id of the form for a new announcement."""


@router.get("/announcements", dependencies=READ)
async def show_announcements(console: SignedIn) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        found = await admin.announcements.list_page(console.page())
    shown = {"items": found.items, "next": found.next_cursor}
    return console.show("announcements.html", refusal, **shown)


@router.post("/announcements", dependencies=ACT)
async def announce(console: SignedIn, form: OwnForm) -> Response:
    async def announce_it(ctx: Context) -> object:
        return await console.service(ctx).announcements.announce(_wanted(form))

    return await carry_out(console, Act(announce_it, form, _PAGE, "announced", _NEW), _show)


def _wanted(form: Form) -> AnnouncementCreate:
    """Raises ValidationError. An English text that was left empty is none."""
    texts = form.texts("title_ja", "body_ja", "title_en", "body_en")
    english = {name: texts[name] or None for name in ("title_en", "body_en")}
    push = form.text("push") == "on"
    return AnnouncementCreate.model_validate({**texts, **english, "push": push})


@router.post("/announcements/{announcement_id}/delete", dependencies=ACT)
async def delete_announcement(console: SignedIn, form: OwnForm, announcement_id: Id) -> Response:
    async def delete(ctx: Context) -> None:
        await console.service(ctx).announcements.delete(announcement_id)

    target = (TargetType.ANNOUNCEMENT, announcement_id)
    return await carry_out(
        console, Act(delete, form, _PAGE, "announcement_deleted", announcement_id, target), _show
    )
