"""`make bench-console`: what the pages of the console cost the database, beside the demo's.

`data` makes a community with 100,000 users, a million posts and 50,000 reports, `pages` says what
is asked, `desk` asks it as an admin and notes the statements, and `__main__` prints a table.
"""
