"""`/reports`: reporting something to the moderators, and their decisions, made in `admin`."""

from fastapi import Response

from app.core.keyset import Page
from app.reports.exceptions import CannotReportSelf, TargetNotFound
from app.reports.rows import Report
from app.reports.schemas import ReportCreate
from app.reports.service import ReportService
from app.user.dependencies import CurrentUser
from app.web.dependencies import Ctx, ReadCtx
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import raises
from app.web.paging import PageQuery
from app.web.responses import json_response, page_response
from app.web.routing import feature_router

# Two routers, because reads and writes have different rate limits.
read = feature_router("/reports", tags=["reports"], dependencies=[limited("read")])
write = feature_router("/reports", tags=["reports"], dependencies=[limited("write")])


@read.get("", response_model=Page[Report])
async def list_own_reports(viewer: CurrentUser, ctx: ReadCtx, page: PageQuery) -> Response:
    """List the caller's own reports, newest first."""
    return page_response(await ctx.service(ReportService).list_own(viewer, page))


@write.post(
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
@raises(TargetNotFound, CannotReportSelf)
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
