"""`POST /images`: what is accepted, refused, stored and served, and what a retry answers."""

import asyncio
import io
from typing import Any
from uuid import UUID

import httpx
import pillow_heif
from PIL import Image as Pillow
from PIL import PngImagePlugin

from app.image.rows import PostImage
from app.web.middleware import FILE_LIMIT
from tests.support.api import Api, expect
from tests.support.beside import beside
from tests.support.lists import check
from tests.support.races import until_waiting
from tests.support.sql import count
from tests.support.storage import stored
from tests.support.world import World, picture

SECRET = b"35.6586N-139.7454E"


def heic(width: int = 64, height: int = 48) -> bytes:
    out = io.BytesIO()
    image = Pillow.new("RGB", (width, height), "teal")
    pillow_heif.from_pillow(image).save(out, format="HEIF", quality=50)
    return out.getvalue()


def painted(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Pillow.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def with_metadata(fmt: str) -> bytes:
    """A picture of 60 by 40, turned by its EXIF, with the place in every kind of metadata."""
    image, out = Pillow.new("RGB", (60, 40), "orange"), io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[0x001B] = SECRET
    how: dict[str, Any] = {"exif": exif.tobytes(), "xmp": b"<x>" + SECRET + b"</x>"}
    if fmt == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", SECRET.decode())
        how = {"pnginfo": words, "exif": exif.tobytes()}
    elif fmt == "JPEG":
        how["comment"] = SECRET
    if fmt == "HEIF":
        pillow_heif.from_pillow(image).save(out, format=fmt, **how)
    else:
        image.save(out, fmt, **how)
    return out.getvalue()


async def send(api: Api, files: Any, **how: Any) -> httpx.Response:
    return await api.post("/images", files=files, **how)


async def test_a_second_upload_while_the_first_runs_is_409(committed_world: World) -> None:
    world = committed_world
    member, data = await world.member(), picture()
    async with beside(world.runtime) as holder:
        await holder.driver("LOCK TABLE images IN SHARE MODE")
        first = asyncio.create_task(member.upload(data, key="k"))
        await until_waiting(world)
        expect(await member.upload(data, key="k"), 409, "idempotency_in_progress")
        await holder.rollback()
    expect(await first, 201)
    assert (len(stored(world)), await count(world, "images")) == (2, 1)


async def test_the_type_is_read_from_the_bytes_and_not_from_the_name(world: World) -> None:
    member = await world.member()
    for data, name, kind, size in [
        (picture(fmt="JPEG"), "a.jpg", "image/jpeg", (40, 30)),
        (picture(fmt="PNG"), "a.jpg", "image/jpeg", (40, 30)),
        (picture(fmt="WEBP"), "../../etc/passwd", "text/plain", (40, 30)),
        (heic(), "写真\0.svg", "image/svg+xml", (64, 48)),
        (picture(2000, 1000), "", "", (1600, 800)),
        (picture(1, 1), "x", "application/octet-stream", (1, 1)),
    ]:
        part = (name or "x", data, kind) if kind else (name or "x", data)
        response = await send(member, {"file": part})
        body = expect(response, 201)
        check(PostImage, body)
        assert (body["width"], body["height"]) == size
        assert UUID(body["id"]).version == 7
        assert len(body["blurhash"]) >= 6
        assert response.headers["cache-control"].startswith("private")
        for url, edge in [(body["url"], 1600), (body["thumbnail_url"], 400)]:
            served = await world.http.get(url)  # without signing in
            assert served.status_code == 200
            assert served.headers["content-type"] == "image/webp"
            assert served.headers["cache-control"] == "public, max-age=3600, s-maxage=60"
            image = Pillow.open(io.BytesIO(served.content))
            assert image.format == "WEBP"
            assert max(image.size) == min(edge, max(size))
    assert len(stored(world)) == 12


async def test_unsupported_and_broken_files_are_refused_and_leave_nothing(world: World) -> None:
    member = await world.member()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
    jpeg, png = picture(), picture(fmt="PNG")
    others = [
        picture(fmt="GIF"),
        picture(fmt="BMP"),
        picture(fmt="TIFF"),
        svg,
        b"hello",
        b"",
        b"\0",
    ]
    for data in [*others, b"%!PS-Adobe-3.0 EPSF-3.0\n", b"%PDF-1.7\n", b"<html>" + jpeg]:
        files = {"file": ("photo.jpg", data, "image/jpeg")}
        expect(await send(member, files), 415, "unsupported_image")
    large = [painted(5001, 5000), painted(20_001, 1), painted(1, 25_000_000)]
    bad = [jpeg[:3], jpeg[: len(jpeg) // 2], png[:40], png[:8], heic()[:200], b"RIFF\4\0\0\0WEBP"]
    for data in [*bad, *large]:
        expect(await member.upload(data), 422, "invalid_image")
    assert (stored(world), await count(world, "images")) == ([], 0)
    for good in [painted(5000, 5000), painted(20_000, 1), jpeg, png, heic()]:
        expect(await member.upload(good), 201)


async def test_ten_mebibytes_are_accepted_and_one_byte_more_is_refused(world: World) -> None:
    member = await world.member()
    small = picture()
    largest = small + b"\0" * (FILE_LIMIT - len(small))
    assert len(largest) == 10 * 1024 * 1024
    expect(await member.upload(largest + b"\0"), 413, "payload_too_large")
    expect(await member.upload(largest * 2), 413, "payload_too_large")
    assert stored(world) == []
    expect(await member.upload(largest), 201)

    sent: list[int] = []

    async def endless() -> Any:
        # In chunks, without a length.
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(1000):
            yield b"\0" * 1024 * 1024
            sent.append(1)

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = await member.post("/images", content=endless(), headers=headers)
    expect(response, 413, "payload_too_large")
    assert len(sent) < 20
    assert await count(world, "images") == 1


async def test_stored_pictures_are_upright_and_have_no_metadata(world: World) -> None:
    member = await world.member()
    for fmt in ["JPEG", "PNG", "WEBP", "HEIF"]:
        data = with_metadata(fmt)
        assert SECRET in data, fmt
        body = expect(await member.upload(data), 201)
        assert (body["width"], body["height"]) == (40, 60), fmt
    folder = world.runtime.settings.storage_dir
    assert len(stored(world)) == 8
    for key in stored(world):
        data = (folder / key).read_bytes()
        assert SECRET not in data
        for chunk in [b"EXIF", b"Exif", b"XMP ", b"ICCP"]:
            assert chunk not in data
        image = Pillow.open(io.BytesIO(data))
        image.load()
        assert not image.getexif()
        assert {"exif", "xmp", "icc_profile", "comment"}.isdisjoint(image.info)


async def test_picture_urls_cannot_be_guessed_and_serve_nothing_else(world: World) -> None:
    member = await world.member()
    first_image, second_image = await world.image(member), await world.image(member)
    secret = world.runtime.settings.storage_dir.parent / "secret.txt"
    secret.write_text("secret")
    keys = stored(world)
    assert len({*keys}) == 4
    assert not any(image["id"] in key for image in (first_image, second_image) for key in keys)
    for path in ["/media/../secret.txt", "/media/%2e%2e/secret.txt", "/media/..%2fsecret.txt"]:
        response = await world.http.get(f"http://test{path}")
        assert response.status_code == 404
    for path in ["/media/", "/media/images", "/media/images/", "/media/images/x.webp"]:
        expect(await member.get(path), 404)


# Retries


async def test_a_retried_upload_makes_no_second_image(world: World) -> None:
    member, other, data = await world.member(), await world.member(), picture()
    first = await member.upload(data, key="k")
    expect(first, 201)
    for name, kind, boundary in [("b.png", "image/png", "xyz"), ("c", "text/plain", "-" * 60)]:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        files = {"file": (name, data, kind)}
        again = await send(member, files, headers=headers, key="k")
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotency-replayed"] == "true"
    assert (len(stored(world)), await count(world, "images")) == (2, 1)
    expect(await member.upload(picture(), key="k"), 422, "idempotency_key_reused")
    expect(await member.upload(b"GIF89a", key="k"), 422, "idempotency_key_reused")
    expect(await member.upload(b"GIF89a", key="refused"), 415, "unsupported_image")
    expect(await member.upload(data, key="refused"), 201)
    others_answer = await other.upload(data, key="k")
    expect(others_answer, 201)
    assert "idempotency-replayed" not in others_answer.headers
    for key in ["x" * 256, "a b"]:
        expect(await member.upload(data, key=key), 422, "validation_failed")
    assert (len(stored(world)), await count(world, "images")) == (6, 3)
