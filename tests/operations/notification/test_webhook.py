"""The webhook channel: where it may go, what it does with answers, and that it follows nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.operations.webhook_endpoint.receiver import receiving
from zhongtai.operations.notification.channels import Outgoing
from zhongtai.operations.notification.domain import Answer, DeliveryOutcome
from zhongtai.operations.notification.webhook import Webhooks, answer_of, is_public
from zhongtai.operations.webhook_endpoint.domain import WebhookSignature
from zhongtai.operations.webhook_endpoint.signing import new_key

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)


async def sent(url: str, *addresses: str, private: bool = False) -> Answer:
    async def resolve(host: str, port: int) -> list[str]:
        _ = host, port
        return list(addresses)

    webhooks = Webhooks(private=private, resolve=resolve)
    try:
        return await webhooks.send(Outgoing("ntf_1", url, "", "{}", (new_key(WebhookSignature.V1),)), NOW)
    finally:
        await webhooks.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.31.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::a9fe:a9fe", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1"])
async def test_a_name_that_leads_inside_is_not_followed(address: str) -> None:
    async with receiving() as receiver:
        answer = await sent(f"https://partner.example:{receiver.port}/", "8.8.8.8", address)
        assert answer == Answer(DeliveryOutcome.REJECTED, "ADDRESS_MUST_BE_PUBLIC")
        assert await sent(receiver.url, "8.8.8.8") == Answer(DeliveryOutcome.REJECTED, "URL_MUST_BE_HTTPS")
        assert receiver.received == []


async def test_a_redirect_is_a_failure_and_the_name_stays_in_the_host_header() -> None:
    async with receiving("302 Found\r\nlocation: http://127.0.0.1/elsewhere") as receiver:
        url = f"http://partner.example:{receiver.port}/hook?x=1"
        assert await sent(url, "127.0.0.1", private=True) == Answer(DeliveryOutcome.UNAVAILABLE, "302")
        ((headers, _),) = receiver.received
        assert headers["host"] == f"partner.example:{receiver.port}"


async def test_nobody_at_home_is_tried_again_and_a_broken_connection_is_not_known() -> None:
    async with receiving() as receiver:
        port = receiver.port
    assert (await sent(f"http://localhost:{port}/", "127.0.0.1", private=True)).outcome is DeliveryOutcome.UNAVAILABLE
    async with receiving("") as receiver:
        answer = await sent(receiver.url, "127.0.0.1", private=True)
        assert answer.outcome is DeliveryOutcome.UNKNOWN
    assert (await sent("http://localhost:1/", private=True)).detail == "ADDRESS_MUST_BE_PUBLIC"


@pytest.mark.parametrize(
    ("code", "retry_after", "outcome", "seconds"),
    [
        (200, "", DeliveryOutcome.DELIVERED, 0),
        (299, "", DeliveryOutcome.DELIVERED, 0),
        (300, "", DeliveryOutcome.UNAVAILABLE, 0),
        (400, "", DeliveryOutcome.UNAVAILABLE, 0),
        (410, "", DeliveryOutcome.GONE, 0),
        (429, "120", DeliveryOutcome.UNAVAILABLE, 120),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", DeliveryOutcome.UNAVAILABLE, 0),
        (503, "-5", DeliveryOutcome.UNAVAILABLE, 0),
    ],
)
def test_what_each_status_means(code: int, retry_after: str, outcome: DeliveryOutcome, seconds: int) -> None:
    found = answer_of(code, retry_after)
    assert (found.outcome, found.retry_after) == (outcome, timedelta(seconds=seconds))
