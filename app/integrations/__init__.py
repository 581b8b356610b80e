"""External services, each behind a protocol."""
