"""A host for linky-deploy. The tests of nginx have their own `site`."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.host import deploy
from tests.host.deploying import STAND_IN, Site
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("tls")
    command = [str(ROOT / "deploy" / "host" / "self-signed"), "api.linky.example", str(folder)]
    subprocess.run(command, check=True)
    return "".join((folder / f"{name}.pem").read_text() for name in ("privkey", "fullchain"))


@pytest.fixture
def site(tmp_path: Path, certificate: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(deploy, "REQUEST_SECONDS", HANG_SECONDS)
    (tmp_path / "certificate.pem").write_text(certificate)
    site = Site(tmp_path)
    yield site
    subprocess.run([STAND_IN, "end", str(tmp_path)], check=True)
