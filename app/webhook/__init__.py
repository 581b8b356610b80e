"""Webhooks: events that the operator gets as they happen.

The form is that of Standard Webhooks, for which there are libraries that verify it.

- The body has ids and the console's address: who reported what and why is personal, and a chat
  keeps it for years.
- A feature announces an event in the transaction of its cause, so it is sent if and only if it
  happened. The job's payload is the event: each attempt sends the same bytes under the same id. It
  may come twice and out of order; the id and the timestamp tell.
- The job tries for a day, with pauses that grow up to half an hour. Then it is a dead job, which an
  admin can queue again. Three of a kind run at once (`Job.at_once`), of all workers together, so a
  receiver that hangs holds up no pushes and mails. A call ends after five seconds.
- The address must not become a way into our network (`integrations/outbound_http.py`): the name is
  looked up once and the address that was seen is called; if any is not public, nothing is. No
  redirect and no proxy. An allow-list of private networks would serve whoever gets at the settings.
  A receiver within the network needs something public before it.

There is no table of deliveries: it would be a second queue, to clean up and to export.
"""
