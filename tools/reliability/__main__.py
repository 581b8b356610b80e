"""Shows what tests of reliability recorded; `--write` moves it into docs/reliability."""

from typing import Annotated

import typer

from tools.reliability.page import rendered
from tools.reliability.summary import FRESH, KEPT, suites, write


def main(
    into_the_documents: Annotated[
        bool, typer.Option("--write", help="Move the summaries into the documents.")
    ] = False,
) -> None:
    for suite in suites(FRESH):
        for one in suite.scenarios:
            typer.echo(f"{suite.suite} {one.name}: {one.survived} of {one.runs}, lost {one.lost}")
        if into_the_documents:
            write(KEPT / f"{suite.suite}.json", suite)
            (FRESH / f"{suite.suite}.json").unlink()
    if into_the_documents:
        for path, text in rendered(suites()).items():
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
