"""The tests. Their processes share compiled files, also where the environment forbids to write any.

A run starts some sixty processes. Without the files each of them compiles the whole app again,
and each worker compiles all tests too.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
