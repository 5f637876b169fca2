"""Screenings are brought to risk: both names and the text, once risk can be reached, and no event carries a name."""

import asyncio
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from zhongtai.common.v1.money_pb2 import Money
from zhongtai.gateway.v1 import screening_pb2
from zhongtai.kernel.identifiers import make_identity_number
from zhongtai.marketing.v1 import customer_pb2
from zhongtai.operations.v1 import account_pb2, ledger_pb2, payment_order_pb2, payment_pb2, payment_screening_pb2
from zhongtai.risk.v1 import screening_pb2 as risk_v1
from zhongtai.risk.v1 import watchlist_pb2
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.platform import Platform
from zhongtai.runtime.settings import Placement
from zhongtai.testing.embedded import embedded, free_ports

CHANNEL = Call(Caller("channel", "channel", frozenset({"*"})))
# What a job may: the scope of the RPC it calls, and nothing else.
JOB = Call(Caller("jobs", "jobs", frozenset({"gateway.screening.carry"})))
TOLD_WITHIN_S = 40
LARGE = 60_000_000


async def called(platform: Platform, request: Message, call: Call = CHANNEL) -> Any:
    return await platform.calls.call(request, call)


async def account(platform: Platform, number: int, name: str) -> str:
    """A rich account of a customer of that name."""
    registered = await called(
        platform,
        customer_pb2.RegisterCustomerRequest(
            request_id=f"register-{number}",
            kind=customer_pb2.CUSTOMER_KIND_PERSON,
            name=name,
            identity_kind=customer_pb2.IDENTITY_KIND_RESIDENT_IDENTITY_CARD,
            identity_number=make_identity_number("110101", date(1990, 1, 1), number),
        ),
    )
    opened = await called(
        platform,
        account_pb2.OpenAccountRequest(
            request_id=f"open-{number}",
            customer_id=registered.customer_id,
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        ),
    )
    amount = Money(currency_code="CNY", minor_units=10 * LARGE)
    legs = [
        ledger_pb2.Leg(account_code="1001", side=ledger_pb2.SIDE_DEBIT, amount=amount),
        ledger_pb2.Leg(account_id=opened.account_id, side=ledger_pb2.SIDE_CREDIT, amount=amount),
    ]
    draft = ledger_pb2.EntryDraft(reference="cash", legs=legs)
    await called(platform, ledger_pb2.PostEntryRequest(request_id=f"cash-{number}", draft=draft))
    return str(opened.account_id)


async def ordered(platform: Platform, debtor: str, payee: str, reference: str, text: str = "") -> str:
    """The id of a large order, which waits for its screening."""
    request = payment_order_pb2.PlacePaymentOrderRequest(
        request_id=reference,
        end_to_end_id=reference,
        debtor_account_id=debtor,
        outside_party=payment_pb2.OutsideParty(name=payee, account=f"6222{reference}", agent="102100099996"),
        rail="simulated",
        amount=Money(currency_code="CNY", minor_units=LARGE),
        remittance_information=text,
    )
    order = (await called(platform, request)).payment_order
    assert order.status == payment_pb2.PAYMENT_STATUS_ACTC
    return str(order.payment_order_id)


async def screened(platform: Platform, order_id: str, state: str) -> payment_screening_pb2.PaymentScreening:
    """The screening of an order, once it stands so."""
    async with asyncio.timeout(TOLD_WITHIN_S):
        while True:
            await carry(platform)
            request = payment_screening_pb2.ListPaymentScreeningsRequest(payment_order_id=order_id)
            (found,) = (await called(platform, request)).payment_screenings
            if payment_screening_pb2.ScreeningState.Name(found.state) == f"SCREENING_STATE_{state}":
                return found  # type: ignore[no-any-return]
            await asyncio.sleep(0.1)


async def carry(platform: Platform) -> screening_pb2.CarryScreeningsResponse:
    """What a job does every two seconds."""
    request = screening_pb2.CarryScreeningsRequest(request_id=f"carry-{uuid4()}")
    reply = await called(platform, request, JOB)
    assert isinstance(reply, screening_pb2.CarryScreeningsResponse)
    return reply


async def test_risk_is_down_and_orders_wait_until_it_is_back_after_a_restart(tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    away = Placement(mounted=False, address=f"127.0.0.1:{nobody}")
    async with embedded(tmp_path, risk=away) as platform:
        debtor = await account(platform, 1, "张三")
        order_id = await ordered(platform, debtor, "李四", "0001")
        async with asyncio.timeout(TOLD_WITHIN_S):
            while (await carry(platform)).failed == 0:
                await asyncio.sleep(0.1)
        (waits,) = (
            await called(platform, payment_screening_pb2.ListPaymentScreeningsRequest(payment_order_id=order_id))
        ).payment_screenings
        assert waits.state == payment_screening_pb2.SCREENING_STATE_ASKED
    async with embedded(tmp_path) as platform:
        await screened(platform, order_id, "PASSED")
        found = await called(platform, payment_order_pb2.GetPaymentOrderRequest(payment_order_id=order_id))
        assert found.payment_order.payment_id
        await what_is_on_a_list_is_held(platform, debtor)
        await no_event_carries_a_name(platform)


async def what_is_on_a_list_is_held(platform: Platform, debtor: str) -> None:
    listed = [("e1", "Viktor Bout"), ("e2", "赵六")]
    entries = [watchlist_pb2.WatchedParty(entry_id=entry_id, names=[name]) for entry_id, name in listed]
    put = watchlist_pb2.PutOnWatchlistRequest(request_id="put", watchlist_id="sanctions", entries=entries)
    await called(platform, put)
    known, unknown = await account(platform, 2, "赵六"), await stranger(platform)
    cases = [
        (await ordered(platform, debtor, "Vikter BOUT", "0002"), "HIT", "CREDITOR"),
        (await ordered(platform, known, "李四", "0003"), "HIT", "DEBTOR"),
        (await ordered(platform, debtor, "李四", "0005", "for Viktor Bout"), "HIT", "REMITTANCE"),
        (await ordered(platform, unknown, "李四", "0006"), "INCOMPLETE", ""),
    ]
    for order_id, outcome, part in cases:
        held = await screened(platform, order_id, "HELD")
        assert held.outcome == outcome
        kept = (await called(platform, risk_v1.GetScreeningRequest(screening_id=held.screening_id))).screening
        assert [risk_v1.ScreenedPart.Name(match.part)[14:] for match in kept.matches] == [part] * bool(part)


async def stranger(platform: Platform) -> str:
    """A rich account of a customer of whom marketing knows nothing."""
    opened = await called(
        platform,
        account_pb2.OpenAccountRequest(
            request_id="open-stranger",
            customer_id="cus_stranger",
            account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
            product="demand_deposit",
            currency_code="CNY",
        ),
    )
    return str(opened.account_id)


async def no_event_carries_a_name(platform: Platform) -> None:
    for service in platform.services.values():
        for envelope in await service.store.outbox_after(0, 100_000):
            assert not any(name.encode() in envelope.payload for name in ("Bout", "BOUT", "赵六", "张三"))
