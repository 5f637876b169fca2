"""E-mail to a real SMTP server on this machine: both forms arrive, codes are understood, no lost answer is guessed."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.operations.notification.email import Email, MailServer, plain

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
MESSAGE = Outgoing("ntf_1", "wang@example.com", "贷款已发放：CNY 12.00", "<p>您好&amp;你好</p><p>再见</p>")


@dataclass
class Server:
    """What a mail server was handed, and how it answers."""

    recipient: str = "250 OK"
    data: str = "250 Message accepted"
    received: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.received.append(message_from_bytes(envelope.content, policy=default))
        if self.data == "breaks":
            server.transport.abort()
        return self.data


@pytest.fixture
def server() -> Iterator[tuple[Server, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


def email(url: str) -> Email:
    return Email(MailServer.of(url, "bank@bank.example"))


async def test_a_message_arrives_in_both_forms_under_its_id(server: tuple[Server, str]) -> None:
    handler, url = server
    assert await email(url).send(MESSAGE, NOW) == Answer(DeliveryOutcome.ACCEPTED, "250", "ntf_1")
    (received,) = handler.received
    assert received["message-id"] == "<ntf_1@bank.example>"
    assert (received["subject"], received["to"]) == ("贷款已发放：CNY 12.00", "wang@example.com")
    text, html = received.iter_parts()
    assert text.get_content() == "您好&你好\n再见\n"
    assert "<p>您好&amp;你好</p>" in html.get_content()


@pytest.mark.parametrize(
    ("recipient", "data", "outcome"),
    [
        ("550 no such user", "250 OK", DeliveryOutcome.REJECTED),
        ("450 mailbox busy", "250 OK", DeliveryOutcome.UNAVAILABLE),
        ("250 OK", "554 spam", DeliveryOutcome.REJECTED),
        ("250 OK", "452 no room", DeliveryOutcome.UNAVAILABLE),
        ("250 OK", "breaks", DeliveryOutcome.UNKNOWN),
    ],
)
async def test_what_a_server_says_is_understood(
    server: tuple[Server, str], recipient: str, data: str, outcome: DeliveryOutcome
) -> None:
    handler, url = server
    handler.recipient, handler.data = recipient, data
    assert (await email(url).send(MESSAGE, NOW)).outcome is outcome


async def test_a_server_that_is_not_there_or_asks_for_what_we_lack_is_tried_again(server: tuple[Server, str]) -> None:
    _, url = server
    refused = email(url.replace("smtp://", "smtp://user:secret@"))
    assert (await refused.send(MESSAGE, NOW)).outcome is DeliveryOutcome.UNAVAILABLE
    assert (await email("smtp://127.0.0.1:1").send(MESSAGE, NOW)).outcome is DeliveryOutcome.UNAVAILABLE
    assert (await email(url).ask(MESSAGE)).outcome is DeliveryOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("address", "subject"),
    [("wang@example.com", "x\r\nBcc: b@example.com"), ("wang@example.com\r\nBcc: b", "x"), ("", "")],
)
async def test_a_line_break_in_a_header_is_no_header_of_its_own(
    server: tuple[Server, str], address: str, subject: str
) -> None:
    handler, url = server
    answer = await email(url).send(Outgoing("ntf_1", address, subject, "x"), NOW)
    assert answer.outcome is DeliveryOutcome.REJECTED
    assert handler.received == []


def test_an_address_of_a_mail_server_is_read_whole_or_refused() -> None:
    found = MailServer.of("smtp+starttls://bank%40x:p%3Aw@mail.example", "bank@bank.example")
    assert (found.port, found.user, found.password) == (587, "bank@x", "p:w")
    with pytest.raises(ValueError, match="mail server"):
        MailServer.of("http://mail.example", "bank@bank.example")


def test_html_is_read_as_text() -> None:
    assert plain("<div>a</div><br/>b&lt;c") == "a\n\nb<c\n"
