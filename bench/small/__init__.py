"""`make bench-small`: how fast Linky starts, and how much memory it takes.

`processes` starts and measures processes, `load` makes the requests, `report` shows the result.
"""
