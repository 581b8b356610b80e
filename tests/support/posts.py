"""What tests write into posts."""

WORDS = {"title": "題", "body": "文"}
