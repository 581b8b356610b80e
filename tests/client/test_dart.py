"""The Dart packages: every file is parsed, for want of a compiler."""

from pathlib import Path

import pytest

from tools import ROOT
from tools.client.resolve.syntax import parse, syntax_errors

DART = ROOT / "clients" / "dart"
FILES = sorted(DART.rglob("*.dart"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DART)))
def test_a_file_is_dart(path: Path) -> None:
    assert list(syntax_errors(path, parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "final int x = ;",
        "class A { int f( { return 1; } }",
        "void f() { g(1; }",
        "void f() { return Future.any<http.Response>(x); }",
    ],
)
def test_what_is_not_dart_is_found(source: str) -> None:
    assert list(syntax_errors(Path("a.dart"), parse(source)))
