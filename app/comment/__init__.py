"""Comments on posts, and replies to them.

The path of a new comment:

1. `router.py`: `create_comment`.
2. `service/writing.py`: guard, decide, write.
3. `repository/writing.py`: the two statements. ADR 0053 says why there are two.
4. After the commit, for those who watch the post: `jobs.py`, and `service/fan_out.py`.

Comments share rules and parts of statements with posts: `app/post/policy.py`, `app/post/writes.py`.
"""
