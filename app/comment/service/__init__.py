"""The use cases of comments, a file for each kind of act.

`notifying` is a part that the others use.
"""
