"""`requirements.txt`: what `uv.lock` says, for those who install by `pip install -r`."""

from tools import ROOT, output_of

REQUIREMENTS = ROOT / "requirements.txt"
UV = ROOT / ".tools" / "bin" / "uv"

HEADER = "# Made from uv.lock by `make requirements`; a check keeps the two equal.\n"
OPTIONS = [
    *("--frozen", "--no-dev", "--group=embedded", "--no-emit-project"),
    *("--format=requirements-txt", "--no-header"),
]


def exported() -> str:
    """What the file should hold. With hashes, and without the name of any index."""
    return HEADER + output_of(UV, "export", "--quiet", *OPTIONS)


if __name__ == "__main__":
    REQUIREMENTS.write_text(exported(), encoding="utf-8")
