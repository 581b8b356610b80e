"""Settings of any source that are empty."""

from pathlib import Path
from typing import Any

import pytest

from app.core.settings.config import Settings


def test_an_empty_setting_is_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameter Store has such values: what is only white space is stripped."""
    monkeypatch.chdir(tmp_path)  # So that no `.env` is read.
    empty: dict[str, Any] = dict.fromkeys(Settings.model_fields, "")
    assert Settings(**empty) == Settings()
