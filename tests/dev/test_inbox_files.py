"""The files of the inbox: what is kept, and what is shown."""

from pathlib import Path
from uuid import uuid4

import pytest

from app.core.settings.config import Settings
from app.integrations.mail.file import FileMailer
from app.integrations.mail.render import render_mail
from app.integrations.push.base import PushMessage, PushTarget
from app.integrations.push.log import LogPushSender
from linky_dev.inbox import InboxFiles
from linky_dev.schemas import MessageKind
from tests.support.apps import SettingsOfTests

TARGET = PushTarget(uuid4(), "fcm_token", "value", "ios")


def message(title: str) -> PushMessage:
    data = {"notification_id": str(uuid4()), "url": "http://test/p/1"}
    return PushMessage(title, "本文", data, 3, str(uuid4()), "comments")


@pytest.fixture
def files(tmp_path: Path) -> Settings:
    return SettingsOfTests(data_dir=tmp_path)


@pytest.mark.anyio
async def test_mails_and_pushes_are_listed_the_newest_first(files: Settings) -> None:
    link = "http://test/account/verify-email?token=abc"
    mail = render_mail(
        "verify_email",
        "Hana@Example.com",
        "ja",
        brand=files.brand,
        link=link,
        button="確認する",
        nickname="花子",
    )
    await FileMailer(files.mail_dir, files.sender).send(mail)
    await LogPushSender(files.data_dir / "push").send(message("ケンさんのコメント"), [TARGET])
    (files.mail_dir / "20200101T000000.000000-00000000.eml").write_bytes(b"\xff no mail")
    (files.data_dir / "push" / "20200101T000000.000000-00000000.json").write_text("{")
    (files.data_dir / "push" / "note.json").write_text("{}")
    push, received, *rest = InboxFiles(files).list_latest()
    assert (push.kind, push.title, push.badge) == (MessageKind.PUSH, "ケンさんのコメント", 3)
    assert push.url == "http://test/p/1"
    assert push.data == {"notification_id": str(push.notification_id), "url": push.url}
    assert (push.channel, push.platforms) == ("comments", ("ios",))
    assert (received.data, received.channel, received.platforms) == (None, None, ())
    assert (received.kind, received.to) == (MessageKind.MAIL, "hana@example.com")
    assert received.links == (link,)
    assert all(each.title == "" for each in rest)
    html = InboxFiles(files).html_of(received.id)
    assert html is not None
    assert "abc" in html
    for name in (f"../mail/{received.id}", push.id, "note.json", ""):
        assert InboxFiles(files).html_of(name) is None
    InboxFiles(files).empty()
    assert InboxFiles(files).list_latest() == []
    assert (files.data_dir / "push" / "note.json").exists()
