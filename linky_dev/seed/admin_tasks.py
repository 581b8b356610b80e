# ruff: noqa: E501 - A text is one line, as its author typed it.
"""Work for the demo's admin in the console: lounge requests, reports and held comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.admin.service.admin import AdminService
from app.comment.schemas import CommentCreate
from app.comment.service.writing import CommentWritingService
from app.core.keyset import PageRequest
from app.lounge_request.schemas import LoungeRequestCreate
from app.lounge_request.service import LoungeRequestService
from app.reports.enums import CaseStatus, ReportReasonChoice, ReportTarget, Resolution
from app.reports.schemas import ReportCreate, Resolve
from app.reports.service import ReportService
from app.runtime.context import Context, Needs, Service
from app.user.policy import Viewer
from app.web.paging import DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """With `refusal` an admin rejects it."""

    by: str
    name: str
    description: str
    reason: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """A report about a member, about a lounge, or about a member's latest post."""

    by: str
    about: ReportTarget
    key: str
    reason: ReportReasonChoice
    detail: str
    dismissed: str = ""


REQUESTS = (
    DemoRequest("emi", "ホラー映画", "怖いものが苦手な人のための、怖くない感想の部屋。", "観られないけれど、話は聞きたいのです。", refusal="「映画」のラウンジでお話しいただけます。題名に【ホラー】と付けると見つけやすくなります。"),
    DemoRequest("mika", "ベランダ菜園", "プランターひとつから。今日の収穫と、虫との戦いの記録。", "ガーデニングの部屋は花の話が多いので、野菜だけの場所がほしいです。"),
    DemoRequest("emma", "日本語の勉強", "日本語を勉強している人と、教えるのが好きな人の部屋です。", "まちがいを直してもらえる場所がほしいです。"),
    DemoRequest("pen", "夜行バスと夜行列車", "寝ているあいだに着く旅の話。", ""),
)  # fmt: skip
REPORTS = (
    DemoReport("nao", ReportTarget.LOUNGE, "run", ReportReasonChoice.OTHER, "ロードレースの話ばかりで、歩く人が入りにくいです。", dismissed="規約に反するものではありませんでした。"),
    DemoReport("yuki", ReportTarget.POST, "toru", ReportReasonChoice.ABUSE, "決めつけるような言い方で、読んでいてつらくなりました。"),
    DemoReport("emi", ReportTarget.POST, "toru", ReportReasonChoice.SPAM, ""),
    DemoReport("hanako", ReportTarget.USER, "toru", ReportReasonChoice.ABUSE, "コメントのたびに絡まれます。ブロックしましたが、ほかの方も困っていると思います。"),
    DemoReport("mika", ReportTarget.POST, "jun", ReportReasonChoice.PRIVACY, "画面に本名が写っているようです。"),
    DemoReport("toru", ReportTarget.POST, "pen", ReportReasonChoice.VIOLENCE, "夜の山は危険です。写真を見て、まねをする人が出ます。"),
    DemoReport("toru", ReportTarget.POST, "nao", ReportReasonChoice.SPAM, "料理の自慢ばかりです。"),
    DemoReport("jun", ReportTarget.USER, "ken", ReportReasonChoice.IMPERSONATION, "よく似た名前と文章の方を、別の場所でも見かけました。ご本人でしょうか。"),
    DemoReport("sora", ReportTarget.LOUNGE, "film", ReportReasonChoice.OTHER, "結末を書く人がいます。ネタバレの決まりを説明に足してほしいです。"),
)  # fmt: skip
HELD_COMMENTS = (
    ("taro", "jun", "ノートPCの電池、死ねるほど減りが早いですよね。予備の充電器を鞄に入れておくと安心です。"),
    ("mika", "sora", "くたばれ、花粉！ 空がきれいな日にかぎって目がかゆいです…"),
    ("yuki", "hanako", "膝の上で寝られたら、かわいすぎて死ねる自信があります。"),
    ("ryo", "mika", "くたばれ、ナメクジ！ うちの紫陽花も毎晩かじられています。"),
)  # fmt: skip
"""Author, author of the post, and text. All are harmless, as false alarms of the word list are."""


class AdminTasks(Service):
    """Makes them through the services, so that they are as the app would have made them."""

    _comments = Needs(CommentWritingService)
    _requests = Needs(LoungeRequestService)
    _reports = Needs(ReportService)

    def __init__(
        self,
        ctx: Context,
        viewers: Mapping[str, Viewer],
        lounge_ids: Mapping[str, UUID],
        latest_post_ids: Mapping[str, UUID],
    ) -> None:
        super().__init__(ctx)
        self._viewers, self._lounge_ids = viewers, lounge_ids
        self._latest_post_ids = latest_post_ids
        self._admin = AdminService(ctx, viewers["admin"], "127.0.0.1")

    async def make(self) -> None:
        for request in REQUESTS:
            await self._request_lounge(request)
        for report in REPORTS:
            await self._report(report)
        for by, of, body in HELD_COMMENTS:
            form = CommentCreate(body=body)
            await self._comments.write(self._viewers[by], self._latest_post_ids[of], form)

    async def _request_lounge(self, wanted: DemoRequest) -> None:
        form = LoungeRequestCreate(
            name=wanted.name, description=wanted.description, reason=wanted.reason
        )
        new = await self._requests.ask(self._viewers[wanted.by], form)
        if wanted.refusal:
            await self._admin.lounge_requests.reject(new.id, wanted.refusal)

    async def _report(self, report: DemoReport) -> None:
        targets = {
            ReportTarget.LOUNGE: self._lounge_ids,
            ReportTarget.POST: self._latest_post_ids,
            ReportTarget.USER: {key: viewer.user_id for key, viewer in self._viewers.items()},
        }
        form = ReportCreate(
            target_type=report.about,
            target_id=targets[report.about][report.key],
            reason=report.reason,
            detail=report.detail,
        )
        await self._reports.report(self._viewers[report.by], form)
        if report.dismissed:
            await self._dismiss(form.target_id, report.dismissed)

    async def _dismiss(self, target_id: UUID, note: str) -> None:
        first_page = PageRequest.first(DEFAULT_LIMIT, self._ctx.settings)
        cases = await self._admin.reports.list_cases(first_page, CaseStatus.OPEN)
        case = next(case for case in cases.items if case.target_id == target_id)
        resolve = Resolve(action=Resolution.DISMISS, note=note)
        await self._admin.reports.resolve(case.id, resolve)
