"""The use cases of auth, a file each."""
