"""The store of pictures, behind a protocol: a folder in development, a bucket in production."""
