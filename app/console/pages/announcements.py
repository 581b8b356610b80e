"""Announcements: written, looked at, confirmed, listed and withdrawn."""

from fastapi import Response
from pydantic import ValidationError

from app.admin.enums import TargetType
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedInAdmin
from app.console.done_texts import Done
from app.console.form import Form, OwnForm
from app.console.pages.common import ACT, READ, page_router
from app.console.refusals import Refusal, refusal_of
from app.core.errors import ValidationFailed
from app.core.schemas import Id
from app.notification.schemas import AnnouncementCreate
from app.notification.service.announcements import MOST_COUNTED
from app.runtime.context import Context

router = page_router()

_PAGE = "/admin/announcements"
_NEW = "new"
"""The id of the form for a new announcement."""

_FIELDS = ("title_ja", "body_ja", "title_en", "body_en", "publish_at", "push")


@router.get("/announcements", dependencies=READ)
async def show_announcements(console: SignedInAdmin) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        found = await admin.announcements.list_page(console.page("/announcements"))
        withdrawn = await admin.announcements.list_withdrawn()
    placed = {"placed": True} if refusal is not None and refusal.element == _NEW else {}
    return console.show("announcements.html", refusal, found, withdrawn=withdrawn, **placed)


@router.post("/announcements/preview", dependencies=ACT)
async def preview(console: SignedInAdmin, form: OwnForm) -> Response:
    """Show it as a phone does, and how many it reaches. Nothing is written."""
    await console.load_frame()
    try:
        wanted = _wanted(form)
        async with console.reading() as admin:
            admin.announcements.ensure_in_time(wanted)
            audience = await admin.announcements.count_audience()
    except (ValidationError, ValidationFailed) as error:
        return await _show(console, refusal_of(console.request, error, form, _NEW, None))
    shown: dict[str, object] = {
        "wanted": wanted,
        "audience": audience,
        "form": form,
        "fields": _FIELDS,
    }
    shown["most"] = MOST_COUNTED
    return console.show("announcement.html", **shown)


@router.post("/announcements", dependencies=ACT)
async def announce(console: SignedInAdmin, form: OwnForm) -> Response:
    async def announce_it(ctx: Context) -> object:
        made = await console.service(ctx).announcements.announce(_wanted(form))
        return None if made.published else Done("scheduled")

    return await carry_out(console, Act(announce_it, form, _PAGE, "announced", _NEW), _show)


def _wanted(form: Form) -> AnnouncementCreate:
    """Raises ValidationError. An empty English text means no English."""
    texts = form.texts("title_ja", "body_ja", "title_en", "body_en")
    english = {name: texts[name] or None for name in ("title_en", "body_en")}
    push, at = form.text("push") == "on", form.text("publish_at")
    # The browser's field has no zone: the console's times are Japan's.
    when = {"publish_at": f"{at}:00+09:00"} if at else {}
    return AnnouncementCreate.model_validate({**texts, **english, "push": push, **when})


@router.post("/announcements/{announcement_id}/delete", dependencies=ACT)
async def delete_announcement(
    console: SignedInAdmin, form: OwnForm, announcement_id: Id
) -> Response:
    async def delete(ctx: Context) -> None:
        await console.service(ctx).announcements.delete(announcement_id)

    target = (TargetType.ANNOUNCEMENT, announcement_id)
    return await carry_out(
        console, Act(delete, form, _PAGE, "announcement_deleted", announcement_id, target), _show
    )
