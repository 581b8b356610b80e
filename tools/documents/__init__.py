"""Checks that the documents tell the truth: links, paths, names, figures, the map of the code.

Each module has functions that return complaints, one sentence each. `tools/check.py` runs all of
them in `make check`.
"""
