"""The version of the app, as its package says."""

from importlib.metadata import PackageNotFoundError, version


def app_version() -> str:
    try:
        return version("linky")
    except PackageNotFoundError:  # A checkout with `pip install -r requirements.txt` only.
        return "0.1.0"
