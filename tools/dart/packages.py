"""One program of all Dart that is here, and what each `package:` in it is."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools import ROOT

STAND_INS = Path(__file__).parent / "packages"
CLIENTS = ROOT / "clients" / "dart"
GUIDES = (
    *("docs/flutter.md", "docs/flutter.ja.md"),
    *("clients/dart/linky/README.md", "clients/dart/linky_flutter/README.md"),
    *(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/adr/*-dart-compiled-and-run.md")),
)
BLOCK = re.compile(r"```dart\n(.*?)```", re.DOTALL)
NEWEST = "3.7"


def language_of(package: Path) -> str:
    """The oldest Dart that a package names: what is newer in its source does not compile."""
    found = re.search(r"sdk: \">=(\d+\.\d+)", (package / "pubspec.yaml").read_text("utf-8"))
    assert found, package
    return found[1]


def blocks() -> Iterator[tuple[str, str]]:
    """Each Dart block of the guides, with a name that says where it begins."""
    for guide in GUIDES:
        text = (ROOT / guide).read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 2
            yield f"{re.sub(r'[/.]', '_', guide)}_{line}.dart", block[1]


def write_program(
    folder: Path, suites: Mapping[str, Path], *, linky: Path = CLIENTS / "linky"
) -> tuple[Path, Path]:
    """Write `main.dart` and its package_config.json; returns both.

    The program has our packages, the blocks of the guides and the examples, which only have to
    compile, and the tests in the files of `suites`. It runs the tests that its arguments name.
    """
    samples = folder / "samples" / "lib"
    samples.mkdir(parents=True, exist_ok=True)
    for old in samples.iterdir():
        old.unlink()
    compiled = []
    for name, source in blocks():
        (samples / name).write_text(source, encoding="utf-8")
        compiled.append(f"package:samples/{name}")
        if "class Keychain" in source:  # Of the guide, for a journey to run.
            (samples / "keychain.dart").write_text(f"export '{name}';\n", encoding="utf-8")
    flutter = CLIENTS / "linky_flutter"
    config = write_config(folder, linky=linky)
    for name, package in (("linky", linky), ("linky_flutter", flutter)):
        compiled += (
            f"package:{name}/{path.name}" for path in sorted((package / "lib").glob("*.dart"))
        )
    compiled += (path.as_uri() for path in sorted((flutter / "example").rglob("*.dart")))
    program = folder / "main.dart"
    program.write_text("\n".join(_program(compiled, suites)) + "\n", encoding="utf-8")
    return program, config


def write_config(folder: Path, *, linky: Path = CLIENTS / "linky") -> Path:
    """Write where each package is: ours, and the substitutes of others."""
    flutter = CLIENTS / "linky_flutter"
    config = folder / "package_config.json"
    places = {path.name: (path, NEWEST) for path in sorted(STAND_INS.iterdir())}
    places |= {path.name: (path, language_of(path)) for path in (flutter,)}
    places["linky"] = (linky, language_of(linky))
    places["samples"] = (folder / "samples", language_of(linky))
    packages = [
        {"name": name, "rootUri": place.as_uri(), "packageUri": "lib/", "languageVersion": version}
        for name, (place, version) in places.items()
    ]
    config.write_text(json.dumps({"configVersion": 2, "packages": packages}, indent=1), "utf-8")
    return config


def _program(compiled: Iterable[str], suites: Mapping[str, Path]) -> Iterator[str]:
    yield "import 'dart:io';"
    yield "import 'package:test/test.dart';"
    for number, uri in enumerate(compiled):
        yield f"import '{uri}' as compiled{number};"
    for number, path in enumerate(suites.values()):
        yield f"import '{path.as_uri()}' as suite{number};"
    yield "Future<void> main(List<String> only) async {"
    yield "  final failed = await runSuites({"
    for number, name in enumerate(suites):
        yield f"    '{name}': suite{number}.main,"
    yield "  }, only);"
    yield "  exit(failed == 0 ? 0 : 1);"
    yield "}"
