"""Jobs: those that wait, and the dead ones, to be retried or dropped."""

from typing import Annotated

from fastapi import Path, Response

from app.admin.enums import TargetType
from app.admin.service.jobs import job_target
from app.console.acts import Act, carry_out
from app.console.console_request import ConsoleRequest, SignedInAdmin
from app.console.form import OwnForm
from app.console.pages.common import ACT, READ, ensure_verb, page_router
from app.console.refusals import Refusal
from app.runtime.context import Context

router = page_router()

JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_PAGE = "/admin/jobs"
_DONE = {"retry": "retried", "drop": "dropped"}


@router.get("/jobs", dependencies=READ)
async def show_jobs(console: SignedInAdmin) -> Response:
    return await _show(console)


async def _show(console: ConsoleRequest, refusal: Refusal | None = None) -> Response:
    async with console.reading() as admin:
        dead, waiting = await admin.jobs.list_dead(), await admin.jobs.sum_waiting()
    return console.show("jobs.html", refusal, items=dead, waiting=waiting)


@router.post("/jobs/{job_id}/{verb}", dependencies=ACT)
async def decide_job(console: SignedInAdmin, form: OwnForm, job_id: JobId, verb: str) -> Response:
    ensure_verb(verb, _DONE)

    async def decide(ctx: Context) -> None:
        jobs = console.service(ctx).jobs
        if verb == "retry":
            await jobs.retry(job_id)
        else:
            await jobs.drop(job_id)

    target = (TargetType.JOB, job_target(job_id))
    act = Act(decide, form, _PAGE, _DONE[verb], job_id, target)
    return await carry_out(console, act, _show)
