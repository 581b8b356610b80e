"""The check of the Dart packages finds mistakes; `make check` runs it on ours."""

import random
from functools import cache
from pathlib import Path

import pytest
from tree_sitter import Node

from tools import ROOT
from tools.client.resolve.check import check
from tools.client.resolve.declarations import Library
from tools.client.resolve.names import Resolver
from tools.client.resolve.syntax import all_nodes, parse, syntax_errors, text_of
from tools.client.resolve.universe import Universe, universe_of

DART = ROOT / "clients" / "dart"
SEED = 20261126
BODILESS = ("target", "cursor", "made", "item", "refused", "code", "problem", "userId")
"""Parameters of function types and of methods that an interface only declares."""


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


OTHER = """
class Box<T> {
  const Box(this.item, {required this.name, this.note = ''});
  Box.empty(this.item) : name = '', note = '';
  final T item;
  final String name;
  final String note;
  static int count(String text) => text.length;
  String shout(String text, {int times = 1}) => text;
}

abstract interface class Shape { int area(); int corners(); }

String _hidden() => '';
int twice(int number) => number + number;
"""

GOOD = """
import 'dart:async';
import 'other.dart';

class Square extends Box<int> implements Shape {
  Square(int side) : _side = side, super(side, name: 'square');
  final int _side;
  int _times = 0;
  @override
  int area() => _side * item;
  @override
  int corners() => 4;
  Future<int> wait(Completer<int> completer) async {
    _times++;
    final int got = await completer.future;
    for (final String word in <String>['a', shout('b', times: 2)]) {
      if (word.isNotEmpty) {
        return Box.count(word) + got + twice(_times);
      }
    }
    try {
      return area();
    } on FormatException catch (error) {
      return error.message.length;
    }
  }
}

String? nothing() => null;

int lengthOf(Box<String?> box, String? other) {
  final Map<String, String> words = <String, String>{};
  if (other == null) {
    return words['a']?.trim().length ?? 0;
  }
  return other.length + Box.count(nothing() ?? box.item ?? '');
}

String describe(Object? value) {
  if (value is Box<int>) {
    return 'a ${value.name} of ${value.item}';
  }
  return '$value';
}
"""


def complaints_about(tmp_path: Path, source: str) -> list[str]:
    folder = tmp_path / "small" / "lib"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "other.dart").write_text(OTHER, encoding="utf-8")
    (folder / "main.dart").write_text(source, encoding="utf-8")
    return list(check(universe_of(tmp_path)))


