"""Notifications: events heard and queued, then sent to a webhook receiver in a process of its own, signed one by one.

Everything is real but the bus: a SQLite store that syncs each commit, the service with its inbox, the loop that sends,
HTTP over the loopback. What is sent counts when its record is committed.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from tests.load.commands import CALL
from tests.load.figure import Figure
from zhongtai.credit.v1 import loan_pb2
from zhongtai.operations.notification.channels import Channel
from zhongtai.operations.notification.sending import Sender
from zhongtai.operations.notification.webhook import Webhooks
from zhongtai.operations.notification_template.domain import NotificationChannel
from zhongtai.operations.v1 import notification_pb2, webhook_endpoint_pb2
from zhongtai.runtime.client import Calls
from zhongtai.runtime.clock import SystemClock
from zhongtai.runtime.database import Store
from zhongtai.runtime.envelope import Envelope
from zhongtai.runtime.service import Service
from zhongtai.testing.templates import fresh_sqlite

EVENTS = 10_000
WAVE = 500
RECEIVER = """
import asyncio
async def served(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\\r\\n\\r\\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\\r\\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
async def main():
    server = await asyncio.start_server(served, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def _event(number: int, now: datetime) -> Envelope:
    amount = {"currency_code": "CNY", "minor_units": 100}
    event = loan_pb2.LoanRepaid(
        loan_id=f"loan_{number}",
        customer_id=f"cus_{number}",
        principal=amount,
        interest=amount,
        outstanding=amount,
        serviced=True,
    )
    return Envelope(
        event_id=f"evt_{number}",
        subject=event.DESCRIPTOR.full_name,
        key=event.loan_id,
        source="credit",
        sequence=number,
        occurred_at=now,
        business_date=now.date(),
        payload=event.SerializeToString(),
    )


async def _register(calls: Calls, port: int) -> None:
    request = webhook_endpoint_pb2.RegisterWebhookEndpointRequest(
        request_id="endpoint",
        partner_id="partner",
        url=f"http://127.0.0.1:{port}/hook",
        events=["zhongtai.credit.v1.LoanRepaid"],
        signature=webhook_endpoint_pb2.WEBHOOK_SIGNATURE_V1,
    )
    await calls.call(request, CALL)


async def _delivered(calls: Calls, events: int) -> None:
    """Waits until nothing is queued or on its way any more."""
    while True:
        left = 0
        for status in (notification_pb2.NOTIFICATION_STATUS_QUEUED, notification_pb2.NOTIFICATION_STATUS_SENDING):
            request = notification_pb2.ListNotificationsRequest(status=status, rule_id="webhook")
            reply: Any = await calls.call(request, CALL)
            left += len(reply.notifications)
        if not left:
            return
        await asyncio.sleep(0.2)


async def measure(folder: Path, events: int) -> tuple[float, float]:
    """Events heard in a second, each with a message in the app and one to a partner; webhooks sent in a second."""
    receiver = await asyncio.create_subprocess_exec(sys.executable, "-c", RECEIVER, stdout=asyncio.subprocess.PIPE)
    assert receiver.stdout is not None, "the receiver tells its port"
    port = int(await receiver.stdout.readline())
    opened = Store.open(fresh_sqlite("operations", folder), "operations")
    service = Service("operations", opened, SystemClock())
    calls = Calls({"operations": service}, {})
    channels: dict[NotificationChannel, Channel] = {NotificationChannel.WEBHOOK: Webhooks(private=True)}
    sender = Sender(service, channels)
    try:
        await _register(calls, port)
        begun = time.perf_counter()
        for first in range(0, events, WAVE):
            now = datetime.now(UTC)
            errors = await service.deliver([_event(number, now) for number in range(first, first + WAVE)])
            assert not any(errors), errors
        queued = time.perf_counter()
        going = asyncio.create_task(sender.go_on())
        await _delivered(calls, events)
        sent = time.perf_counter()
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        return events / (queued - begun), events / (sent - queued)
    finally:
        await sender.close()
        receiver.kill()
        await receiver.wait()
        await asyncio.to_thread(opened.close)


def run(runs: int) -> list[Figure]:
    """Measures so many times, each on an empty store."""
    heard = Figure("events heard, two notifications each", "events/s", [], "no bound")
    sent = Figure("webhooks signed, sent, answered and recorded", "webhooks/s", [], "no bound")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as name:
            queued, delivered = uvloop.run(measure(Path(name), EVENTS))
        heard.values.append(queued)
        sent.values.append(delivered)
    return [heard, sent]


if __name__ == "__main__":
    for figure in run(1):
        print(figure)
