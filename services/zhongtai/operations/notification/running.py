"""Runs the sender beside the service, with the channels that the settings give this installation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from zhongtai.operations.notification.channels import Channel, NoChannel, Report
from zhongtai.operations.notification.email import Email, MailServer
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.sms import SimulatedSmsGateway
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.service import Service
from zhongtai.runtime.settings import PRODUCTION, Settings


@asynccontextmanager
async def running(platform: Platform, service: Service) -> AsyncIterator[None]:
    """Sends what is due while this is open, where the settings let this process send."""
    if not platform.settings.notifications.send:
        yield
        return
    channels = channels_of(platform.settings)
    sms = channels[NotificationChannel.SMS]
    sender = Sender(service, channels, reports=sms.reports if isinstance(sms, SimulatedSmsGateway) else _none)
    going = asyncio.create_task(sender.go_on())
    try:
        yield
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await sender.close()


def channels_of(settings: Settings) -> dict[NotificationChannel, Channel]:
    """The channels; nothing simulated is there in production, where it would swallow messages without a word."""
    given = settings.notifications
    live = settings.environment == PRODUCTION
    email = Email(MailServer.of(given.mail_server, given.sender)) if given.mail_server else NoChannel("NO_MAIL_SERVER")
    return {
        NotificationChannel.SMS: NoChannel("NO_SMS_GATEWAY") if live else SimulatedSmsGateway(),
        NotificationChannel.EMAIL: email,
        NotificationChannel.WEBHOOK: Webhooks(private=not live),
    }


def _none() -> list[Report]:
    return []
