"""The network is cut in each creating call: nothing is made twice, and the user stays signed in."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from linky_client import SignedIn, Upload, enums, models, problems

from tests.client.users import PASSWORD, Join, Place, User
from tests.support import photos
from tests.support.proxy import Cut

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Creating:
    """A creating call: what it sends, which rows it makes, and which row proves it."""

    request: str
    make: Callable[[User, str], Awaitable[str]]
    """Gets a lounge or a post, as the request needs; returns the new thing's id."""
    table: str
    owner: str
    needs_post: bool = False


async def post(user: User, lounge_id: str) -> str:
    form = models.PostCreate(lounge_id=lounge_id, title="題", body="本文")
    return (await user.client.posts.create_post(form)).id


async def comment(user: User, post_id: str) -> str:
    form = models.CommentCreate(body="言葉")
    return (await user.client.comments.create_comment(post_id, form)).id


async def lounge_request(user: User, _: str) -> str:
    form = models.LoungeRequestCreate(
        name=f"新しい部屋{secrets.token_hex(4)}", description="何の部屋か", reason=""
    )
    return (await user.client.lounge_requests.create_lounge_request(form)).id


async def report(user: User, lounge_id: str) -> str:
    form = models.ReportCreate(
        target_type=enums.ReportTargetChoice.LOUNGE,
        target_id=lounge_id,
        reason=enums.ReportReasonChoice.OTHER,
        detail="",
    )
    return (await user.client.reports.create_report(form)).id


async def image(user: User, _: str) -> str:
    return (await user.client.images.upload_image(Upload(photos.jpeg()))).id


CREATING = {
    "post": Creating("POST /api/v1/posts", post, "posts", "author_id"),
    "comment": Creating("POST /api/v1/posts/{}/comments", comment, "comments", "author_id", True),
    "lounge request": Creating(
        "POST /api/v1/lounge-requests", lounge_request, "lounge_requests", "requester_id"
    ),
    "report": Creating("POST /api/v1/reports", report, "reports", "reporter_id"),
    "image": Creating("POST /api/v1/images", image, "images", "owner_id"),
}


@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("creating", CREATING.values(), ids=CREATING)
async def test_a_creating_call_that_is_cut_makes_one(
    place: Place, join: Join, creating: Creating, cut: Cut
) -> None:
    user, target = await join(), await place.lounge()
    if creating.needs_post:
        target = await post(user, target)
    request = creating.request.format(target)
    place.proxy.reset()
    place.proxy.cut(request, cut)

    made = await creating.make(user, target)

    assert place.proxy.all_were_cut()
    assert place.proxy.count(request) == (1 if cut == Cut.BEFORE else 2)
    rows = await place.sql(
        f"SELECT id FROM {creating.table} WHERE {creating.owner} = $1", user.me.id
    )
    assert [str(row["id"]) for row in rows] == [made]
    assert isinstance(user.client.session.state, SignedIn)
    assert not user.was_signed_out()


@pytest.mark.parametrize("cut", list(Cut))
async def test_an_admins_lounge_that_is_cut_is_one(place: Place, join: Join, cut: Cut) -> None:
    admin = await join()
    await place.sql("UPDATE users SET role = 'admin' WHERE id = $1", admin.me.id)
    await admin.client.session.refresh()
    name = f"運営の部屋{secrets.token_hex(4)}"
    place.proxy.cut("POST /api/v1/admin/lounges", cut)
    await admin.client.admin.open_lounge(models.LoungeCreate(name=name, description="何の部屋か"))
    assert place.proxy.all_were_cut()
    assert await place.count("lounges", "name = $1", name) == 1


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_registration_that_is_cut_makes_one_account(place: Place, cut: Cut) -> None:
    client = place.client()
    email = f"r-{secrets.token_hex(4)}@example.com"
    place.proxy.cut("POST /api/v1/auth/register", cut)
    form = models.Register(email=email, nickname="花子", password=PASSWORD)
    me = await client.session.register(form)
    assert place.proxy.all_were_cut()
    assert await place.count("users", "id = $1", me.id) == 1
    assert await place.count("users", "email = $1", email) == 1
    assert (await client.users.get_me()).email == email


