"""Mutation testing of services and policies: `python -m tools.mutants post --sample 100 --seed 1`.

A mutant is the code with one line changed. One that survives the tests shows a rule that no test
proves, unless it means the same as before.
"""
