"""`/admin`: what admins and moderators do. Each action is recorded in the audit log."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.admin.enums import HeldKind
from app.admin.exceptions import (
    AddressUnverified,
    LastAdmin,
    NotRegistered,
    OwnContent,
    TooLate,
)
from app.admin.rows import Stats
from app.admin.schemas import (
    AuditEntry,
    BannedWordsUpdate,
    HeldContent,
    LoungeCreate,
    LoungeUpdate,
    ManagedUser,
    ManagedUserUpdate,
    ModeratedComment,
    ModeratedPost,
    WithReason,
    managed_user_of,
)
from app.admin.service.admin import AdminService
from app.admin.service.content import ContentRef
from app.admin.service.finding import ContentFilter
from app.comment.exceptions import CommentNotFound
from app.comment.rows import ManagedComment
from app.core.errors import AlreadyDecided, NotFound
from app.core.keyset import Page
from app.core.schemas import Id, Line
from app.image.exceptions import PictureRefused
from app.integrations.pictures.renderer import InvalidImage, UnsupportedImage
from app.lounge.exceptions import LoungeNameTaken, LoungeNotFound
from app.lounge.rows import Lounge, ManagedLounge
from app.lounge_request.enums import RequestStatus
from app.lounge_request.exceptions import LoungeRequestNotFound
from app.lounge_request.rows import LoungeRequest
from app.notification.exceptions import AlreadyPublished, AnnouncementNotFound
from app.notification.rows import Announcement
from app.notification.schemas import AnnouncementCreate, AnnouncementUpdate
from app.post.enums import Moderation as ContentState
from app.post.exceptions import PostNotFound
from app.post.rows import ManagedPost
from app.reports.enums import CaseStatus
from app.reports.exceptions import ActionNotPossible, ReportNotFound, ReportResolved
from app.reports.rows import ReportOfCase
from app.reports.schemas import ReportCase, Resolve
from app.screening.rows import BannedWords
from app.suspension.enums import AppealStatus
from app.suspension.exceptions import AppealNotFound, OwnAppeal, WarnedAboutNotFound
from app.suspension.rows import GivenWarning
from app.suspension.schemas import AppealDecide, ManagedAppeal, Warn
from app.user.dependencies import CurrentAdmin, CurrentModerator
from app.user.enums import Role, UserStatus
from app.user.exceptions import UserNotFound
from app.web.dependencies import Ctx, SingleCtx, client_address
from app.web.idempotency import Idempotent
from app.web.limits import limited
from app.web.openapi import PICTURE, WITH_LOCATION, raises
from app.web.paging import PageQuery
from app.web.responses import (
    created_response,
    json_response,
    page_response,
    picture_response,
)
from app.web.routing import feature_router
from app.web.search import SEARCHING, SearchQuery
from app.web.uploads import REFUSALS, UPLOAD_BODY, uploaded_file

LONGEST_ADDRESS = 500

router = feature_router("/admin", tags=["admin"], dependencies=[limited("write")])
uploads = feature_router("/admin", tags=["admin"], dependencies=[limited("upload")])


async def _admin_service(request: Request, ctx: Ctx, admin: CurrentAdmin) -> AdminService:
    return AdminService(ctx, admin, client_address(request))


async def _admin_reads(request: Request, ctx: SingleCtx, admin: CurrentAdmin) -> AdminService:
    return AdminService(ctx, admin, client_address(request))


async def _moderator_service(
    request: Request, ctx: Ctx, moderator: CurrentModerator
) -> AdminService:
    return AdminService(ctx, moderator, client_address(request))


async def _moderator_reads(
    request: Request, ctx: SingleCtx, moderator: CurrentModerator
) -> AdminService:
    return AdminService(ctx, moderator, client_address(request))


Admin = Annotated[AdminService, Depends(_admin_service)]
"""For acts: in the request's transaction. A route's own `ctx` is the same one."""

AdminReads = Annotated[AdminService, Depends(_admin_reads)]
"""For reads: without a transaction, and from the primary, since an admin decides by them."""

Moderator = Annotated[AdminService, Depends(_moderator_service)]
ModeratorReads = Annotated[AdminService, Depends(_moderator_reads)]
"""The same, for moderators too. Whom they may act on, the services say."""


@router.get("/lounge-requests", response_model=Page[LoungeRequest])
async def list_all_lounge_requests(
    admin: ModeratorReads, page: PageQuery, status: Annotated[RequestStatus | None, Query()] = None
) -> Response:
    """All lounge requests, newest first."""
    requests = await admin.lounge_requests.list_page(page, status)
    return page_response(requests)


@router.post("/lounge-requests/{request_id}/approve", response_model=LoungeRequest)
@raises(LoungeRequestNotFound, AlreadyDecided, OwnContent, LoungeNameTaken)
async def approve_lounge_request(
    request_id: Id, admin: Moderator, ctx: Ctx, once: Idempotent
) -> Response:
    """Approve a request: create the lounge and notify the requester.

    If two admins decide at the same time, only one succeeds. You can't decide on your own request,
    unless there is no other active admin. Moderators can't decide on an admin's request.
    """

    async def approve() -> Response:
        approved = await admin.lounge_requests.approve(request_id)
        return json_response(approved)

    return await once.run(ctx, approve)


@router.post("/lounge-requests/{request_id}/reject", response_model=LoungeRequest)
@raises(LoungeRequestNotFound, AlreadyDecided, OwnContent)
async def reject_lounge_request(request_id: Id, admin: Moderator, body: WithReason) -> Response:
    """Reject a request, and notify the requester of the reason.

    The rules of `approve` for your own and an admin's requests apply.
    """
    rejected = await admin.lounge_requests.reject(request_id, body.reason)
    return json_response(rejected)


@router.get("/users", response_model=Page[ManagedUser], dependencies=[SEARCHING])
async def list_users(
    admin: ModeratorReads,
    ctx: SingleCtx,
    page: PageQuery,
    q: SearchQuery = None,
    role: Annotated[Role | None, Query()] = None,
    status: Annotated[UserStatus | None, Query()] = None,
) -> Response:
    """All users, newest first.

    `q` matches parts of nicknames and email addresses, or an id. For moderators it doesn't search
    addresses, and addresses are masked.
    """
    users = await admin.users.list_page(page, q, role, status)
    now = ctx.clock()
    return page_response(
        users.map(lambda user: managed_user_of(user, admin.viewer, ctx.settings, now))
    )


@router.get("/users/{user_id}", response_model=ManagedUser)
@raises(UserNotFound)
async def get_managed_user(user_id: Id, admin: ModeratorReads, ctx: SingleCtx) -> Response:
    """A user, as admins see them."""
    user = await admin.users.get(user_id)
    return json_response(managed_user_of(user, admin.viewer, ctx.settings, ctx.clock()))


@router.patch("/users/{user_id}", response_model=ManagedUser)
@raises(UserNotFound, LastAdmin, NotRegistered, AddressUnverified, TooLate)
async def change_user(
    user_id: Id, admin: Moderator, ctx: Ctx, changes: ManagedUserUpdate
) -> Response:
    """Suspend or restore a user, or change their role.

    Changes take effect immediately, for issued tokens too. A suspension with `until`, at most ten
    years ahead, ends automatically. `suspended` again without `until` keeps the end of a running
    suspension; `permanent: true` removes it. With `hide_content` a job hides all posts and comments
    of the user. Exactly these are unhidden when the suspension ends.

    Moderators can't assign roles, or change moderators and admins. To become a moderator or an
    admin, a user needs a confirmed email address, or signs in with LINE, Google or Apple.
    """
    user = await admin.users.change(user_id, changes)
    return json_response(managed_user_of(user, admin.viewer, ctx.settings, ctx.clock()))


@router.post(
    "/users/{user_id}/warn",
    status_code=201,
    response_model=GivenWarning,
    responses={
        200: {"model": GivenWarning, "description": "Sent twice within a minute: the first warning"}
    },
)
@raises(UserNotFound, WarnedAboutNotFound)
async def warn_user(
    user_id: Id, admin: Moderator, ctx: Ctx, form: Warn, once: Idempotent
) -> Response:
    """Warn a user. They will see the reason, and can appeal.

    A post or comment that the warning names must be the user's. Moderators can't warn moderators
    or admins. The same warning by the same admin within a minute returns the first one (200).
    """

    async def warn() -> Response:
        warning, is_new = await admin.users.warn(user_id, form)
        return json_response(warning, 201 if is_new else 200)

    return await once.run(ctx, warn)


@router.get("/appeals", response_model=Page[ManagedAppeal])
async def list_all_appeals(
    admin: ModeratorReads, page: PageQuery, status: Annotated[AppealStatus | None, Query()] = None
) -> Response:
    """All appeals, oldest first."""
    appeals = await admin.appeals.list_page(page, status)
    return page_response(appeals.map(ManagedAppeal.model_validate))


@router.post("/appeals/{appeal_id}/decide", response_model=ManagedAppeal)
@raises(AppealNotFound, OwnAppeal, AlreadyDecided, LastAdmin, NotRegistered, UserNotFound)
async def decide_appeal(appeal_id: Id, admin: Moderator, form: AppealDecide) -> Response:
    """Decide on an appeal, and notify the user.

    `overturn` reverses the decision: hidden content is unhidden, a warning is withdrawn, a
    suspension ends. If two admins decide at the same time, only one succeeds. You can't decide on
    your own appeal. Moderators can't decide on a moderator's or an admin's appeal against a warning
    or a suspension.
    """
    appeal = await admin.appeals.decide(appeal_id, form)
    return json_response(ManagedAppeal.model_validate(appeal))


@router.post("/announcements", status_code=201, response_model=Announcement)
@raises(TooLate)
async def make_announcement(
    form: AnnouncementCreate, admin: Admin, ctx: Ctx, once: Idempotent
) -> Response:
    """Publish an announcement to everyone's notifications.

    With `publish_at`, at most ten years ahead, it is published then, within seconds. It gets a new
    id at that time; the old one can still be used to delete it.
    """

    async def announce() -> Response:
        made = await admin.announcements.announce(form)
        return json_response(made, 201)

    return await once.run(ctx, announce)


@router.get("/announcements", response_model=Page[Announcement])
async def list_announcements(admin: AdminReads, page: PageQuery) -> Response:
    """All announcements, published and scheduled, newest first."""
    announcements = await admin.announcements.list_page(page)
    return page_response(announcements)


@router.patch("/announcements/{announcement_id}", response_model=Announcement)
@raises(AnnouncementNotFound, AlreadyPublished, TooLate)
async def change_announcement(
    announcement_id: Id, admin: Admin, changes: AnnouncementUpdate
) -> Response:
    """Change a scheduled announcement, until it is published."""
    return json_response(await admin.announcements.change(announcement_id, changes))


@router.delete("/announcements/{announcement_id}", status_code=204)
@raises(AnnouncementNotFound)
async def delete_announcement(announcement_id: Id, admin: Admin) -> None:
    """Withdraw an announcement, published or scheduled."""
    await admin.announcements.delete(announcement_id)


@router.post("/lounges", status_code=201, response_model=Lounge, responses=WITH_LOCATION)
@raises(LoungeNameTaken)
async def open_lounge(form: LoungeCreate, admin: Admin, ctx: Ctx, once: Idempotent) -> Response:
    """Create a lounge."""

    async def open_it() -> Response:
        lounge = await admin.lounges.open(form)
        return created_response(lounge, f"/api/v1/lounges/{lounge.id}")

    return await once.run(ctx, open_it)


@router.get("/lounges", response_model=Page[ManagedLounge], dependencies=[SEARCHING])
async def list_all_lounges(
    admin: AdminReads,
    page: PageQuery,
    q: SearchQuery = None,
    closed: Annotated[
        bool | None, Query(description="`true`: only closed lounges; `false`: only open ones")
    ] = None,
) -> Response:
    """All lounges, including closed ones, newest first."""
    return page_response(await admin.lounges.list_page(page, q, closed))


@router.patch("/lounges/{lounge_id}", response_model=Lounge)
@raises(LoungeNotFound, LoungeNameTaken)
async def change_lounge(lounge_id: Id, admin: Admin, changes: LoungeUpdate) -> Response:
    """Change a lounge's name or description."""
    return json_response(await admin.lounges.change(lounge_id, changes))


