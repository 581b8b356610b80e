"""Where a provider's endpoints and keys may come from."""

from urllib.parse import urlsplit

STAND_INS = "/dev/"
"""How the path of a stand-in of `linky dev` begins."""


def leads_to_stand_in(url: str | None) -> bool:
    """Whether the discovery document is one of `linky dev`."""
    return url is not None and urlsplit(url).path.startswith(STAND_INS)


def why_unsafe(url: str | None) -> str | None:
    """Why production may not trust this discovery document. None if it may."""
    if url is None:
        return None
    if not url.startswith("https://"):
        return "must begin with https://"
    if leads_to_stand_in(url):
        return "leads to a stand-in of `linky dev`"
    return None
