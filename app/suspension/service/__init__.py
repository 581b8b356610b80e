"""The use cases of suspensions, warnings and appeals, a file each."""
