"""Every check of the documents, by its name. `make check` runs this list."""

from collections.abc import Callable, Iterator

from tools import ROOT, settings
from tools.documents import decisions, figures, languages, limits, names, promises, structure
from tools.documents.markdown import Document, all_documents, read
from tools.reliability import page, summary

README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
OPERATING = ROOT / "docs" / "operating.md"
SECURITY = ROOT / "SECURITY.md"
SHOWN = ROOT / "docs" / "security.md"
LIMITS = ROOT / "docs" / "limits.md"
DECISIONS = ROOT / "docs" / "adr" / "README.md"
OPERATING_JA = ROOT / "docs" / "operating.ja.md"

type Complaints = Iterator[str]


def _of_each(*checks: Callable[[Document], Complaints]) -> Callable[[], Complaints]:
    def run() -> Complaints:
        for document in all_documents():
            for check in checks:
                yield from check(document)

    return run


def _links() -> Complaints:
    yield from _of_each(names.broken_links, names.missing_paths, languages.unlisted_sections)()
    for english, japanese in languages.pairs():
        yield from languages.wrong_language(english, japanese)


def _code() -> Complaints:
    words = structure.words_of_the_code()
    for document in all_documents():
        if not names.is_history(document):
            yield from structure.unknown_names(document, words)
    yield from structure.wrong_feature_files(read(CONTRIBUTING), "Files of a feature")


def _architecture() -> Complaints:
    document = read(ARCHITECTURE)
    for check in (
        structure.wrong_map,
        structure.wrong_layers,
        structure.wrong_middleware,
        structure.wrong_jobs,
    ):
        yield from check(document)


def _commands() -> Complaints:
    yield from _of_each(names.unknown_commands, names.unknown_targets)()
    yield from names.unlisted_commands(read(OPERATING), "Commands")
    yield from names.unlisted_commands(read(OPERATING_JA), "コマンド")


def _processes() -> Complaints:
    yield from structure.wrong_processes(read(OPERATING), "What runs")
    yield from structure.wrong_processes(read(OPERATING_JA), "動くもの")


def _languages() -> Complaints:
    for english, japanese in languages.pairs():
        yield from languages.differences(english, japanese)


def _decisions() -> Complaints:
    yield from _of_each(decisions.wrong_form, decisions.unknown_decisions)()
    found = decisions.all_decisions()
    yield from decisions.wrong_index(read(DECISIONS), found)
    yield from decisions.one_sided_changes(found)
    for path in structure.sources():
        name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        yield from decisions.unknown_in_code(name, text)


def _promises() -> Complaints:
    yield from promises.wrong_promises(read(SECURITY), read(SHOWN))


def _limits() -> Complaints:
    shown = read(LIMITS)
    others = [document for document in all_documents() if document.path != LIMITS]
    yield from limits.limits_without_a_test(shown, others)


def _settings() -> Complaints:
    try:
        rendered = settings.rendered()
    except settings.WordsMissing as error:
        yield f"tools/settings.toml: {error}"
        return
    for path, text in rendered.items():
        if path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} differs from the code; run `make settings`"


def _reliability() -> Complaints:
    for path, text in page.rendered(summary.suites()).items():
        if path.read_text(encoding="utf-8") != text:
            name = path.relative_to(ROOT)
            yield f"{name} differs from docs/reliability/*.json; run `make reliability`"


CHECKS: dict[str, Callable[[], Complaints]] = {
    "links, paths and lists of sections lead somewhere": _links,
    "settings, calls and codes exist": _of_each(
        names.unknown_settings, names.unknown_calls, names.unknown_codes
    ),
    "commands and targets exist": _commands,
    "names of the code exist": _code,
    "the map, the layers, the middleware and the jobs are true": _architecture,
    "the processes are true": _processes,
    "the decisions have one form, stand in the index, and exist where mentioned": _decisions,
    "each promise of SECURITY.md and each risk names tests that exist": _promises,
    "times and limits are true": _of_each(
        figures.missing_phrases,
        figures.wrong_figures,
        figures.wrong_limits,
        figures.wrong_rates,
    ),
    "each limit names tests that exist": _limits,
    "English and Japanese agree": _languages,
    "docs/settings and .env.example are current": _settings,
    "docs/reliability is what the tests recorded": _reliability,
    "the README is short": _of_each(names.too_long),
}
