"""`make bench-search`: what a search costs among a million posts, and what its index takes.

`texts` writes posts in something like Japanese, `community` keeps them in a database, `measure`
searches, and looks at sizes, `report` shows it.
"""
