"""The operator's check of pictures: what it may answer, and what follows for posts and profiles."""

import asyncio
import io
import json
from typing import Any

import pytest
from PIL import Image as Pillow

from app.core.metrics import REGISTRY
from app.integrations.hooks.picture_check import PICTURE_CHECKS, picture_check_slots
from tests.support.api import Api, expect
from tests.support.hooks import SECRET, Hook, give_up_quickly, is_signed, running_hook, use_hooks
from tests.support.moderating import ban
from tests.support.sql import count
from tests.support.stub_server import Response
from tests.support.waiting import until
from tests.support.world import World, picture

FAILURES = [
    None,
    b"nonsense\r\n\r\n",
    Response(500, b'{"decision": "pass"}'),
    Response(302, b'{"decision": "pass"}', {"Location": "http://127.0.0.1:1/"}),
    Response(200, b"pass"),
    Response(200, b'"pass"'),
    Response(200, b"[]"),
    Response(200, b'{"decision": "PASS"}'),
    Response(200, b'{"decision": ["pass"]}'),
    Response(200, b'{"decision": null}'),
    Response(200, b'{"verdict": "pass"}'),
    Response(200, b'{"decision": "pass", "x": "' + b"x" * 20_000 + b'"}'),
]


def says(decision: str) -> Response:
    return Response(200, json.dumps({"decision": decision, "score": 0.9}).encode())


def checked_by(world: World, hook: Hook) -> None:
    use_hooks(world, picture_check_url=hook.url)


def checks(outcome: str) -> float:
    labels = {"outcome": outcome}
    return REGISTRY.get_sample_value("linky_picture_checks_total", labels) or 0.0


async def held(admin: Api) -> list[dict[str, Any]]:
    return await admin.items("/admin/held-content")


async def test_what_passes_is_public_at_once_and_the_check_sees_the_rendered_picture(
    world: World,
) -> None:
    with running_hook(says("pass")) as hook:
        checked_by(world, hook)
        author = await world.member()
        image = await world.image(author)
        post = await world.post(author, image_ids=[image["id"]])
        expect(await author.upload(picture(), "/users/me/avatar", "PUT"), 200)
    assert post["moderation"] == "visible"
    for_post, for_avatar = hook.received
    assert for_post.headers["content-type"] == "image/webp"
    assert Pillow.open(io.BytesIO(for_post.body)).format == "WEBP"
    kinds = [received.headers["linky-picture"] for received in hook.received]
    assert kinds == ["post", "avatar"]
    assert for_avatar.target == "/hook?token=t0ken"
    assert author.id not in for_post.headers.as_string()


async def test_the_check_can_tell_linky_by_the_signature_of_webhooks(world: World) -> None:
    with running_hook(says("pass")) as hook:
        checked_by(world, hook)
        author = await world.member()
        await world.image(author)
        use_hooks(world, webhook_secret=SECRET)
        for _ in range(2):
            await world.image(author)
    unsigned, *signed = hook.received
    assert not any(name.startswith("webhook-") for name in unsigned.headers)
    assert all(is_signed(received) for received in signed)
    assert not is_signed(signed[0], "whsec_" + "A" * 32)
    sent_at = {received.headers["webhook-timestamp"] for received in signed}
    assert sent_at == {str(int(world.clock().timestamp()))}
    assert len({received.headers["webhook-id"] for received in signed}) == 2


async def test_what_is_refused_is_422_in_both_languages_and_stores_nothing(world: World) -> None:
    with running_hook(says("refuse")) as hook:
        checked_by(world, hook)
        author, admin, lounge = await world.member(), await world.admin(), await world.lounge()
        cover = f"/admin/lounges/{lounge['id']}/cover"
        for api, path, method in (
            (author, "/images", "POST"),
            (author, "/users/me/avatar", "PUT"),
            (admin, cover, "PUT"),
        ):
            refused = await api.upload(picture(), path, method, headers={"Accept-Language": "en"})
            assert expect(refused, 422, "picture_refused")["title"] == "This image can't be used"
            refused = await api.upload(picture(), path, method)
            assert expect(refused, 422, "picture_refused")["title"] == "この画像は使えません"
        assert await count(world, "images") == 0
        storage = world.runtime.settings.storage_dir
        assert [path for path in storage.rglob("*") if path.is_file()] == []
        # A refusal does not use up the key.
        key = "k-1"
        expect(await author.upload(picture(), key=key), 422, "picture_refused")
        hook.says = says("pass")
        expect(await author.upload(picture(), key=key), 201)


