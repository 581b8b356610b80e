"""The use cases of sanctions, a file each."""
