"""Settings of any source that are empty."""

from typing import Any

from app.core.config import Settings


def test_an_empty_setting_is_its_default() -> None:
    """Parameter Store has such values: what is only white space is stripped."""
    empty: dict[str, Any] = dict.fromkeys(Settings.model_fields, "")
    assert Settings(_env_file=None, **empty) == Settings(_env_file=None)
