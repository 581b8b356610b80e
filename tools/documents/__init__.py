"""Checks that the documents tell the truth: links, paths, names, figures, the map of the code.

Each module has functions that return complaints, one sentence each. `tools/check.py` runs all of
them in `make check`. `test_documents.py`, `test_documented_structure.py` and
`test_promises_and_limits.py` in `tests/tools` show that each can fail.
"""
