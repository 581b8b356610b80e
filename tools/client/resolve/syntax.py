"""Parses Dart with tree-sitter."""

from collections.abc import Iterator
from pathlib import Path

import tree_sitter_dart_orchard
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_dart_orchard.language()))

COMMENTS = frozenset({"comment", "documentation_comment"})


def parse(source: str) -> Node:
    """The tree of a file."""
    return _PARSER.parse(source.encode()).root_node


def text_of(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode()


def all_nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in node.children:
        yield from all_nodes(child)


def children(node: Node) -> list[Node]:
    """The children, tokens too, without comments."""
    return [child for child in node.children if child.type not in COMMENTS]


def field_of(node: Node, index: int) -> str | None:
    """The name that the grammar gives to a child."""
    return node.field_name_for_child(index)


def place(path: Path, node: Node) -> str:
    """`file:line` of a node."""
    return f"{path.name}:{node.start_point.row + 1}"


def syntax_errors(path: Path, root: Node) -> Iterator[str]:
    """What the grammar does not understand."""
    for node in all_nodes(root):
        if node.type == "ERROR" or node.is_missing:
            yield f"{place(path, node)}: not understood: {text_of(node)[:60]!r}"
        # `f<a.B>(x)` becomes two comparisons in the grammar: `f < a.B > (x)`.
        if node.type == "relational_expression" and node.parent and node.parent.type == node.type:
            yield f"{place(path, node)}: two comparisons in one: {text_of(node)[:60]!r}"
