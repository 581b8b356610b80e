"""The use cases of posts, a file for each kind of act."""
