"""Asking for a new lounge, and an admin's answer.

The smallest feature with a table, routes and rules, so it is the one to read first. A request goes
through its files in this order:

    router.py       the URLs, who may call, and which errors the API document names
    schemas.py      the JSON that clients send and get
    service.py      the use cases, each in one method
    policy.py       the rules that need no database
    repository.py   every SQL statement
    rows.py         what the repository returns
    models.py       the table

Beside them are `enums.py` and `exceptions.py`, which most of these use. The feature has no job of
its own, and reports no change itself (`ctx.changed`): `NotificationService.notify` tells the
requester's app and enqueues the push, `WebhookService.announce` enqueues the operator's event.
`app/comment` shows a feature that does both.

`LoungeRequest` is the table in `models.py`, and in `rows.py` what the repository returns, which is
also the JSON that clients get. The admins' routes are in `app/admin`.
"""
