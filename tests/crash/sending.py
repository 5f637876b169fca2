"""One process that sends notifications from a store, to be killed by a test: `python -m tests.crash.sending URL`."""

import asyncio
import sys

from zhongtai.operations.notification.channels import Channel
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.service import Service


async def main(url: str) -> None:
    """Sends until it is killed."""
    service = Service("operations", Store.open(url, "operations"), SystemClock())
    channels: dict[NotificationChannel, Channel] = {NotificationChannel.WEBHOOK: Webhooks(private=True)}
    await Sender(service, channels).go_on()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
