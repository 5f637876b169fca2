"""Contacts are carried from marketing to operations: the latest of several changes, and no event carries one."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from zhongtai.gateway.v1 import contact_pb2
from zhongtai.kernel.identifiers import make_identity_number
from zhongtai.kernel.refusals import Refusal
from zhongtai.marketing.v1 import customer_pb2
from zhongtai.operations.v1 import notification_contact_pb2 as v1
from zhongtai.operations.v1 import notification_template_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.testing.embedded import embedded

CHANNEL = Call(Caller("channel", "channel", frozenset({"*"})))
# What a job may: the scope of the RPC it calls, and nothing else.
JOB = Call(Caller("jobs", "jobs", frozenset({"gateway.contact.carry"})))
TOLD_WITHIN_S = 20


@pytest.fixture(scope="module")
async def platform(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Platform]:
    async with embedded(tmp_path_factory.mktemp("contact")) as running:
        yield running


async def register(platform: Platform, number: int, phone: str) -> str:
    request = customer_pb2.RegisterCustomerRequest(
        request_id=f"register-{number}",
        kind=customer_pb2.CUSTOMER_KIND_PERSON,
        name="王芳",
        identity_kind=customer_pb2.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
        identity_number=make_identity_number("110101", date(1990, 1, 1), number),
        contact=customer_pb2.Contact(phone=phone, email="wang@example.com"),
    )
    reply: Any = await platform.calls.call(request, CHANNEL)
    return str(reply.customer_id)


async def carried(platform: Platform, customer_id: str, phone: str) -> v1.NotificationContact:
    """The contact that operations has, once it is the one that was told."""
    asked = 0
    async with asyncio.timeout(TOLD_WITHIN_S):
        while True:
            asked += 1
            request = contact_pb2.CarryContactsRequest(request_id=f"carry-{customer_id}-{phone}-{asked}")
            await platform.calls.call(request, JOB)
            try:
                reply: Any = await platform.calls.call(
                    v1.GetNotificationContactRequest(customer_id=customer_id), CHANNEL
                )
            except Refusal:
                continue
            if reply.contact.phone == phone:
                found: v1.NotificationContact = reply.contact
                return found


async def test_a_contact_follows_its_customer_and_keeps_the_language_that_was_told(platform: Platform) -> None:
    customer_id = await register(platform, 1, "+8613800138000")
    found = await carried(platform, customer_id, "+8613800138000")
    assert found.email == "wang@example.com"
    english = v1.TellNotificationContactRequest(
        request_id="english",
        customer_id=customer_id,
        phone="+8613800138000",
        language=notification_template_pb2.NOTIFICATION_LANGUAGE_EN,
    )
    await platform.calls.call(english, CHANNEL)
    for phone in ("+8613900000001", "+8613900000002", ""):
        update = customer_pb2.UpdateContactRequest(
            request_id=f"update-{phone}", customer_id=customer_id, contact=customer_pb2.Contact(phone=phone)
        )
        await platform.calls.call(update, CHANNEL)
    found = await carried(platform, customer_id, "")
    assert (found.email, found.language) == ("", notification_template_pb2.NOTIFICATION_LANGUAGE_EN)


async def test_what_was_carried_is_forgotten(platform: Platform) -> None:
    customer_id = await register(platform, 2, "+8613800138001")
    await carried(platform, customer_id, "+8613800138001")
    reply: Any = await platform.calls.call(contact_pb2.CarryContactsRequest(request_id="nothing"), JOB)
    assert (reply.carried, reply.more) == (0, False)


async def test_no_event_carries_a_contact(platform: Platform) -> None:
    for service in platform.services.values():
        for envelope in await service.store.outbox_after(0, 100_000):
            assert b"+8613" not in envelope.payload, envelope.subject
