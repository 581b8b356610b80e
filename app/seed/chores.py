# ruff: noqa: E501 - A text is one line, as its author typed it.
"""What the demo's admin finds to do in the console: requests, reports, and comments that are held."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.admin.service import AdminService
from app.comment.schemas import CommentCreate
from app.comment.service import CommentWritingService
from app.core.keyset import PageRequest
from app.lounge_request.schemas import LoungeRequestCreate
from app.lounge_request.service import LoungeRequestService
from app.moderation.enums import CaseStatus, ReportReason, ReportTarget, Resolution
from app.moderation.schemas import ReportCreate, Resolve
from app.moderation.service import ModerationService
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.web.paging import DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class Wish:
    """A request for a lounge; with `refusal` it is rejected."""

    by: str
    name: str
    description: str
    reason: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report about a member, about a lounge, or about a member's latest post."""

    by: str
    about: ReportTarget
    key: str
    reason: ReportReason
    detail: str
    dismissed: str = ""


WISHES = (
    Wish("emi", "ホラー映画", "怖いものが苦手な人のための、怖くない感想の部屋。", "観られないけれど、話は聞きたいのです。", refusal="「映画」のラウンジでお話しいただけます。題名に【ホラー】と付けると見つけやすくなります。"),
    Wish("mika", "ベランダ菜園", "プランターひとつから。今日の収穫と、虫との戦いの記録。", "ガーデニングの部屋は花の話が多いので、野菜だけの場所がほしいです。"),
    Wish("emma", "日本語の勉強", "日本語を勉強している人と、教えるのが好きな人の部屋です。", "まちがいを直してもらえる場所がほしいです。"),
    Wish("pen", "夜行バスと夜行列車", "寝ているあいだに着く旅の話。", ""),
)  # fmt: skip
COMPLAINTS = (
    Complaint("nao", ReportTarget.LOUNGE, "run", ReportReason.OTHER, "ロードレースの話ばかりで、歩く人が入りにくいです。", dismissed="規約に反するものではありませんでした。"),
    Complaint("yuki", ReportTarget.POST, "toru", ReportReason.ABUSE, "決めつけるような言い方で、読んでいてつらくなりました。"),
    Complaint("emi", ReportTarget.POST, "toru", ReportReason.SPAM, ""),
    Complaint("hanako", ReportTarget.USER, "toru", ReportReason.ABUSE, "コメントのたびに絡まれます。ブロックしましたが、ほかの方も困っていると思います。"),
    Complaint("mika", ReportTarget.POST, "jun", ReportReason.PRIVACY, "画面に本名が写っているようです。"),
)  # fmt: skip
HELD = (
    ("taro", "jun", "ノートPCの電池、死ねるほど減りが早いですよね。予備の充電器を鞄に入れておくと安心です。"),
    ("mika", "sora", "くたばれ、花粉！ 空がきれいな日にかぎって目がかゆいです…"),
)  # fmt: skip
"""By whom, on whose latest post, and what. Harmless all of them: that is why somebody looks."""


class Chores:
    """By the services, so that all of it is as the app itself would have made it."""

    _comments = Needs(CommentWritingService)

    def __init__(
        self,
        ctx: Context,
        people: Mapping[str, Viewer],
        rooms: Mapping[str, UUID],
        latest_posts: Mapping[str, UUID],
    ) -> None:
        self._ctx = ctx
        self._people, self._rooms, self._latest_posts = people, rooms, latest_posts
        self._admin = AdminService(ctx, people["admin"], "127.0.0.1")
        self._requests, self._reports = (
            ctx.service(LoungeRequestService),
            ctx.service(ModerationService),
        )

    async def pile_up(self) -> None:
        for wish in WISHES:
            await self._wish(wish)
        for complaint in COMPLAINTS:
            await self._complain(complaint)
        for by, of, body in HELD:
            form = CommentCreate(body=body)
            await self._comments.write(self._people[by], self._latest_posts[of], form)

    async def _wish(self, wish: Wish) -> None:
        form = LoungeRequestCreate(name=wish.name, description=wish.description, reason=wish.reason)
        new = await self._requests.ask(self._people[wish.by], form)
        if wish.refusal:
            await self._admin.lounge_requests.reject(new.request.id, wish.refusal)

    async def _complain(self, complaint: Complaint) -> None:
        targets = {
            ReportTarget.LOUNGE: self._rooms,
            ReportTarget.POST: self._latest_posts,
            ReportTarget.USER: {key: viewer.user_id for key, viewer in self._people.items()},
        }
        form = ReportCreate(
            target_type=complaint.about,
            target_id=targets[complaint.about][complaint.key],
            reason=complaint.reason,
            detail=complaint.detail,
        )
        await self._reports.report(self._people[complaint.by], form)
        if complaint.dismissed:
            await self._dismiss(form.target_id, complaint.dismissed)

    async def _dismiss(self, target_id: UUID, note: str) -> None:
        first_page = PageRequest(DEFAULT_LIMIT, None, self._ctx.settings)
        cases = await self._admin.reports.list_cases(first_page, CaseStatus.OPEN)
        case = next(case for case in cases.items if case.target_id == target_id)
        resolve = Resolve(action=Resolution.DISMISS, note=note)
        await self._admin.reports.resolve(case.id, resolve)
