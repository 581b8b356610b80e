"""`make test-image`: builds the image's file system without Docker, and runs it."""
