"""Who may do what to which thing, on every route: a matrix made from the routes and a few rules.

A new route needs one line in `routes.py`, and a rule in `rules.py` for each of its ids unless
one is there. A new state of a post, comment, user or other thing is a line in `states.py`.
"""
