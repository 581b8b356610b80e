"""The counted columns of reports. Only open cases keep their count."""

from sqlalchemy import func, select

from app.core.counts import Count
from app.reports.enums import CaseStatus
from app.reports.models import Report, ReportCase

_REPORTS = select(func.count()).where(Report.case_id == ReportCase.id).correlate(ReportCase)

COUNTS = [
    Count(
        ReportCase,
        "report_count",
        _REPORTS.scalar_subquery(),
        ReportCase.status == CaseStatus.OPEN,
    )
]