async def test_a_post_with_a_picture_on_hold_waits_for_a_review(world: World) -> None:
    with running_hook(says("hold")) as hook:
        checked_by(world, hook)
        author, reader, admin = await world.member(), await world.member(), await world.admin()
        on_hold = await world.image(author)
        hook.says = says("pass")
        fine = await world.image(author)
        post = await world.post(author, image_ids=[fine["id"], on_hold["id"]])
        assert post["moderation"] == "held"
        expect(await reader.get(f"/posts/{post['id']}"), 404)
        assert expect(await author.get(f"/posts/{post['id']}"), 200)["moderation"] == "held"
        await ban(admin, "禁止")
        worded = await world.post(author, body="禁止です")
        by_id = {item["id"]: item for item in await held(admin)}
        assert by_id[post["id"]]["picture_held"] is True
        assert by_id[worded["id"]]["picture_held"] is False
        # Once an admin has shown it, the picture is reviewed, in another post, too.
        path = f"/admin/posts/{post['id']}/restore"
        expect(await admin.post(path, json={"reason": "確認済み"}), 204)
        expect(await reader.get(f"/posts/{post['id']}"), 200)
        changed = await author.patch(f"/posts/{post['id']}", json={"image_ids": []})
        assert expect(changed, 200)["moderation"] == "visible"
        again = await world.post(author, image_ids=[on_hold["id"]])
        assert again["moderation"] == "visible"


async def test_a_picture_on_hold_holds_a_post_by_an_edit_too(world: World) -> None:
    with running_hook(says("hold")) as hook:
        checked_by(world, hook)
        author, reader = await world.member(), await world.member()
        for edit in ("PATCH", "PUT"):
            image, post = await world.image(author), await world.post(author)
            path = f"/posts/{post['id']}" + ("/images" if edit == "PUT" else "")
            changed = await author.call(edit, path, json={"image_ids": [image["id"]]})
            assert expect(changed, 200)["moderation"] == "held"
            expect(await reader.get(f"/posts/{post['id']}"), 404)
            # Without the picture it stays held: an admin decides.
            changed = await author.call(edit, path, json={"image_ids": []})
            assert expect(changed, 200)["moderation"] == "held"


@pytest.mark.parametrize("failure", FAILURES)
async def test_without_a_usable_answer_a_post_is_held_and_a_profile_waits(
    world: World, failure: Response | bytes | None
) -> None:
    with running_hook(failure) as hook:
        checked_by(world, hook)
        if failure is None:
            give_up_quickly(world)
        before = checks("failed")
        author, admin, lounge = await world.member(), await world.admin(), await world.lounge()
        image = await world.image(author)
        assert (await world.post(author, image_ids=[image["id"]]))["moderation"] == "held"
        refused = await author.upload(picture(), "/users/me/avatar", "PUT")
        expect(refused, 503, "picture_not_checked")
        assert refused.headers["retry-after"] == "60"
        assert expect(await author.get("/users/me"), 200)["avatar_url"] is None
        path = f"/admin/lounges/{lounge['id']}/cover"
        assert expect(await admin.upload(picture(), path, "PUT"), 200)["cover_url"]
        assert checks("failed") == before + 3
    # Nothing listens there any more.
    image = await world.image(author)
    assert (await world.post(author, image_ids=[image["id"]]))["moderation"] == "held"


async def test_a_profile_has_no_review_and_a_cover_needs_none(world: World) -> None:
    with running_hook(says("hold")) as hook:
        checked_by(world, hook)
        author, admin, lounge = await world.member(), await world.admin(), await world.lounge()
        refused = await author.upload(picture(), "/users/me/avatar", "PUT")
        expect(refused, 422, "picture_refused")
        path = f"/admin/lounges/{lounge['id']}/cover"
        assert expect(await admin.upload(picture(), path, "PUT"), 200)["cover_url"]


async def test_without_the_setting_nothing_is_asked_or_held(world: World) -> None:
    with running_hook(says("refuse")) as hook:
        author = await world.member()
        image = await world.image(author)
        assert (await world.post(author, image_ids=[image["id"]]))["moderation"] == "visible"
        # What can't be rendered is not sent, either.
        checked_by(world, hook)
        expect(await author.upload(b"no picture"), 415, "unsupported_image")
    assert hook.received == []


async def test_a_check_that_hangs_holds_no_connection_and_no_other_request(
    committed_world: World,
) -> None:
    world = committed_world
    with running_hook(None) as hook:
        checked_by(world, hook)
        authors = [await world.member() for _ in range(PICTURE_CHECKS + 2)]
        uploads = [asyncio.create_task(author.upload(picture())) for author in authors]
        await until(lambda: len(hook.received) == PICTURE_CHECKS)
        slots = picture_check_slots().statistics()
        assert slots.borrowed_tokens == PICTURE_CHECKS
        assert world.runtime.connections()["transactions"][0] == 0
        post = await world.post(authors[0])
        expect(await authors[1].get(f"/posts/{post['id']}"), 200)
    # The service is gone, and with it its connections.
    for upload in await asyncio.gather(*uploads):
        expect(upload, 201)
    assert await count(world, "images", "needs_review") == len(authors)
