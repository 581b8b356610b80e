"""`/reports`: reporting something to the moderators. They decide in `admin`."""

from fastapi import Response

from app.reports.exceptions import TargetNotFound
from app.reports.rows import Report
from app.reports.schemas import ReportCreate
from app.reports.service import ReportService
from app.user.dependencies import CurrentUser
from app.web.dependencies import Ctx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import raises
from app.web.responses import json_response
from app.web.routing import feature_router

router = feature_router("/reports", tags=["reports"], dependencies=[limited("write")])


@router.post(
    "",
    status_code=201,
    response_model=Report,
    responses={
        200: {
            "model": Report,
            "description": "Already reported and not decided yet: the first report",
        }
    },
)
@raises(TargetNotFound)
async def create_report(
    form: ReportCreate, ctx: Ctx, viewer: CurrentUser, once: Idempotent
) -> Response:
    """Report a post, a comment, a user or a lounge. The server keeps a copy of it.

    If the same user reports the same target again while the first report is open, the answer is
    that report (200). After the decision a new report opens a new case (201).
    """

    async def report() -> Response:
        made, is_new = await ctx.service(ReportService).report(viewer, form)
        return json_response(made, 201 if is_new else 200)

    return await once.run(ctx, report)
