"""The mutants of a file: each changes one place inside a function."""

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

_OTHER: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}

_BOUNDARIES = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

_LOGGERS = {"log", "logger", "logging"}

_CONTEXT = 40
"""Characters that a report shows on both sides of a change."""


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One change. The numbers are those of lines in the file."""

    path: str
    line: int
    last_line: int
    """The statement begins in `line`; its head, without its body, ends here."""

    number: int
    """Its place among the mutants of the file."""

    before: str
    after: str

    def __str__(self) -> str:
        before, after = _shortened(self.before, self.after)
        return f"{self.path}:{self.line}: {before} -> {after}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: in a field of its parent, which may be a list."""

    statement: ast.stmt
    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    @contextmanager
    def holding(self, node: ast.AST) -> Iterator[None]:
        self._put(node)
        try:
            yield
        finally:
            self._put(self.node)

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants_of(path: str) -> list[Mutant]:
    """All mutants of a file; the path begins in the current folder."""
    return [mutant for mutant, _ in _mutants(path, ast.parse(Path(path).read_bytes()))]


def code_with(mutant: Mutant, filename: str) -> CodeType:
    """The code of the whole file with this mutant. Raises ValueError if the file has changed."""
    tree = ast.parse(Path(mutant.path).read_bytes())
    for each, place_and_node in _mutants(mutant.path, tree):
        if each == mutant:
            place, node = place_and_node
            with place.holding(node):
                return compile(tree, filename, "exec", dont_inherit=True)
    raise ValueError(f"{mutant.path} was changed meanwhile")


def _mutants(path: str, tree: ast.Module) -> Iterator[tuple[Mutant, tuple[_Place, ast.AST]]]:
    number = 0
    for function in _functions(tree.body):
        for place in _places(function, function):
            for node in _alternatives(place.node):
                yield _described(path, number, place, node), (place, node)
                number += 1


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        match statement:
            case ast.FunctionDef(decorator_list=decorators) if _keeps_results(decorators):
                continue
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield statement
            case ast.ClassDef(body=inner):
                yield from _functions(inner)


def _keeps_results(decorators: Sequence[ast.expr]) -> bool:
    """A cached result would outlive the mutant: hide it, or stay after it."""
    names = {ast.unparse(each).partition("(")[0] for each in decorators}
    return not names.isdisjoint({"cache", "lru_cache"})


def _places(parent: ast.AST, statement: ast.stmt) -> Iterator[_Place]:
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, node in children:
            if isinstance(node, ast.AST) and not _is_left_out(node):
                inner = node if isinstance(node, ast.stmt) else statement
                yield _Place(inner, parent, field, index, node)
                yield from _places(node, inner)


def _is_left_out(node: ast.AST) -> bool:
    """Whether tests need not notice a change: logs, and what only the type checker reads.

    The arguments of a definition hold annotations, and defaults that were computed long ago.
    """
    match node:
        case ast.arguments() | ast.Assert() | ast.If(test=ast.Name("TYPE_CHECKING")):
            return True
        case ast.Expr(ast.Call(func=ast.Attribute(value=ast.Name(logger)))):
            return logger in _LOGGERS
    return False


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield _with(node, ops=[*ops[:place], _OTHER[type(op)](), *ops[place + 1 :]])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield _with(node, value=not value)
        case ast.Constant(value=int(value)):
            yield _with(node, value=value + 1)
        case ast.If(test=test) | ast.IfExp(test=test) if not _is_negated_otherwise(test):
            yield _with(node, test=_negation(test))
        case ast.comprehension(ifs=tests):
            for place, test in enumerate(tests):
                if not _is_negated_otherwise(test):
                    negated = [*tests[:place], _negation(test), *tests[place + 1 :]]
                    yield _with(node, ifs=negated)
        case ast.Expr(value=ast.Call() | ast.Await(value=ast.Call())):
            yield ast.copy_location(ast.Pass(), node)


def _is_negated_otherwise(test: ast.expr) -> bool:
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[op]):
            return not isinstance(op, _BOUNDARIES)
    return False


def _negation(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    return ast.copy_location(type(node)(**{**dict(ast.iter_fields(node)), **changes}), node)


def _described(path: str, number: int, place: _Place, node: ast.AST) -> Mutant:
    statement = place.statement
    before = _head(statement)
    with place.holding(node):
        after = _head(node if place.node is statement else statement)
    if before == after:  # The change is in a part of a statement without a head of its own.
        before, after = ast.unparse(place.node), ast.unparse(node)
    return Mutant(path, statement.lineno, _last_line(statement), number, before, after)


def _head(statement: ast.AST) -> str:
    return ast.unparse(statement).partition("\n")[0]


def _last_line(statement: ast.stmt) -> int:
    body: list[ast.stmt] = getattr(statement, "body", [])
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return max(statement.lineno, last)


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Both texts without what is far from their difference."""
    same = _same(before, after)
    same_at_end = _same(before[same:][::-1], after[same:][::-1])
    start, left_out = max(0, same - _CONTEXT), max(0, same_at_end - _CONTEXT)
    return _cut(before, start, left_out), _cut(after, start, left_out)


def _same(one: str, other: str) -> int:
    """How many characters they have in common at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _cut(text: str, start: int, left_out: int) -> str:
    end = len(text) - left_out
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (left_out > 0)}"