async def test_an_address_that_another_has_is_refused_also_after_a_cut(
    place: Place, join: Join
) -> None:
    """The password tells one's own account, whose answer was lost, from another's."""
    other = await join()
    client = place.client()
    place.proxy.cut("POST /api/v1/auth/register", Cut.AFTER)
    form = models.Register(email=other.form.email, nickname="花子", password=PASSWORD + "x")
    with pytest.raises(Exception, match="email_taken"):
        await client.session.register(form)


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_delete_that_is_cut_succeeds(place: Place, join: Join, cut: Cut) -> None:
    """After a lost answer the second attempt finds nothing, which is what was wanted."""
    user = await join()
    made = await post(user, await place.lounge())
    place.proxy.cut(f"DELETE /api/v1/posts/{made}", cut)
    await user.client.posts.delete_post(made)
    assert place.proxy.all_were_cut()
    with pytest.raises(Exception, match="post_not_found"):
        await user.client.posts.delete_post(made)


@pytest.mark.parametrize("cut", list(Cut))
async def test_an_edit_with_a_tag_that_is_cut_arrives(place: Place, join: Join, cut: Cut) -> None:
    """The second attempt carries the tag of before the first: what is there tells it apart."""
    user = await join()
    posts, made = user.client.posts, await post(user, await place.lounge())
    path = f"/api/v1/posts/{made}"
    await posts.get_post(made)
    place.proxy.cut(f"PATCH {path}", cut)
    tag = user.client.transport.etag_of(path)
    changed = await posts.update_post(made, models.PostUpdate(title=" 新しい題 "), if_match=tag)
    assert place.proxy.all_were_cut()
    assert changed.title == "新しい題"
    picture = await image(user, "")
    place.proxy.cut(f"PUT {path}/images", cut)
    tag = user.client.transport.etag_of(path)  # Of the edit before.
    form = models.PostImages(image_ids=(picture,))
    assert [
        one.id for one in (await posts.replace_post_images(made, form, if_match=tag)).images
    ] == [picture]


async def test_an_edit_with_a_tag_that_is_cut_is_refused_if_another_was_faster(
    place: Place, join: Join
) -> None:
    user = await join()
    posts, made = user.client.posts, await post(user, await place.lounge())
    await posts.get_post(made)
    tag = user.client.transport.etag_of(f"/api/v1/posts/{made}")
    await posts.update_post(made, models.PostUpdate(title="よその題"))
    place.proxy.cut(f"PATCH /api/v1/posts/{made}", Cut.AFTER)
    with pytest.raises(problems.PreconditionFailedProblem):
        await posts.update_post(made, models.PostUpdate(title="私の題"), if_match=tag)
    assert (await posts.get_post(made)).title == "よその題"


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_withdrawal_that_is_cut_succeeds(place: Place, join: Join, cut: Cut) -> None:
    user = await join()
    made, requests = await lounge_request(user, ""), user.client.lounge_requests
    place.proxy.cut(f"DELETE /api/v1/lounge-requests/{made}", cut)
    await requests.withdraw_lounge_request(made)
    assert place.proxy.all_were_cut()
    assert (await requests.get_lounge_request(made)).status.value == "withdrawn"


async def test_a_withdrawal_that_is_cut_is_refused_if_an_admin_was_faster(
    place: Place, join: Join
) -> None:
    user = await join()
    made = await lounge_request(user, "")
    await place.sql("UPDATE lounge_requests SET status = 'rejected' WHERE id = $1", made)
    place.proxy.cut(f"DELETE /api/v1/lounge-requests/{made}", Cut.AFTER)
    with pytest.raises(problems.AlreadyDecidedProblem):
        await user.client.lounge_requests.withdraw_lounge_request(made)


@pytest.mark.parametrize("cut", list(Cut))
async def test_leaving_that_is_cut_succeeds(place: Place, join: Join, cut: Cut) -> None:
    user = await join()
    place.proxy.cut("DELETE /api/v1/users/me", cut)
    leaving = await user.client.users.leave(models.Leave(password=PASSWORD))
    assert place.proxy.all_were_cut()
    assert leaving.completes_by > datetime.now(UTC)
    assert not user.was_signed_out(), "as after the first answer, the next call learns of it"


@pytest.mark.parametrize("cut", list(Cut))
async def test_an_edit_that_is_cut_arrives(place: Place, join: Join, cut: Cut) -> None:
    user = await join()
    made = await post(user, await place.lounge())
    place.proxy.cut(f"PATCH /api/v1/posts/{made}", cut)
    await user.client.posts.update_post(made, models.PostUpdate(title="新しい題"))
    assert (await user.client.posts.get_post(made)).title == "新しい題"
