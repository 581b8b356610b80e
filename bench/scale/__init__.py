"""`make bench-scale`: whether a list costs the same however much there is, and what it stores.

`data` makes the same community small and big, `lists` says what is asked, `measure` asks both in
turns, and `report` shows the result. docs/performance.md says how to read it.
"""
