"""The log of what changed, in the order in which changes became visible (ADR 0075).

A unit of work says what it changed (`Context.changed`), and commits that with the change itself.
`LiveLog` reads the log. It knows ids and kinds only: what a change looks like to whom is the
knowledge of `app/live`.
"""
