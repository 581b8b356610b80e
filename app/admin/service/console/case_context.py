"""What an admin looks at before they decide: the thread, the author, who reported it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.admin.repository.console.case_context import CaseContextRepository
from app.admin.rows import AuthorRow, NearComment, ReporterRow, SceneRow
from app.admin.service.part import AdminPart
from app.reports.enums import CaseStatus, ReportTarget
from app.reports.rows import CaseRow
from app.runtime.context import Needs
from app.user.enums import UserStatus
from app.user.rows import Author


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands beside a thing. Of each part None, or nothing, if the thing has none."""

    scene: SceneRow | None = None
    comments: Sequence[NearComment] = ()
    author: AuthorRow | None = None
    reporters: Sequence[ReporterRow] = ()


@dataclass(frozen=True, slots=True)
class LoungeOfCase:
    """A reported lounge as it is now, with what its version is made of."""

    id: UUID
    name: str
    description: str
    cover_url: str | None
    closed: bool


@dataclass(frozen=True, slots=True)
class OfCases:
    """What the cards of some cases need besides the cases, each by its id."""

    locales: dict[UUID, str]
    """The languages of authors."""

    suspended: dict[UUID, datetime | None]
    """Until when authors are suspended who are; None for good."""

    lounges: dict[UUID, LoungeOfCase]

    deciders: dict[UUID, Author]
    """Who decided, by the case."""

    written: dict[UUID, datetime]
    """When the posts and comments were written."""

    titles: dict[UUID, str]
    """The titles of the posts that comments are on, by the comment."""

    reported: set[UUID]
    """The cases in which the one who looks has made a report."""


class CaseContextAdmin(AdminPart):
    _context = Needs(CaseContextRepository)

    async def look_at_case(self, case: CaseRow) -> Surroundings:
        """In four statements. A reported user does not see who reported them, or why."""
        post_id = comment_id = None
        match case.target_type:
            case ReportTarget.POST:
                post_id = case.target_id
            case ReportTarget.COMMENT:
                comment_id = case.target_id
        around = await self._look_around(post_id, comment_id, case.author_id)
        if case.author_id == self._admin.user_id:
            return around
        reporters = await self._context.list_reporters(case.id, self._admin.user_id)
        return Surroundings(around.scene, around.comments, around.author, reporters)

    async def look_at_content(
        self, post_id: UUID | None, comment_id: UUID | None, author_id: UUID | None
    ) -> Surroundings:
        """At a post, or at a comment, in three statements."""
        return await self._look_around(post_id, comment_id, author_id)

    async def look_at_author(self, user_id: UUID | None) -> Surroundings:
        return await self._look_around(None, None, user_id)

    async def _look_around(
        self, post_id: UUID | None, comment_id: UUID | None, author_id: UUID | None
    ) -> Surroundings:
        scene, comments = None, list[NearComment]()
        if post_id is not None or comment_id is not None:
            scene = await self._context.find_scene(post_id, comment_id)
        if scene is not None:
            comments = await self._context.list_near(scene.id, comment_id)
        author = await self._context.find_author(author_id) if author_id else None
        return Surroundings(scene, sorted(comments, key=lambda each: each.place), author)

    async def get_of_cases(self, cases: Sequence[CaseRow]) -> OfCases:
        """In one statement."""
        authors = {case.author_id for case in cases if case.author_id is not None}
        lounges, posts, comments = (
            sorted({case.target_id for case in cases if case.target_type == kind})
            for kind in (ReportTarget.LOUNGE, ReportTarget.POST, ReportTarget.COMMENT)
        )
        decided = [case.id for case in cases if case.status == CaseStatus.RESOLVED]
        me, case_ids = self._admin.user_id, [case.id for case in cases]
        found = await self._context.get_things(
            case_ids, me, sorted(authors), lounges, decided, posts, comments
        )
        ends = {
            UUID(user["id"]): _moment(user["suspended_until"])
            for user in found.users
            if user["status"] == UserStatus.SUSPENDED
        }
        now = self._ctx.clock()
        return OfCases(
            {UUID(user["id"]): user["locale"] for user in found.users},
            {id_: until for id_, until in ends.items() if until is None or until > now},
            {
                UUID(each["id"]): LoungeOfCase(**{**each, "id": UUID(each["id"])})
                for each in found.lounges
            },
            {
                UUID(each["case_id"]): Author(UUID(each["id"]), each["nickname"], None)
                for each in found.deciders
            },
            {
                UUID(each["id"]): datetime.fromisoformat(each["at"])
                for each in (*found.posts, *found.comments)
            },
            {UUID(each["id"]): each["title"] for each in found.comments},
            {UUID(each["case_id"]) for each in found.reported},
        )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
