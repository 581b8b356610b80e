"""Writes `requirements.txt` from `uv.lock`, for `pip install -r`."""

from tools import ROOT, output_of

REQUIREMENTS = ROOT / "requirements.txt"
UV = ROOT / ".tools" / "bin" / "uv"

HEADER = "# Made from uv.lock by `make requirements`; a check keeps the two equal.\n"
OPTIONS = [
    *("--frozen", "--no-dev", "--group=embedded", "--no-emit-project"),
    *("--format=requirements-txt", "--no-header"),
]


def exported() -> str:
    """The right content of the file: with hashes, and without the URL of any index."""
    return HEADER + output_of(UV, "export", "--quiet", *OPTIONS)


if __name__ == "__main__":
    REQUIREMENTS.write_text(exported(), encoding="utf-8")
