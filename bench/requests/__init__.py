"""`make bench`: what a request costs, beside the same SQL without a framework, and the usual way.

`community` makes the data, `servers` starts the variants, `cases` says what is asked, `measure`
asks it, and `report` shows the result. docs/performance.md says how to read it.
"""
