"""The address that `linky dev` prints first, and the faces of its made-up people."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from linky_dev.app import create_dev_app, settings_for_dev
from linky_dev.stand_ins.people import KNOWN
from tests.support.apps import SettingsOfTests

pytestmark = pytest.mark.anyio


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_dev_app(settings_for_dev(SettingsOfTests(data_dir=tmp_path)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_the_printed_address_leads_to_the_web_client(http: httpx.AsyncClient) -> None:
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/app")
    assert (await http.get(answer.headers["location"])).status_code == 200


async def test_each_face_of_a_made_up_person_is_there(http: httpx.AsyncClient) -> None:
    faces = {person.picture for person in KNOWN if person.picture}
    assert faces
    for face in faces:
        answer = await http.get(f"/dev/people/{face}.webp")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert (await http.get("/dev/people/unknown.webp")).status_code == 404
