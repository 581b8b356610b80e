"""`linky openapi`: prints the API's OpenAPI document."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.common import read_settings


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
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
