"""What only `linky dev` has: fake sign-in providers, an inbox, accounts in one click, faults.

`linky serve` never imports this package, and `create_dev_app` refuses in production (ADR 0085,
0086). Read `app.py` first: it puts everything together.
"""
