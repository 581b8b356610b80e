"""The language of an answer: the better of Japanese and English for the request."""

from fastapi import Request

from app.core.texts import Locale


def preferred_locale(request: Request) -> Locale:
    """By the header `Accept-Language` (RFC 9110, 12.5.4). Without a preference it is Japanese."""
    best: tuple[float, Locale] = (0.0, "ja")
    for part in request.headers.get("accept-language", "")[:500].lower().split(","):
        tag, _, parameters = part.partition(";")
        # Dart's `Platform.localeName` has `en_US`.
        primary = tag.strip().replace("_", "-").partition("-")[0]
        weight = _weight(parameters)
        if primary == "ja" and weight > best[0]:
            best = (weight, "ja")
        elif primary == "en" and weight > best[0]:
            best = (weight, "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
