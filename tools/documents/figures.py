"""Figures in the documents are those of the code: times, sizes, numbers.

A table that names constants is checked row by row. For documents that name no code, PHRASES lists
the words with their figures.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from app.auth.policy import FIRST_WAIT, FREE_GUESSES, LONGEST_WAIT, SHORTEST
from app.auth.repository.mails import MAILS_A_DAY
from app.auth.service.browser import CODE_LIFETIME
from app.auth.service.refreshing import REUSE_LEEWAY
from app.auth.service.tokens import REFRESH_LIFETIME
from app.core.admission import UPLOADS
from app.core.idempotency import KEPT_FOR
from app.core.passwords.hashing import COST, LONGEST
from app.core.rate_limit import PER_ACCOUNT, PER_ADDRESS, PER_USER, Quotas
from app.core.tokens import ACCESS_LIFETIME
from app.image.service.images import UNATTACHED_FOR
from app.integrations.identity.pictures import MAX_BYTES, TOTAL_SECONDS
from app.meta import published_limits
from app.notification.repository.devices import DEVICES_A_USER
from app.notification.schemas import MAX_IDS as MARKED_AT_ONCE
from app.notification_delivery.repository.unread import MAX_UNREAD_COUNT
from app.post.schemas import MAX_IMAGES
from app.reports.service import TIME_TO_DECIDE
from app.screening.policy import POSTS_AN_HOUR
from app.web.paging import DEFAULT_LIMIT, HIGHEST_LIMIT
from app.web.spooled_response import LONGEST_SECONDS as LONGEST_EXPORT
from app.web.uploads import LONGEST_SECONDS as LONGEST_UPLOAD
from tools import ROOT
from tools.documents.markdown import Document, spans_of, tables

NO_LIMITS = {"image_types", "new_account_hours", "rate_limits"}
"""Of what `/meta` has below `limits`. The rates have a table of their own, the hours a setting."""

UNITS = {
    "": 1,
    "ms": 0.001,
    "s": 1,
    "min": 60,
    "h": 3600,
    "d": 86_400,
    "B": 1,
    "k": 1024,
    "m": 1024**2,
    "KiB": 1024,
    "MiB": 1024**2,
}
QUANTITY = re.compile(r"([\d,.]*\d) ?([A-Za-z]*)")
SOURCE = re.compile(r"([\w/.\-]+): ([\w.]+)")
NUMBERS = {5: "five", 10: "ten", 12: "twelve"}


def in_words(number: float) -> str:
    """`five` for 5. A number that has no word in NUMBERS stays in figures."""
    return NUMBERS.get(int(number), f"{number:g}")


PHRASES: dict[str, tuple[str, ...]] = {
    "docs/http.md": (
        f"access token lives {ACCESS_LIFETIME // timedelta(minutes=1)} minutes",
        f"refresh token lives {REFRESH_LIFETIME.days} days",
        f"works for another {REUSE_LEEWAY.seconds} seconds",
        f"Within {CODE_LIFETIME.seconds} seconds",
        f"{in_words(MAILS_A_DAY)} a day",
        f"After {in_words(FREE_GUESSES)} in a row",
        f"only {in_words(POSTS_AN_HOUR)} posts an hour",
        f"{MARKED_AT_ONCE} ids at most",
        f"took over {LONGEST_UPLOAD:.0f} seconds",
        f"within {in_words(LONGEST_EXPORT / 60)} minutes",
        f"`limit` is 1 to {HIGHEST_LIMIT}, and {DEFAULT_LIMIT} by default",
        f"again for {KEPT_FOR // timedelta(hours=1)} hours",
        f"no post uses within {UNATTACHED_FOR // timedelta(hours=1)} hours",
        f"in the order to show, {in_words(MAX_IMAGES)} at most",
        f"beyond {in_words(UPLOADS.most_each)} of one user",
        f"A user has {DEVICES_A_USER} devices at most",
    ),
    "README.md": (
        f"up to {in_words(MAX_IMAGES)} images",
        f"a {TIME_TO_DECIDE // timedelta(hours=1)}-hour deadline",
        f"exact up to {MAX_UNREAD_COUNT}",
    ),
    "README.ja.md": (
        f"画像 {MAX_IMAGES} 枚まで",
        f"{TIME_TO_DECIDE // timedelta(hours=1)} 時間の期限つき",
        f"{MAX_UNREAD_COUNT} 件まで正確",
    ),
    "SECURITY.md": (
        f"cost {COST}, every byte counts; {SHORTEST} to {LONGEST} characters",
        f"{FIRST_WAIT.seconds} seconds to {LONGEST_WAIT.seconds // 60} minutes",
        f"only HS256, {ACCESS_LIFETIME // timedelta(minutes=1)} minutes",
        f"{MAX_BYTES // 1024**2} MiB and {TOTAL_SECONDS:.0f} seconds at most",
    ),
}
"""Words with a figure from the code in them, which a document must have."""


def missing_phrases(document: Document) -> Iterator[str]:
    """The document has every phrase that PHRASES lists for it. Line breaks do not count."""
    text = re.sub(r"\n\s*", " ", document.text)
    joined = re.sub(r"\n\s*", "", document.text)  # Japanese breaks a line anywhere.
    for words in PHRASES.get(document.name, ()):
        if words not in text and words not in joined:
            yield f"{document.name} does not say {words!r}, which the code does"


def quantity(text: str) -> float:
    """`2.3 s`, `10 MiB`, `10,000` as a number of seconds, bytes or things. Raises ValueError."""
    found = QUANTITY.fullmatch(text.strip().strip("`").removesuffix(";"))
    if found is None or found[2] not in UNITS:
        raise ValueError(f"{text!r} is not a figure with a known unit")
    return float(found[1].replace(",", "")) * UNITS[found[2]]


def wrong_figures(document: Document) -> Iterator[str]:
    """A cell that is a source (`core/database.py: POOL_SIZE`) follows that constant's value."""
    for cell, path, name in sources_of(document):
        yield from _wrong_figure(document, cell, path, name)


