"""Gives functions of this process other code for a while, and then their own again."""

import gc
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from types import CodeType, FunctionType


def functions_of(filenames: Set[str]) -> list[FunctionType]:
    """Also those that decorators have wrapped."""
    gc.unfreeze()  # The collector does not list what tests/conftest.py has frozen.
    functions = [
        each
        for each in gc.get_objects()
        if type(each) is FunctionType and each.__code__.co_filename in filenames
    ]
    gc.freeze()
    return functions


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code, and that of all functions, lambdas and comprehensions inside."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from nested(constant)


@contextmanager
def swapped(functions: Iterable[FunctionType], file: CodeType) -> Iterator[Sequence[FunctionType]]:
    """Give these functions their code of this file. Yields those whose code was another one.

    None is changed if Python refuses a new code: it can't have other variables of an outer scope.
    """
    codes = {_key(code): code for code in nested(file)}
    own = [(each, each.__code__) for each in functions]
    changed = [each for each, code in own if codes.get(_key(code), code) != code]
    try:
        try:
            for function in changed:
                function.__code__ = codes[_key(function.__code__)]
        except ValueError:
            changed = []
            _put_back(own)
        yield changed
    finally:
        _put_back(own)


def _put_back(own: Iterable[tuple[FunctionType, CodeType]]) -> None:
    for function, code in own:
        function.__code__ = code


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno
