"""`linky openapi`: prints the API's OpenAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.common import read_settings

_WIDTH = 100


def openapi(
    output: Annotated[
        Path | None, typer.Option(help="The file to write, instead of printing.")
    ] = None,
) -> None:
    """Print the OpenAPI document."""
    from app.main import create_app
    from app.web.document import HERE

    # The settings of this machine are not part of the document.
    settings = read_settings().model_copy(update={"public_url": HERE})
    document = create_app(settings).openapi()
    text = "\n".join(lines_of(document)) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def lines_of(value: Any, indent: str = "", name: str = "", end: str = "") -> Iterator[str]:
    """JSON in which what fits into a line has one: it is a third smaller, and reads well."""
    line = f"{indent}{name}{json.dumps(value, ensure_ascii=False, sort_keys=True)}{end}"
    if not value or not isinstance(value, dict | list) or len(line) <= _WIDTH:
        yield line
        return
    if isinstance(value, dict):
        inner = [(json.dumps(key, ensure_ascii=False) + ": ", value[key]) for key in sorted(value)]
    else:
        inner = [("", item) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield indent + name + opening
    for number, (key, item) in enumerate(inner, 1):
        yield from lines_of(item, indent + " ", key, "," * (number < len(inner)))
    yield indent + closing + end
