"""E-mail over SMTP (RFC 5321) by the standard library, in a thread, one connection for each message.

A message that a server may have taken, because the connection broke after its text was sent, is UNKNOWN: SMTP cannot be
asked, and a second copy would be read twice. A code of 5yz is final, one of 4yz passes.
"""

import asyncio
import html
import re
import smtplib
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome

# Of each step; there are five at the most, and a lease must not end before they do.
TIMEOUT_S = 5.0
_SCHEMES = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_TAG, _BLOCK = re.compile(r"<[^>]*>"), re.compile(r"</(p|div|h[1-6]|li)>|<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails are handed over, and from whom they come."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> "MailServer":
        """Reads `smtp+starttls://user:password@host:587`; raises ValueError for another kind of address."""
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise ValueError(f"a mail server is one of {', '.join(_SCHEMES)}://host:port")
        port = parts.port or _SCHEMES[parts.scheme]
        return cls(
            parts.scheme, parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), sender
        )

    def open(self) -> smtplib.SMTP:
        """A connection that may send; its certificate is checked wherever it is encrypted."""
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.scheme == "smtp+starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server


class Email:
    """The channel."""

    at_once = 8

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._threads = ThreadPoolExecutor(self.at_once, thread_name_prefix="email")

    async def send(self, message: Outgoing, now: datetime) -> Answer:
        """Hands a message over."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._sent, message, now)

    async def ask(self, message: Outgoing) -> Answer:
        """Nobody can tell."""
        _ = message
        return Answer(DeliveryOutcome.UNKNOWN, "SMTP_CANNOT_BE_ASKED")

    async def close(self) -> None:
        """Lets its threads end."""
        self._threads.shutdown(wait=False)

    def _sent(self, message: Outgoing, now: datetime) -> Answer:
        try:
            written = composed(message, self._server.sender, now).as_bytes()
        except (ValueError, IndexError, HeaderParseError):
            return Answer(DeliveryOutcome.REJECTED, "ADDRESS_OR_SUBJECT_MALFORMED")
        try:
            server = self._server.open()
        except smtplib.SMTPAuthenticationError as error:
            return Answer(DeliveryOutcome.UNAVAILABLE, f"{error.smtp_code} AUTHENTICATION")
        except (OSError, smtplib.SMTPException) as error:
            return Answer(DeliveryOutcome.UNAVAILABLE, type(error).__name__)
        try:
            return self._handed_over(server, message, written)
        finally:
            server.close()

    def _handed_over(self, server: smtplib.SMTP, message: Outgoing, written: bytes) -> Answer:
        try:
            for code, _ in (server.mail(self._server.sender), server.rcpt(message.address)):
                if code not in (250, 251):
                    return _by(code)
        except (OSError, smtplib.SMTPException) as error:
            return Answer(DeliveryOutcome.UNAVAILABLE, type(error).__name__)
        try:
            code, _ = server.data(written)
        except smtplib.SMTPDataError as error:
            return _by(error.smtp_code)
        except (OSError, smtplib.SMTPException) as error:
            return Answer(DeliveryOutcome.UNKNOWN, type(error).__name__)
        return Answer(DeliveryOutcome.ACCEPTED, str(code), message.message_id) if code == 250 else _by(code)


def composed(message: Outgoing, sender: str, now: datetime) -> EmailMessage:
    """The message in both forms, plain and HTML; the same id whenever it is sent again."""
    made = EmailMessage()
    made["From"] = Address(addr_spec=sender)
    made["To"] = Address(addr_spec=message.address)
    made["Subject"] = message.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{message.message_id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(plain(message.body))
    made.add_alternative(f"<!doctype html><html><body>{message.body}</body></html>", subtype="html")
    return made


def plain(body: str) -> str:
    """The text of an HTML body, for who reads no HTML."""
    return html.unescape(_TAG.sub("", _BLOCK.sub("\n", body))).strip() + "\n"


def _by(code: int) -> Answer:
    final = 500 <= code < 600
    return Answer(DeliveryOutcome.REJECTED if final else DeliveryOutcome.UNAVAILABLE, str(code))