def sources_of(document: Document) -> Iterator[tuple[str, str, str]]:
    """The figures of the document's tables, each with the path and the name of its constant."""
    for row in _rows(document):
        for cell, following in pairwise(row):
            source = SOURCE.fullmatch(following.strip("`"))
            if source is not None:
                yield cell, source[1], source[2]


def _wrong_figure(document: Document, cell: str, path: str, name: str) -> Iterator[str]:
    try:
        documented, true = quantity(cell), value_of(path, name)
    except (ValueError, LookupError, AttributeError, OSError, ImportError) as error:
        yield f"{document.name}: {path}: {name}: {error}"
        return
    if abs(documented - true) > 1e-9:
        yield f"{document.name} says {cell} for {path}: {name}, which is {true:g}"


def value_of(path: str, name: str) -> float:
    """The value of a constant in `app`, or of a directive in a file of `deploy`.

    `NAME.part` is a part of the constant: a field, or a key.
    """
    if path.startswith("deploy/"):
        return _directive(ROOT / path, name)
    value: Any = import_module("app." + path.removesuffix(".py").replace("/", "."))
    for part in name.split("."):
        value = value[part] if isinstance(value, Mapping) else getattr(value, part)
    return _number(value)


def _number(value: Any) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return quantity(value) if isinstance(value, str) else float(value)


def _directive(path: Path, name: str) -> float:
    found = re.search(rf"^\s*{name}[ =]([^;\n]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"there is no {name}")
    return quantity(found[1])


def wrong_limits(document: Document) -> Iterator[str]:
    """The table of `/meta`'s limits has each of them, with its value."""
    limits = published_limits(counts_calls=False).model_dump(exclude=NO_LIMITS)
    rows = {name: row[1] for row in _rows(document) for name in spans_of(row[0]) if name in limits}
    if not rows:
        return
    for name, value in limits.items():
        if name not in rows or quantity(rows[name]) != value:
            yield f"{document.name}: {name} is {value}, not {rows.get(name, 'missing')}"


def wrong_rates(document: Document) -> Iterator[str]:
    """The table of rate limits has each class, with its quotas."""
    rows = {
        name: row for row in _rows(document) for name in spans_of(row[0]) if name in PER_ADDRESS
    }
    if not rows:
        return
    for name, quotas in PER_ADDRESS.items():
        row = rows.get(name, ["", "", "", ""])
        documented = [_calls(cell) for cell in row[1:4]]
        if documented != [_of(PER_USER.get(name, ())), _of(quotas), _of(PER_ACCOUNT.get(name, ()))]:
            yield f"{document.name}: the rate limits of {name} differ from {row[1:]}"


def _rows(document: Document) -> list[list[str]]:
    return [row for table in tables(document.text) for row in table]


def _calls(cell: str) -> list[tuple[int, int]]:
    found = re.findall(r"([\d,]+) (?:an? |/ )(minute|hour|分|時)", cell)
    seconds = {"minute": 60, "分": 60, "hour": 3600, "時": 3600}
    return [(int(calls.replace(",", "")), seconds[unit]) for calls, unit in found]


def _of(quotas: Quotas) -> list[tuple[int, int]]:
    return [(quota.calls, quota.seconds) for quota in quotas]
