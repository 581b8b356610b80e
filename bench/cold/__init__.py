"""`make bench-cold BASE=REV`: the operations that `make bench` leaves out, beside another commit.

Each commit answers in a process of its own, without a socket, and on a database of its own. Their
requests alternate, so that other work on the machine affects both. What counts is the CPU time of
the process for a request.
"""
