"""Origins of web apps that may call the API from a browser, and where a sign-in may return to."""

from urllib.parse import urlsplit

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
_USUAL_PORTS = {"https": 443, "http": 80}

AS_A_BROWSER_SENDS = (
    "each is written as a browser sends it: https://app.example.com, "
    "in lower case, without a path and without the usual port"
)


def ensure_origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError unless each is a whole origin, with https or on this machine."""
    for origin in value:
        _ensure_origin(origin)
    return value


def _ensure_origin(origin: str) -> None:
    if "*" in origin:
        raise ValueError("`*` would let every web page call the API; name each origin")
    try:
        parts = urlsplit(origin)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(AS_A_BROWSER_SENDS) from None
    shown_host = f"[{host}]" if ":" in host else host
    shown = shown_host + ("" if port in (None, _USUAL_PORTS.get(parts.scheme)) else f":{port}")
    if not host or not origin.isascii() or origin != f"{parts.scheme}://{shown}":
        raise ValueError(AS_A_BROWSER_SENDS)
    if parts.scheme != "https" and not (parts.scheme == "http" and shown_host in THIS_MACHINE):
        raise ValueError("each begins with https:// (http:// only on localhost)")


def ensure_redirect_uris(value: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError unless each is a whole address, of the web or of an app."""
    for address in value:
        scheme, separator, _ = address.partition("://")
        unsafe = scheme.lower() in ("javascript", "data", "vbscript")
        if not (scheme and separator) or unsafe or "#" in address:
            raise ValueError("each is written scheme://..., without a fragment")
    return value
