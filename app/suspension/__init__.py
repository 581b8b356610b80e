"""Suspensions, warnings and appeals.

- `service/suspensions.py` suspends a user and ends that; `service/hiding.py` hides what they wrote,
  and `service/notices.py` notifies them.
- `service/warnings.py` warns, `service/appeals.py` takes appeals.

Three things are in lower packages, which need them. `app/user/service/suspension_check.py` refuses
the requests of suspended users. `app/post/service/withholding.py` keeps content hidden with its
author. `is_suspended` and `not_suspended` in `app/user` say who is suspended. Above, `app/admin`
says which staff may do what, and writes the audit log.
"""
