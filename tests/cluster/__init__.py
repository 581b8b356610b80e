"""Several servers and workers on one database, as real processes: `make test-cluster`."""
