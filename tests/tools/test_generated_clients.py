"""`make test-generated`: what it installs is named by its hash."""

import json

from tests.generated.clients import HERE


def test_the_lock_names_files_by_their_hash_and_no_registry() -> None:
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/typescript" in packages
    assert all("integrity" in entry for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]