@uploads.put("/lounges/{lounge_id}/cover", response_model=Lounge, openapi_extra=UPLOAD_BODY)
@raises(*REFUSALS, UnsupportedImage, InvalidImage, PictureRefused, LoungeNotFound)
async def change_lounge_cover(
    request: Request, lounge_id: Id, admin: Admin, ctx: Ctx, viewer: CurrentAdmin
) -> Response:
    """Set a lounge's cover image. The previous one is deleted."""
    async with uploaded_file(request, ctx, viewer.user_id) as file:
        return json_response(await admin.lounges.change_cover(lounge_id, file))


@router.delete("/lounges/{lounge_id}/cover", response_model=Lounge)
@raises(LoungeNotFound)
async def remove_lounge_cover(lounge_id: Id, admin: Admin) -> Response:
    """Remove a lounge's cover image, if it has one."""
    return json_response(await admin.lounges.remove_cover(lounge_id))


@router.delete("/lounges/{lounge_id}", status_code=204)
@raises(LoungeNotFound)
async def close_lounge(lounge_id: Id, admin: Admin) -> None:
    """Close a lounge. Its posts stay readable; no posts or comments can be added."""
    await admin.lounges.close(lounge_id)


@router.post("/lounges/{lounge_id}/reopen", response_model=Lounge)
@raises(LoungeNotFound)
async def reopen_lounge(lounge_id: Id, admin: Admin) -> Response:
    """Reopen a closed lounge: posts and comments can be added again.

    An open lounge stays as it is.
    """
    return json_response(await admin.lounges.reopen(lounge_id))


