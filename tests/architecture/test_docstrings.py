"""A docstring says more than the name of what it describes."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import ROOT, hand_written

FILLER = re.compile(
    r"a|all|an|and|any|are|as|at|be|been|by|do|does|each|every|for|from|had|has|have|how|if|in|is|it|its|"
    r"makes?|made|many|of|on|one|or|same|some|that|the|them|their|there|these|this|those|to|was|"
    r"were|what|when|where|whether|which|whose?|will|with"
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_ENDING = re.compile(r"(ations?|ings?|ies|ied|ers?|ors?|ed|es|s|e|y)$")

type Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def stems(text: str) -> set[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return {
        _ENDING.sub("", word) if len(word) > 3 else word
        for word in words
        if not FILLER.fullmatch(word)
    }


def names_of(node: Named) -> str:
    if isinstance(node, ast.ClassDef):
        return node.name
    arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    return " ".join([node.name, *(argument.arg for argument in arguments)])


def is_route(node: Named) -> bool:
    """A route's docstring is its text in the API's document, so it may be the name's own words."""
    return any(isinstance(decorator, ast.Call) for decorator in node.decorator_list)


def said_twice(node: ast.AST, outer: str = "") -> Iterator[Named]:
    """Classes and functions whose docstring has no word that their names lack."""
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            text = ast.get_docstring(child)
            if text and not is_route(child) and stems(text) <= stems(f"{outer} {names_of(child)}"):
                yield child
            name = child.name if isinstance(child, ast.ClassDef) else ""
        if not isinstance(child, ast.expr):
            yield from said_twice(child, name)


def test_no_docstring_only_says_the_name_again() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: delete the docstring of {node.name}"
        for path in hand_written()
        if "clients" not in path.parts  # Theirs are the documentation of a package.
        for node in said_twice(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_a_docstring_that_only_says_the_name_again_is_found() -> None:
    source = '''
class OpenLounges:
    """Lounges that are open."""

    def close_all(self, lounges: list[str]) -> None:
        """Closes each of these lounges."""

    def close(self, lounge_id: str) -> None:
        """Raises LoungeNotFound."""

@router.post("/lounges")
def open_lounge() -> None:
    """Open a lounge."""
'''
    found = [node.name for node in said_twice(ast.parse(source))]
    assert found == ["OpenLounges", "close_all"]
