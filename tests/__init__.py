"""The tests. Their processes write and share bytecode files, even if the environment forbids it.

A run starts some sixty processes. Without bytecode files each process would compile the whole app
again, and each worker would compile all tests too.
"""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