async def _content_filter(
    q: Annotated[
        Annotated[str, Line(1, LONGEST_ADDRESS)] | None,
        Query(description="Words that must all occur, an id, or the URL of a link"),
    ] = None,
    author_id: Annotated[Id | None, Query()] = None,
    lounge_id: Annotated[Id | None, Query()] = None,
    moderation: Annotated[ContentState | None, Query()] = None,
) -> ContentFilter:
    return ContentFilter(q, author_id, lounge_id, moderation)


SearchTerms = Annotated[ContentFilter, Depends(_content_filter)]


@router.get("/posts", response_model=Page[ManagedPost], dependencies=[SEARCHING])
async def find_posts(admin: ModeratorReads, page: PageQuery, sought: SearchTerms) -> Response:
    """All posts that aren't deleted, including hidden and held ones, newest first."""
    return page_response(await admin.finding.list_posts(page, sought))


@router.get("/comments", response_model=Page[ManagedComment], dependencies=[SEARCHING])
async def find_comments(admin: ModeratorReads, page: PageQuery, sought: SearchTerms) -> Response:
    """All comments that aren't deleted, including hidden and held ones, newest first.

    A search starts with the newest ones: a page may be empty and still have a cursor.
    """
    return page_response(await admin.finding.list_comments(page, sought))


