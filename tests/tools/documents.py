"""Documents with a text of a test's choice, for the checks of the documents."""

from collections.abc import Callable, Iterator

from tools import ROOT
from tools.documents.markdown import Document

type Check = Callable[[Document], Iterator[str]]


def document(text: str, name: str = "docs/http.md") -> Document:
    """A document with this text, at the path of an existing document."""
    return Document(ROOT / name, text)
