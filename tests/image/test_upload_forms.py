"""The multipart forms of uploads: parts without a file's name, more parts than one, charsets."""

from collections.abc import Mapping

import httpx
import pytest

from tests.support.api import Api, expect
from tests.support.world import World, picture

ROUTES = [("POST", "/images", 201), ("PUT", "/users/me/avatar", 200)]


def part(disposition: str, data: bytes = b"x") -> bytes:
    head = f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + data + b"\r\n"


FILE = 'name="file"; filename="a.jpg"'


async def send(
    api: Api, *parts: bytes, method: str = "POST", path: str = "/images", more: str = ""
) -> httpx.Response:
    headers = {"Content-Type": f"multipart/form-data; boundary=b{more}"}
    return await api.call(method, path, content=b"".join(parts) + b"--b--\r\n", headers=headers)


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
async def test_a_file_needs_no_name(world: World, method: str, path: str, status: int) -> None:
    """Dart's `MultipartFile.fromBytes` sends none if the app gives none."""
    member, data = await world.member(), picture(600, 400)
    nameless = part('name="file"', data)
    expect(await send(member, nameless, method=method, path=path), status)
    refused = await send(member, part('name="file"', b"hello"), method=method, path=path)
    expect(refused, 415, "unsupported_image")


async def test_a_file_without_a_name_has_the_limits_of_a_file(world: World) -> None:
    member = await world.member()
    too_large = part('name="file"', b"x" * (10 * 2**20 + 1))
    expect(await send(member, too_large), 413, "payload_too_large")
    twice = part('name="file"') + part(FILE)
    expect(await send(member, twice), 400, "bad_request")


UNKNOWN: Mapping[str, tuple[bytes, ...]] = {
    "one short text": (part('name="role"'),),
    "one long text": (part('name="role"', b"x" * 100_000),),
    "a file": (part('name="photo"; filename="b.jpg"', picture()),),
    "two texts": (part('name="role"'), part('name="caption"')),
    "a text and a file": (part('name="role"'), part('name="photo"; filename="b.jpg"')),
    "ten texts": tuple(part(f'name="f{number}"') for number in range(10)),
}


@pytest.mark.parametrize("parts", UNKNOWN.values(), ids=UNKNOWN)
async def test_each_unknown_part_is_named(world: World, parts: tuple[bytes, ...]) -> None:
    member = await world.member()
    names = [sent.split(b'name="')[1].split(b'"')[0].decode() for sent in parts]
    refusals = [
        await send(member, part(FILE, picture()), *parts),
        await send(member, *parts, part(FILE, picture())),
    ]
    for refusal in refusals:
        errors = expect(refusal, 422, "validation_failed")["errors"]
        found = [(error["field"], error["code"]) for error in errors]
        assert found == [(f"body.{name}", "extra_forbidden") for name in names]


async def test_a_form_without_a_file_misses_it(world: World) -> None:
    (error,) = expect(await send(await world.member()), 422, "validation_failed")["errors"]
    assert (error["field"], error["code"]) == ("body.file", "missing")


async def test_far_too_many_parts_are_refused_unread(world: World) -> None:
    member = await world.member()
    texts = [part(f'name="f{number}"') for number in range(21)]
    files = [part(f'name="f{number}"; filename="a"') for number in range(21)]
    for parts in (texts, files):
        expect(await send(member, part(FILE), *parts), 400, "bad_request")
        expect(await send(member, part(FILE), *parts[1:]), 422, "validation_failed")


@pytest.mark.parametrize(
    "charset", ["undefined", "idna", "punycode", "hex", "rot13", "zlib", "utf-16", "none", "\xe9"]
)
async def test_the_charset_of_a_form_is_ignored(world: World, charset: str) -> None:
    member = await world.member()
    sent = part(FILE, picture())
    more = f"; charset={charset}"
    headers = {"Content-Type": f"multipart/form-data; boundary=b{more}".encode("latin-1")}
    made = await member.call("POST", "/images", content=sent + b"--b--\r\n", headers=headers)
    expect(made, 201)
    named = await member.call(
        "POST", "/images", content=part('name="題"') + b"--b--\r\n", headers=headers
    )
    errors = expect(named, 422, "validation_failed")["errors"]
    assert [error["field"] for error in errors] == ["body.題"]
