"""docs/limits.md has every limit once. `figures.py` compares the values."""

from collections import Counter
from collections.abc import Iterator, Sequence

from app.core.rate_limit import PER_ADDRESS, PER_NEW_ACCOUNT
from app.meta import published_limits
from tools.documents.figures import NO_LIMITS, sources_of
from tools.documents.markdown import Document, spans_of, tables


def wrong_rows(shown: Document, others: Sequence[Document]) -> Iterator[str]:
    """What the code or a table of another document limits is in one row of `shown`."""
    listed = Counter(span for row in _rows(shown) for cell in row for span in spans_of(cell))
    for name in sorted(_of_the_code() - listed.keys()):
        yield f"{shown.name} lacks {name}"
    for source in {f"{path}: {name}" for _, path, name in sources_of(shown)}:
        if listed[source] > 1:
            yield f"{shown.name} has {source} {listed[source]} times"
    for document in others:
        for _, path, name in sources_of(document):
            if f"{path}: {name}" not in listed:
                yield f"{shown.name} lacks {path}: {name}, which {document.name} has"


def _rows(document: Document) -> Iterator[list[str]]:
    for table in tables(document.text):
        yield from table


def _of_the_code() -> set[str]:
    """What clients may send, and how often they may call."""
    sizes = set(published_limits(counts_calls=False).model_dump()) - NO_LIMITS
    return sizes | set(PER_ADDRESS) | set(PER_NEW_ACCOUNT)
