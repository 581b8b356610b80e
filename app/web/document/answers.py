"""Says each error answer once, in `components/responses`. Operations refer to it by its codes."""

from typing import Any

type Json = dict[str, Any]

_PREFIX = "#/components/responses/"


def share_error_answers(document: Json) -> None:
    """Move the error answers of all operations to the components."""
    shared: Json = {}
    for path in document["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                if status >= "4":
                    name = _name(status, answer)
                    assert shared.setdefault(name, answer) == answer, name
                    operation["responses"][status] = {"$ref": _PREFIX + name}
    document["components"]["responses"] = shared


def _name(status: str, answer: Json) -> str:
    """`404.not_found.post_not_found`. Of two with the same codes one says as of when it holds."""
    ending = ["as_of"] if "Linky-As-Of" in answer.get("headers", {}) else []
    return ".".join((status, *answer["x-error-codes"], *ending))
