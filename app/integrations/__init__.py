"""The services outside, each behind a protocol."""
