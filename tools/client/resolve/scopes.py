"""What a place in a library sees: variables, types, and what imports bring."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from tree_sitter import Node

from tools.client.resolve.declarations import UNKNOWN, DartClass, DartType, Library, read_type
from tools.client.resolve.syntax import all_nodes, children, place, text_of
from tools.client.resolve.universe import Universe


@dataclass
class Scopes:
    """The names that a place in a library sees."""

    universe: Universe
    library: Library
    complaints: list[str] = field(default_factory=list)
    untyped: int = 0
    used: set[int] = field(default_factory=set)
    scopes: list[dict[str, DartType]] = field(default_factory=list)
    type_names: list[set[str]] = field(default_factory=list)
    inside: DartClass | None = None
    is_static: bool = False
    tests: list[Node] = field(default_factory=list)
    """The comparisons in the function that may ask for a type, or for null."""
    returns: DartType = UNKNOWN
    """What `return` has to give here."""
    last: DartType = UNKNOWN
    """The type of the expression that was resolved last."""

    def complain(self, node: Node, words: str) -> None:
        self.complaints.append(f"{place(self.library.path, node)}: {words}")

    @contextmanager
    def scope(self) -> Iterator[None]:
        self.scopes.append({})
        yield
        self.scopes.pop()

    @contextmanager
    def names_of_types(self, names: Sequence[str]) -> Iterator[None]:
        self.type_names.append(set(names))
        yield
        self.type_names.pop()

    def declare(self, name: str, type_: DartType) -> None:
        if self.scopes:
            self.scopes[-1][name] = type_

    def owner(self, node: Node, name: str, prefix: str = "") -> Library | None:
        """The library that declares a name. Notes the import that brings it."""
        owners = list(self.universe.owners(self.library, name, prefix))
        different = {owner.uri for owner, _ in owners}
        # What an import brings hides what dart:core has.
        if len(different - {"dart:core"}) > 1:
            self.complain(node, f"{name} comes from {', '.join(sorted(different))}")
        for _, link in owners:
            if link:
                self.used.add(link.node.id)
        return owners[0][0] if owners else None

    def expression(self, node: Node) -> DartType:
        raise NotImplementedError

    def types_in(self, node: Node) -> None:
        for part in all_nodes(node):
            if part.type == "type_identifier":
                self.type_(part)
            elif part.type == "annotation":
                self.expression(children(part)[1])

    def type_(self, node: Node) -> None:
        """The name of a type. `a.B` is two nodes side by side, the first of them the prefix."""
        if node.type != "type_identifier":
            return
        name, prefix = text_of(node), ""
        before, after = node.prev_sibling, node.next_sibling
        if after is not None and after.type == "." and self.is_prefix(name):
            return
        if before is not None and before.type == "." and before.prev_sibling is not None:
            prefix = text_of(before.prev_sibling)
        if any(name in names for names in self.type_names):
            return
        owner = self.owner(node, name, prefix)
        if owner is None or not (name in owner.classes or name in owner.aliases):
            self.complain(node, f"no type {name}")

    def is_prefix(self, name: str) -> bool:
        return any(link.prefix == name for link in self.library.links if name)

    def alias(self, type_: DartType) -> DartType:
        return self.universe.aliases.get(type_.simple, type_)

    def tested(self, node: Node) -> Iterator[DartType]:
        """The types that `is` tests the variable for, anywhere in the function."""
        if node.type == "identifier":
            for test in self.tests:
                if test.type == "type_test_expression" and children(test)[0].text == node.text:
                    yield read_type(children(children(test)[1]), 1)[0]

    def not_null(self, node: Node, type_: DartType) -> None:
        """Complain of a value that may be null, where none may be. A tested variable may not."""
        if not type_.may_be_null or type_.name == "Null":
            return
        if node.type == "identifier" and self.is_tested_for_null(node):
            return
        self.complain(node, f"{text_of(node)[:40]!r} may be null")

    def is_tested_for_null(self, node: Node) -> bool:
        """Whether the function compares a local variable with null, or asks for its type."""
        name = text_of(node)
        is_local = any(name in scope for scope in self.scopes)
        return is_local and any(text_of(children(test)[0]) == name for test in self.tests)

    def fits(self, node: Node, wanted: DartType, given: DartType) -> None:
        """Complain of a value that is of another class than is asked for."""
        wanted, given = self.alias(wanted), self.alias(given)
        if wanted.simple in self.universe.classes and not wanted.may_be_null:
            self.not_null(node, given)
        classes = self.universe.classes
        names = [one.simple for one in (wanted, given)]
        if not all(name in classes for name in names) or names[0] in ("Object", "Null"):
            return
        if names == ["double", "int"] and node.type == "decimal_integer_literal":
            return
        options = chain([given], self.tested(node))
        if not any(names[0] in self.universe.supertypes(one) for one in options):
            self.complain(node, f"{text_of(node)[:40]!r} is a {given.name}, not a {wanted.name}")
