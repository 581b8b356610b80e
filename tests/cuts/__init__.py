"""A thousand cuts: clients of two servers lose their streams at any byte, and lose nothing else.

`./dev python -m tests.cuts` takes minutes, `test_cuts.py` a few seconds of the same.
"""
