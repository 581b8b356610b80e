"""The check of the Dart packages: no parse error, no undeclared name, no wrong arguments."""

from collections.abc import Sequence

from tools import ROOT
from tools.client.resolve.names import Resolver
from tools.client.resolve.syntax import syntax_errors
from tools.client.resolve.universe import STUBS, Universe, universe_of
from tools.documents.markdown import read

PACKAGES = ROOT / "clients" / "dart"
DOCUMENTS = sorted([*ROOT.glob("docs/clients*.md"), *PACKAGES.glob("*/README*.md")])


def check(universe: Universe) -> Sequence[str]:
    """Resolves each library of ours; returns the complaints."""
    complaints = [*universe.doubles]
    for library in universe.libraries.values():
        complaints += syntax_errors(library.path, library.root)
        if library.path.parent != STUBS:
            resolver = Resolver(universe, library)
            resolver.run()
            complaints += resolver.complaints
    return complaints


def check_packages() -> Sequence[str]:
    """Check the packages of this checkout, and the Dart in the documents about them."""
    universe = universe_of(PACKAGES)
    for path in DOCUMENTS:
        for number, (_, body) in enumerate(
            block for block in read(path).blocks if block[0] == "dart"
        ):
            universe.add_source(path, f"file:documents/{path.name}/{number}", body)
    return check(universe)
