"""What Linky is made of: a cool-down for new releases, allowed licences, an SBOM."""

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.server import ROOT
from tools import licences, sbom

RULES = licences.Rules(frozenset({"MIT", "BSD-3-Clause"}), {}, {}, {"tool": "only run"})


def lock() -> dict[str, object]:
    return tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))


def test_no_release_of_the_last_days_is_taken() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    days, unit = pyproject["tool"]["uv"]["exclude-newer"].split()
    assert (int(days) >= 5, unit) == (True, "days")
    options = lock()["options"]
    assert isinstance(options, dict)
    assert options["exclude-newer-span"] == f"P{days}D"


def test_every_locked_file_has_a_hash_and_comes_from_one_index() -> None:
    packages = lock()["package"]
    assert isinstance(packages, list)
    for package in packages:
        if package["name"] == "linky":
            continue
        assert package["source"] == {"registry": "https://pypi.org/simple"}
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        assert files
        assert all(file["hash"].startswith("sha256:") for file in files)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"tool": "MIT"}, []),
        ({"tool": "GPL-3.0-only"}, []),
        ({"tool": "MIT", "a": "BSD-3-Clause AND MIT"}, []),
        ({"tool": "MIT", "a": ""}, ["a has no licence"]),
        ({"tool": "MIT", "a": "AGPL-3.0-only"}, ["a has a licence that is not allowed: AGPL"]),
        ({"tool": "MIT", "a": "MIT AND GPL-2.0-only"}, ["not allowed: GPL-2.0-only"]),
        ({"a": "MIT"}, ["names tool, which is not in uv.lock"]),
    ],
)
def test_a_licence_that_is_unknown_or_not_allowed_is_refused(
    found: dict[str, str], words: list[str]
) -> None:
    complaints = list(licences.complaints(found, RULES))
    assert len(complaints) == len(words)
    assert all(word in complaint for word, complaint in zip(words, complaints, strict=True))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A commit of the present files that an SBOM is made of."""
    for name in (*sbom.FILES, "docs/licences.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    git = ("git", "-C", tmp_path, "-c", "user.name=t", "-c", "user.email=t@linky.example")
    for command in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "All")):
        subprocess.run([*git, *command], check=True)
    return tmp_path


def test_the_sbom_is_valid_and_has_each_package_with_hashes_and_licence(checkout: Path) -> None:
    text = sbom.sbom("HEAD", checkout)
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    assert sbom.sbom("HEAD", checkout) == text
    document = json.loads(text)
    parts = {part["name"]: part for part in document["components"]}
    assert {"fastapi", "asyncpg", "opentelemetry-sdk"} <= parts.keys()
    assert not {"pytest", "moto", "linky"} & parts.keys()
    for part in parts.values():
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        assert part["licenses"][0]["expression"]
        assert part["externalReferences"][0]["hashes"][0]["alg"] == "SHA-256"
