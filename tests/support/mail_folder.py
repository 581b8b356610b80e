"""The mails that a whole server has written to its data folder."""

from email import message_from_bytes, policy
from pathlib import Path


def mailed_links(data_dir: Path, email: str, page: str) -> list[str]:
    """The links to this page in the mails to this address."""
    lines: list[str] = []
    for file in (data_dir / "mail").rglob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        if email in str(mail["to"]) and body is not None:
            lines += body.get_content().splitlines()
    return [line for line in lines if f"{page}?token=" in line]