@router.get("/posts/{post_id}", response_model=ModeratedPost)
@raises(PostNotFound)
async def get_managed_post(post_id: Id, admin: ModeratorReads) -> Response:
    """A post in any state but deleted, with the last decision about it."""
    return json_response(await admin.content.get_post(post_id))


@router.get("/comments/{comment_id}", response_model=ModeratedComment)
@raises(CommentNotFound)
async def get_managed_comment(comment_id: Id, admin: ModeratorReads) -> Response:
    """A comment in any state but deleted, with the last decision about it."""
    return json_response(await admin.content.get_comment(comment_id))


@router.post("/posts/{post_id}/hide", status_code=204)
@raises(PostNotFound)
async def hide_post(post_id: Id, admin: Moderator, body: WithReason) -> None:
    """Hide a post, and notify its author of the reason.

    Moderators can't hide an admin's content.
    """
    await admin.content.hide(ContentRef(HeldKind.POST, post_id), body.reason)


@router.post("/posts/{post_id}/restore", status_code=204)
@raises(PostNotFound, OwnContent)
async def restore_post(post_id: Id, admin: Moderator, body: WithReason) -> None:
    """Unhide a hidden post, or release one that is held for review.

    While a suspension hides all content of its author, it stays hidden. It becomes visible, and
    notifications go out, when the suspension ends.

    You can't restore your own content, unless there is no other active admin. Moderators can't
    restore an admin's content.
    """
    await admin.content.restore(ContentRef(HeldKind.POST, post_id), body.reason)


@router.post("/comments/{comment_id}/hide", status_code=204)
@raises(CommentNotFound, PostNotFound)
async def hide_comment(comment_id: Id, admin: Moderator, body: WithReason) -> None:
    """Hide a comment, and notify its author of the reason.

    Moderators can't hide an admin's content.
    """
    await admin.content.hide(ContentRef(HeldKind.COMMENT, comment_id), body.reason)


