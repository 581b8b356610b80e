"""A thousand cuts: clients of two servers lose their streams at any byte, and lose nothing else.

`./dev python -m tests.cuts` takes minutes, `test_cuts.py` a few seconds of the same.
"""

import sys
from pathlib import Path

# pytest knows where the Python client is (pyproject.toml); `python -m tests.cuts` does not.
sys.path.append(str(Path(__file__).parents[2] / "clients" / "python" / "src"))
