"""Where a provider's endpoints and keys may come from."""

from urllib.parse import urlsplit

STAND_INS = "/dev/"
"""How the path of a stand-in of `linky dev` begins."""


def why_unsafe(url: str | None) -> str | None:
    """Why production may not trust what a discovery document at this address says."""
    if url is None:
        return None
    if not url.startswith("https://"):
        return "must begin with https://"
    if urlsplit(url).path.startswith(STAND_INS):
        return "leads to a stand-in of `linky dev`"
    return None
