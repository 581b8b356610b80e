"""In production, and in `linky serve`, nothing of `linky dev` exists."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError

from app.cli.development import beside_dev
from app.core.clock import utc_now
from app.core.settings.config import Settings, SettingsError
from app.integrations.identity import configured_providers
from app.integrations.push.log import LogPushSender
from app.main import create_app
from app.runtime.factories import make_push_sender
from linky_dev.app import create_dev_app, settings_for_dev
from linky_dev.fake_providers.settings import make_fake_providers, with_fake_providers
from tests.support.apps import SettingsOfTests
from tests.support.command_line import linky_here, refused
from tests.support.database import fresh_database
from tests.support.server import ROOT, Server, environment, run
from tests.support.world import World, token

SECRETS: dict[str, str] = {
    "LINKY_ENV": "production",
    "LINKY_DATABASE_URL": "postgresql://linky@127.0.0.1:1/linky?sslmode=disable",
    "LINKY_JWT_KEYS": "test:" + "t" * 40,
    "LINKY_PUBLIC_URL": "https://linky.example.com",
    "LINKY_RATE_LIMITS": "on",
}

LOOK = """
import re, sys
from app.core.settings.config import load_settings
from app.main import create_app
import app.cli.serving
app = create_app(load_settings())
paths = [getattr(route, "path", "") for route in app.router.routes]
print([path for path in paths if re.match("/(dev.*|app(/.*)?)?$", path)])
print([name for name in sys.modules if name.startswith("linky_dev")])
print([str(each.cls) for each in app.user_middleware if "dev" in str(each.cls)])
print(app.state._state.get("dev"))
"""


def production(**changes: Any) -> Settings:
    values = {name.removeprefix("LINKY_").lower(): value for name, value in SECRETS.items()}
    return SettingsOfTests(**values | changes)


def test_production_has_no_route_module_or_middleware_of_development(tmp_path: Path) -> None:
    done = run((sys.executable, "-c", LOOK), environment(tmp_path, **SECRETS))
    assert done.stdout.splitlines() == ["[]", "[]", "[]", "None"], done.stderr


def test_production_refuses_linky_dev_and_settings_that_lead_to_a_stand_in(tmp_path: Path) -> None:
    settings = production(data_dir=tmp_path)
    assert with_fake_providers(settings) is settings
    assert make_fake_providers(settings, utc_now) == {}
    assert configured_providers(settings) == []
    for start in (settings_for_dev, create_dev_app):
        with pytest.raises(SettingsError, match="is for development"):
            start(settings)
    address = "https://linky.example.com/dev/line/.well-known/openid-configuration"
    with pytest.raises(ValidationError, match="LINKY_LINE_DISCOVERY_URL leads to a fake provider"):
        production(line_discovery_url=address)


def test_production_keeps_no_push(tmp_path: Path) -> None:
    kept = make_push_sender(SettingsOfTests(data_dir=tmp_path))
    unkept = make_push_sender(production(data_dir=tmp_path))
    assert isinstance(kept, LogPushSender)
    assert isinstance(unkept, LogPushSender)
    assert (kept._folder, unkept._folder) == (tmp_path / "push", None)


def test_the_stand_ins_stay_away_where_any_provider_is_set(tmp_path: Path) -> None:
    plain = SettingsOfTests(data_dir=tmp_path)
    assert configured_providers(settings_for_dev(plain)) == ["line", "google", "apple"]
    assert "linky://auth/done" in settings_for_dev(plain).oauth_redirect_uris
    real = SettingsOfTests(data_dir=tmp_path, google_client_ids=("ours",))
    settings = settings_for_dev(real)
    assert configured_providers(settings) == ["google"]
    assert make_fake_providers(settings, utc_now) == {}


@pytest.mark.anyio
async def test_a_server_without_linky_dev_ignores_its_header_and_paths(world: World) -> None:
    meta = await world.http.get("/api/v1/meta", headers={"Linky-Fault": "503"})
    assert meta.status_code == 200
    paths = ("/dev", "/dev/people", "/dev/line/keys", "/dev/inbox", "/dev/static/dev.js")
    for path in ("/", "/app", *paths):
        assert (await world.http.get(path)).status_code == 404, path
    assert (await world.http.post("/dev/sign-in", json={})).status_code == 404


def test_the_routes_of_development_are_not_in_the_document(tmp_path: Path) -> None:
    plain = SettingsOfTests(data_dir=tmp_path)
    ours = create_app(plain)
    dev = create_dev_app(settings_for_dev(plain))
    assert dev.openapi()["paths"].keys() == ours.openapi()["paths"].keys()
    added = {str(route.path) for route in iter_route_contexts(dev.routes)} - {
        str(route.path) for route in iter_route_contexts(ours.routes)
    }
    own = {path for path in added if path.startswith(("/dev/", "/app/"))}
    assert added - own == {"/", "/dev", "/app"}


@pytest.mark.parametrize("command", ["dev", "seed"])
def test_a_command_for_development_says_what_a_server_lacks(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "linky_dev", None)
    monkeypatch.chdir(tmp_path)
    missing = f"`linky {command}` needs the package linky_dev"
    refused(linky_here([command], environment(tmp_path / "data")), missing)


def test_a_process_without_linky_dev_has_its_settings_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dev = settings_for_dev(SettingsOfTests(data_dir=tmp_path))
    alone = SettingsOfTests(data_dir=tmp_path)
    assert beside_dev(alone).line_discovery_url == dev.line_discovery_url
    monkeypatch.setitem(sys.modules, "linky_dev", None)
    assert beside_dev(alone) is alone


def test_a_server_starts_where_linky_dev_can_not_be_imported(
    server_url: str, tmp_path: Path
) -> None:
    without = "import sys; sys.modules['linky_dev'] = None; from app.start import main; main()"
    with fresh_database(server_url, f"alone_{token()}") as url:
        command = (sys.executable, "-c", without, "serve")
        server = Server(tmp_path / "data", command, LINKY_DATABASE_URL=url)
        try:
            server.start()
            assert httpx.get(f"{server.url}/health/ready").status_code == 200
        finally:
            server.clean_up()


def test_the_wheel_has_what_a_server_needs_and_no_linky_dev(tmp_path: Path) -> None:
    uv = ROOT / ".tools" / "bin" / "uv"
    if not uv.exists():
        pytest.skip("./dev installs uv")
    command = (uv, "build", "--wheel", "--offline", "--quiet", "--out-dir", tmp_path)
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    listed = subprocess.run(
        (sys.executable, "-m", "zipfile", "--list", wheel),
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    packed = {line.split()[0] for line in listed.stdout.splitlines()}
    needed = {
        str(path.relative_to(ROOT))
        for folder in ("app", "migrations")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed - packed == set()
    assert not [name for name in packed if name.startswith("linky_dev")]
