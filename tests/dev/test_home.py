"""The address that `linky dev` prints first."""

from pathlib import Path

import httpx
import pytest

from linky_dev.app import create_dev_app, settings_for_dev
from tests.support.apps import SettingsOfTests


@pytest.mark.anyio
async def test_the_printed_address_leads_to_the_web_client(tmp_path: Path) -> None:
    app = create_dev_app(settings_for_dev(SettingsOfTests(data_dir=tmp_path)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/")
        assert (answer.status_code, answer.headers["location"]) == (307, "/app")
        assert (await http.get(answer.headers["location"])).status_code == 200
