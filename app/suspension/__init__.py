"""Suspensions, warnings and appeals.

- `service/suspensions.py` suspends a user and ends that; `service/hiding.py` hides what they wrote,
  and `service/notices.py` notifies them.
- `service/warnings.py` warns, `service/appeals.py` takes appeals.

Some things are in lower packages, which need them. `UserService.set_suspension` writes the columns.
`SessionService._admit` decides whether a suspended user is refused, for each write, and
`app/user/service/suspension_check.py` has the refusal. `app/post/service/withholding.py` keeps
content hidden with its author. `is_suspended` and `not_suspended` in `app/user` say who is
suspended.

Above, `app/admin` says which staff may do what, and writes the audit log. The end of a timed
suspension is in that log too, so `SuspensionTimer` is there: `service/suspension_timer.py`, run by
`app/admin/jobs.py`.
"""
