"""Reads from a replica of the database, and each user's own writes from the primary. ADR 0066.

Only a server with LINKY_DATABASE_REPLICA_URL loads it.

`probe` asks both servers how far they are. `tracker` asks again and again, and says whether the
replica may be used. `positions` knows how far the primary was when a user last wrote. `reads` sends
the statements of a request to one of the two.
"""
