"""Parses Dart with tree-sitter, and sorts the kinds of nodes that its grammar has."""

from collections.abc import Iterator
from pathlib import Path

import tree_sitter_dart_orchard
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_dart_orchard.language()))

COMMENTS = frozenset({"comment", "documentation_comment"})
SCALARS = {
    "string_literal": "String", "decimal_integer_literal": "int", "true": "bool", "false": "bool",
    "decimal_floating_point_literal": "double",
}  # fmt: skip
TRUTHS = frozenset(
    {"equality_expression", "relational_expression", "logical_and_expression"}
    | {"logical_or_expression", "type_test_expression"}
)
SELECTORS = frozenset({"unconditional_assignable_selector", "conditional_assignable_selector"})
OPERATORS = frozenset(
    {"additive_operator", "multiplicative_operator", "equality_operator", "relational_operator"}
    | {"logical_and_operator", "logical_or_operator", "assignment_operator", "postfix_operator"}
)
EXPRESSIONS = frozenset(
    {"additive_expression", "multiplicative_expression", "bitwise_and_expression"}
    | {"bitwise_or_expression", "bitwise_xor_expression", "parenthesized_expression"}
    | {"unary_expression", "postfix_expression", "assignment_expression", "if_null_expression"}
    | {"assignable_expression", "throw_expression", "spread_element"}
    | {"constant_pattern"}
)


def parse(source: str) -> Node:
    return _PARSER.parse(source.encode()).root_node


def text_of(node: Node) -> str:
    return (node.text or b"").decode()


def all_nodes(node: Node) -> Iterator[Node]:
    """In the order of the source."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(one.children))


def children(node: Node) -> list[Node]:
    """Tokens too, but no comments."""
    return [child for child in node.children if child.type not in COMMENTS]


def place(path: Path, node: Node) -> str:
    """`file:line`."""
    return f"{path.name}:{node.start_point.row + 1}"


def syntax_errors(path: Path, root: Node) -> Iterator[str]:
    for node in all_nodes(root):
        if node.type == "ERROR" or node.is_missing:
            yield f"{place(path, node)}: not understood: {text_of(node)[:60]!r}"
        # `f<a.B>(x)` becomes two comparisons in the grammar: `f < a.B > (x)`.
        if node.type == "relational_expression" and node.parent and node.parent.type == node.type:
            yield f"{place(path, node)}: two comparisons in one: {text_of(node)[:60]!r}"


def is_conditional(node: Node) -> bool:
    """Whether a chain such as `a?.b.c()` has a `?.`: all that follows it is skipped for a null."""
    if node.type == "method_invocation":
        function = node.child_by_field_name("function")
        return function is not None and is_conditional(function)
    if node.type == "conditional_assignable_selector":
        return True
    return node.type == "unconditional_assignable_selector" and is_conditional(children(node)[0])


def closest(node: Node, kind: str) -> Node | None:
    parent = node.parent
    while parent is not None and parent.type != kind:
        parent = parent.parent
    return parent