def test_good_dart_is_not_complained_of(tmp_path: Path) -> None:
    assert complaints_about(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("'dart:async'", "'dart:convert'", "no type Completer"),
        ("'other.dart'", "'missing.dart'", "no library missing.dart"),
        ("import 'other.dart';", "import 'other.dart' hide twice;", "twice is not declared"),
        ("import 'other.dart';", "import 'other.dart'; import 'dart:io';", "dart:io is imported"),
        ("word.isNotEmpty", "word.isNotEmtpy", "String has no isNotEmtpy"),
        ("completer.future", "completer.future_", "Completer has no future_"),
        ("Box.count(word)", "Box.counts(word)", "Box has no static counts"),
        ("Box.count(word)", "Box.shout(word)", "Box has no static shout"),
        ("Box.count(word)", "Box.count(word, word)", "count takes 1 arguments, not 2"),
        ("Box.count(word)", "Box.count(got)", "'got' is a int, not a String"),
        ("times: 2", "time: 2", "shout has no parameter time"),
        ("times: 2", "times: 'x'", "\"'x'\" is a String, not a int"),
        ("name: 'square'", "note: 'square'", "Box needs name"),
        ("super(side, name", "super(name", "Box takes 1 arguments, not 0"),
        ("_side = side", "_sides = side", "Square has no field _sides"),
        ("twice(_times)", "twice(times)", "times is not declared"),
        ("twice(_times)", "_hidden(_times)", "_hidden is not declared"),
        ("final int got", "final Integer got", "no type Integer"),
        ("final int got", "final String got", "is a int, not a String"),
        ("value.item}", "value.items}", "has no items"),
        ("'$value'", "'$values'", "values is not declared"),
        ("error.message", "fault.message", "fault is not declared"),
        ("int corners() => 4;", "", "Square lacks corners of Shape"),
        ("int corners() => 4;", "int corners() => 4; int area() => 1;", "area is declared twice"),
        ("int area() =>", "static int area() =>", "_side is a member of an object"),
        ("<String>['a'", "['a'", "needs its written types"),
        ("final String word", "final word", "word has no written type"),
        ("words['a']?.trim()", "words['a'].trim()", "\"words['a']\" may be null"),
        ("words['a']?.trim().length ?? 0", "words['a']?.codes ?? 0", "String has no codes"),
        ("if (other == null) {", "if (words.isEmpty) {", "'other' may be null"),
        ("nothing() ?? box.item ?? ''", "nothing() ?? box.item", "may be null"),
        ("nothing() ?? box.item ?? ''", "nothing()", "'nothing()' may be null"),
        ("final int got = await", "final int? n = await", "got is not declared"),
        ("return Box.count(word) + got", "return word", "is a String, not a int"),
        ("return other.length + Box.count", "return words.remove", "may be null"),
        ("String? nothing() => null", "String? nothing() => 1", "'1' is a int, not a String"),
        ("return area();", "return _times > 0 ? wait(completer) : 1;", "is a Future"),
        ("return area();", "return switch (1) { _ => 1 };", "not in the part of Dart"),
    ],
)
def test_a_mistake_is_found(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in GOOD
    found = complaints_about(tmp_path, GOOD.replace(before, after))
    assert any(words in one for one in found), found


@cache
def packages() -> Universe:
    return universe_of(DART)


@pytest.mark.parametrize(
    "name", ["session", "draft", "drafts", "transport", "copy_state", "live", "file_store"]
)
def test_any_misspelt_name_is_found(name: str) -> None:
    """Every name of the runtime counts: a letter more in any one of them is complained of."""
    universe = packages()
    uri = f"package:linky/src/{name}.dart"
    library = universe.libraries[uri]
    source = library.source.encode()
    nodes = [
        node
        for node in all_nodes(library.root)
        if node.type in ("identifier", "type_identifier", "identifier_dollar_escaped")
        and not text_of(node).endswith("Q")
    ]
    chosen = random.Random(SEED).sample(nodes, 12)
    missed = []
    for node in chosen:
        changed = source[: node.end_byte] + b"Q" + source[node.end_byte :]
        broken = type(library)(library.path, uri, changed.decode())
        universe.libraries[uri] = broken
        known = dict(universe.classes)
        universe.classes.update(broken.classes)
        is_found = is_complained_of(universe, broken)
        universe.libraries[uri] = library
        universe.classes.clear()
        universe.classes.update(known)
        if not is_found:
            missed.append(f"{node.start_point.row + 1}: {text_of(node)}")
    # A declaration that is used nowhere in its own file may have any name.
    declared = {one.split(": ")[1] for one in missed}
    assert declared <= free_names(universe, name), missed


class Complained(Exception):
    """The first complaint, which is enough."""


class Impatient(Resolver):
    """Stops at its first complaint."""

    def complain(self, node: Node, words: str) -> None:
        raise Complained


def is_complained_of(universe: Universe, library: Library) -> bool:
    try:
        Impatient(universe, library).run()
    except Complained:
        return True
    return False


def free_names(universe: Universe, name: str) -> set[str]:
    """What a file declares for others, or names without using it: parameters without a body."""
    library = universe.libraries[f"package:linky/src/{name}.dart"]
    found = set(library.members) | set(library.classes) | set(library.aliases)
    for one in library.classes.values():
        found |= {*one.members, *one.constructors, *BODILESS}
    return found
