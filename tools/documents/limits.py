"""docs/limits.md has every limit, and names tests that exist."""

from collections.abc import Iterator, Sequence

from app.core.rate_limit import PER_ADDRESS, PER_NEW_ACCOUNT
from app.core.settings.config import Settings
from app.meta import published_limits
from tools.documents import promises
from tools.documents.figures import NO_LIMITS, sources_of
from tools.documents.markdown import Document, spans_of, tables


def limits_without_a_test(shown: Document, others: Sequence[Document]) -> Iterator[str]:
    """Each row of the tables names tests, and none lacks of what the code and `others` limit."""
    listed = set()
    for table in tables(shown.text):
        for row in table:
            listed |= {span for cell in row[:-1] for span in spans_of(cell)}
            yield from promises.wrong_tests(shown, row[0], spans_of(row[-1]))
    for name in sorted(_of_the_code() - listed):
        yield f"{shown.name} lacks {name}"
    for document in others:
        for _, path, name in sources_of(document):
            if f"{path}: {name}" not in listed:
                yield f"{shown.name} lacks {path}: {name}, which {document.name} has"


def _of_the_code() -> set[str]:
    """What clients may send, how often they may call, and what operators set as a number."""
    sizes = set(published_limits(counts_calls=False).model_dump()) - NO_LIMITS
    return sizes | set(PER_ADDRESS) | set(PER_NEW_ACCOUNT) | _settings()


def _settings() -> set[str]:
    numbers = {int, int | None}
    return {
        f"LINKY_{name.upper()}"
        for name, field in Settings.model_fields.items()
        if field.annotation in numbers and not name.endswith("port")
    }
