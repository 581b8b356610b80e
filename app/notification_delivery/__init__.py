"""Reading what users are notified of: the list, the count, pushes, and what streams are told.

It stands above posts and comments, and asks them whether a reader sees them, and for their words.
`notification` writes what is read here.
"""
