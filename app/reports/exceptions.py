"""The errors of reports."""

from app.core.errors import Conflict, NotFound, Unprocessable
from app.core.texts import Text


class ReportNotFound(NotFound):
    """The report does not exist."""

    code = "report_not_found"
    title = Text("通報が見つかりません", "Report not found")
    detail = Text("その通報は存在しません。", "This report doesn't exist.")


class ReportResolved(Conflict):
    """The report was already resolved."""

    code = "already_resolved"
    title = Text("すでに対応済みです", "Already resolved")
    detail = Text(
        "この通報にはすでに対応が行われています。",
        "This report has already been resolved.",
    )


class NewerCase(Conflict):
    """The target was reported again after its case was resolved. The API never answers this."""

    code = "reported_again"
    title = Text("新しい通報があります", "Reported again")
    detail = Text(
        "その後に新しい通報があったため、取り消せません。新しい通報に対応してください。",
        "It has been reported again, so this can't be undone. Handle the new report instead.",
    )


class ActionNotPossible(Unprocessable):
    """This action does not exist for this type of target."""

    code = "action_not_possible"
    title = Text("この操作は選べません", "Action not available")
    detail = Text(
        "この種類の対象には、その処置を行えません。",
        "This action isn't available for this type of target.",
    )


class CannotReportSelf(Unprocessable):
    """A user can't report their own account or content."""

    code = "cannot_report_self"
    title = Text("自分は通報できません", "You can't report yourself")
    detail = Text(
        "自分自身や、自分が書いたものを通報することはできません。",
        "You can't report your own account or content.",
    )


class TargetNotFound(NotFound):
    """The reported thing does not exist, or the reporter may not see it."""

    code = "target_not_found"
    title = Text("対象が見つかりません", "Target not found")
    detail = Text(
        "通報の対象は存在しないか、表示できません。",
        "What you want to report doesn't exist or isn't available.",
    )
