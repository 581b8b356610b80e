"""Every check of the documents, by its name. `make check` runs this list."""

from collections.abc import Callable, Iterable, Iterator

from tools import ROOT, settings
from tools.documents import figures, limits, names, promises, vocabulary
from tools.documents.markdown import Document, all_docstrings, all_documents, read

ARCHITECTURE = ROOT / "docs" / "architecture.md"
REFERENCE = ROOT / "docs" / "reference.md"
LIMITS = ROOT / "docs" / "limits.md"

type Complaints = Iterator[str]


def _of_each(
    *checks: Callable[[Document], Complaints],
    documents: Callable[[], Iterable[Document]] = all_documents,
) -> Callable[[], Complaints]:
    def run() -> Complaints:
        for document in documents():
            for check in checks:
                yield from check(document)

    return run


def _commands() -> Complaints:
    yield from _of_each(names.unknown_commands, names.unknown_targets)()
    yield from names.unlisted_commands(read(REFERENCE), "Commands")


def _jobs() -> Complaints:
    yield from names.wrong_jobs(read(ARCHITECTURE), "Jobs")


def _promises() -> Complaints:
    shown = read(ROOT / "docs" / "security.md")
    yield from promises.wrong_promises(read(ROOT / "SECURITY.md"), shown)


def _limits() -> Complaints:
    others = [document for document in all_documents() if document.path != LIMITS]
    yield from limits.wrong_rows(read(LIMITS), others)


def _settings() -> Complaints:
    for path, text in settings.rendered().items():
        if path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} differs from the code; run `make settings`"


_POINTERS = (names.missing_paths, names.missing_documents, names.missing_members)

CHECKS: dict[str, Callable[[], Complaints]] = {
    "links and paths lead somewhere": _of_each(names.broken_links, *_POINTERS),
    "so do the paths in docstrings and comments": _of_each(*_POINTERS, documents=all_docstrings),
    "settings, calls and codes exist": _of_each(
        names.unknown_settings, names.unknown_calls, names.unknown_codes
    ),
    "commands and targets exist": _commands,
    "docs/architecture.md lists each job": _jobs,
    "each promise of SECURITY.md names tests": _promises,
    "times and limits are true": _of_each(
        figures.missing_phrases,
        figures.wrong_figures,
        figures.wrong_limits,
        figures.wrong_rates,
    ),
    "docs/limits.md has each limit once": _limits,
    "docs/settings and .env.example are current": _settings,
    "texts use the words of docs/glossary.md": vocabulary.replaced_words,
    "documents, docstrings and comments use standard terms": vocabulary.private_words,
}