@router.post("/comments/{comment_id}/restore", status_code=204)
@raises(CommentNotFound, PostNotFound, OwnContent)
async def restore_comment(comment_id: Id, admin: Moderator, body: WithReason) -> None:
    """Unhide a hidden comment, or release one that is held for review.

    While a suspension hides all content of its author, it stays hidden. It becomes visible, and
    notifications go out, when the suspension ends.

    You can't restore your own content, unless there is no other active admin. Moderators can't
    restore an admin's content.
    """
    await admin.content.restore(ContentRef(HeldKind.COMMENT, comment_id), body.reason)


@router.get(
    "/pictures",
    response_class=Response,
    responses=PICTURE,
)
@raises(NotFound)
async def get_picture(
    admin: ModeratorReads,
    url: Annotated[str, Query(max_length=2000, description="As in `snapshot.images` of a report")],
) -> Response:
    """An image by its public URL, even while its post is hidden."""
    return picture_response(await admin.content.read_picture(url))


@router.get("/held-content", response_model=Page[HeldContent])
async def list_held_content(admin: ModeratorReads, page: PageQuery) -> Response:
    """Posts and comments held for review, oldest first."""
    return page_response((await admin.content.list_held(page)).map(HeldContent.model_validate))


@router.get("/reports", response_model=Page[ReportCase])
async def list_reports(
    admin: ModeratorReads, page: PageQuery, status: Annotated[CaseStatus, Query()] = CaseStatus.OPEN
) -> Response:
    """The review queue: one case per target, most severe first, then oldest first.

    For a case about the caller, `details` is empty. A case whose severity changes while you page
    may appear twice or not at all: drop duplicates by id.
    """
    cases = await admin.reports.list_cases(page, status)
    return page_response(cases.map(ReportCase.model_validate))


@router.get("/reports/{report_id}/reports", response_model=Page[ReportOfCase])
@raises(ReportNotFound)
async def list_reports_of_case(report_id: Id, admin: ModeratorReads, page: PageQuery) -> Response:
    """The reports of a case, oldest first, each with what its reporter saw.

    For a case about the caller, `detail` is empty.
    """
    reports = await admin.reports.list_reports_of(report_id, page)
    return page_response(reports)


@router.post("/reports/{report_id}/resolve", response_model=ReportCase)
@raises(
    ReportNotFound,
    ReportResolved,
    ActionNotPossible,
    PostNotFound,
    CommentNotFound,
    UserNotFound,
    LastAdmin,
    NotRegistered,
    OwnContent,
    TooLate,
)
async def resolve_report(report_id: Id, admin: Moderator, form: Resolve) -> Response:
    """Close all open reports on a target, and notify the reporters.

    `suspend` takes `until`, `permanent` and `hide_content` as `PATCH /admin/users/{user_id}` does.

    Moderators can't suspend moderators or admins, or resolve a case about an admin or an admin's
    content. You can't resolve a case about yourself or your own content, or one that you reported,
    unless there is no other active admin.
    """
    case = await admin.reports.resolve(report_id, form)
    return json_response(ReportCase.model_validate(case))


@router.get("/banned-words", response_model=BannedWords)
async def list_banned_words(admin: AdminReads) -> Response:
    """The banned words and their exceptions."""
    return json_response(await admin.banned_words.get_list())


@router.put("/banned-words", response_model=BannedWords)
async def replace_banned_words(admin: Admin, form: BannedWordsUpdate) -> Response:
    """Replace the banned words.

    Screening ignores width, case, kana type, and symbols between letters.
    Posts and comments that contain one are held; nicknames and bios can't contain one. A job opens
    a case about each user whose nickname does.
    """
    return json_response(await admin.banned_words.replace(form))


@router.get("/stats", response_model=Stats)
async def get_stats(admin: AdminReads) -> Response:
    """Statistics of the last 30 days: activity, retention, and time to decision."""
    return json_response(await admin.overview.read_stats())


@router.get("/audit-log", response_model=Page[AuditEntry])
async def list_audit_log(admin: ModeratorReads, page: PageQuery) -> Response:
    """The audit log, newest first."""
    return page_response((await admin.audit.list_page(page)).map(AuditEntry.model_validate))
