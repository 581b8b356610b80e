"""`make bench-search`: what a search costs among a million posts, and what its index takes.

`texts` writes posts in something like Japanese, `community` keeps them in a database, `terms` says
what is searched for, `measure` searches, `costs` looks at sizes and at writes, `report` shows it.
"""
