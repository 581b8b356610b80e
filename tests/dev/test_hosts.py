"""The tools of `linky dev` answer under this machine's names alone (DNS rebinding)."""

from pathlib import Path

import httpx
import pytest

from linky_dev.app import create_dev_app, settings_for_dev
from tests.support.api import expect
from tests.support.apps import SettingsOfTests

OURS = [
    *("localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"),
    *("192.168.0.10:8000", "10.0.2.2", "phone.example", "phone.example:8000"),
]
OTHERS = [
    *("evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example"),
    *("", ":8000", "[::1", "[v1.x]", "x@localhost", "phone.example.evil.example"),
]


@pytest.mark.anyio
@pytest.mark.parametrize("host", [*OURS, *OTHERS])
async def test_a_page_whose_name_was_led_here_gets_nothing(tmp_path: Path, host: str) -> None:
    settings = SettingsOfTests(data_dir=tmp_path, public_url="http://phone.example:8000")
    app = create_dev_app(settings_for_dev(settings))
    transport = httpx.ASGITransport(app)
    headers = {"Host": host, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        page = await http.get("/dev/static/docs.js", headers=headers)
        act = await http.delete("/dev/inbox", headers=headers)
    if host in OURS:
        assert page.status_code == 200
        assert act.status_code == 204
    else:
        expect(page, 403, "forbidden")
        expect(act, 403, "forbidden")
