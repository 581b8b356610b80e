"""Taking the last act back."""

from fastapi import Response

from app.console.console_request import SignedIn
from app.console.form import OwnForm
from app.console.gate import PATH
from app.console.pages.common import ACT, page_router
from app.core.schemas import Id

router = page_router()


@router.post("/undo/{act_id}", dependencies=ACT)
async def undo(console: SignedIn, form: OwnForm, act_id: Id) -> Response:
    """Safe to send twice: the second time it does nothing."""
    async with console.transaction() as ctx:
        await console.service(ctx).undo.take_back(act_id)
    return console.back_to(_page_of(form.text("page")), "undone", form.following)


def _page_of(path: str) -> str:
    """The page that the form was on. The address of another place leads to the first page."""
    is_ours = path.startswith(f"{PATH}/") and path.isascii() and not set(path) & set("?#\\")
    return path if is_ours else PATH
