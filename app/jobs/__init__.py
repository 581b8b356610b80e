"""Work that happens after the request: pgqueuer on our own PostgreSQL.

A job exists if and only if the transaction that enqueued it commits. It runs in a transaction of
its own, which also removes it from the queue, so its writes happen once. What it does outside the
database may happen twice: a worker can die between that and its commit.
"""
