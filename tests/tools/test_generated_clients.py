"""`make test-generated`: what fails is a failure, and a client that could not run is named."""

import json
from pathlib import Path

import pytest

from tests.generated import __main__ as generated
from tests.generated.clients import HERE, Failed, checked
from tools.node import NoNode


def outcome_of(error: Exception, monkeypatch: pytest.MonkeyPatch) -> bool:
    def journey(url: str, picture: Path) -> None:
        raise error

    monkeypatch.setitem(generated.CLIENTS, "python", journey)
    return generated.outcome("python", "http://127.0.0.1:9", Path("photo.jpg"))


def test_a_client_without_an_npm_registry_is_skipped_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NOTHING_MISSING", raising=False)
    assert outcome_of(NoNode("npm says: no network"), monkeypatch)
    assert capsys.readouterr().out == "Skipped: python did NOT run. npm says: no network\n"


def test_in_ci_a_client_that_is_skipped_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTHING_MISSING", "1")
    assert not outcome_of(NoNode("npm says: no network"), monkeypatch)


def test_a_journey_that_fails_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not outcome_of(Failed("no such lounge"), monkeypatch)
    assert capsys.readouterr().out == "FAILED  python:\nno such lounge\n"
    with pytest.raises(Failed, match="no such lounge"):
        checked("sh", "-c", "echo no such lounge >&2; exit 3")


def test_the_lock_names_files_by_their_hash_and_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/typescript" in packages
    assert all("integrity" in entry for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]
