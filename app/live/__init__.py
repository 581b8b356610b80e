"""What changed, as one caller may see it: for apps that are open, and for those that were away.

The log (`app/live_log`) has ids. Here they become what a client gets. `policy.py` says who sees
what. `service/resolving.py` and `service/personal.py` load it, for one caller or once for many.
`service/catching_up.py` answers `GET /changes`, and `hub/` feeds the open streams.
"""
