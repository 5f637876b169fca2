"""Accounts through the door."""

import json
from datetime import timedelta
from importlib.resources import files
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp

from tests.operations.bank import Bank, cny
from zhongtai.common.v1.page_pb2 import PageRequest
from zhongtai.operations.v1 import account_pb2 as v1
from zhongtai.runtime.contracts import method


async def test_an_account_opens_is_told_of_and_closes_once(bank: Bank) -> None:
    account_id = await bank.deposit()
    (opened,) = await bank.door.facts(v1.AccountOpened)
    assert (opened.account_id, opened.account_code, opened.currency_code) == (account_id, "2011", "CNY")
    for request_id in ("c1", "c2"):
        closed = await bank.door.call(v1.CloseAccountRequest(request_id=request_id, account_id=account_id))
        assert closed.account.status == v1.ACCOUNT_STATUS_CLOSED
    assert len(await bank.door.facts(v1.AccountClosed)) == 1


async def test_a_chosen_id_opens_one_account_however_often_it_is_asked(bank: Bank) -> None:
    assert await bank.internal("central_bank_settlement", "acc_settlement_cny") == "acc_settlement_cny"
    assert await bank.internal("central_bank_settlement", "acc_settlement_cny") == "acc_settlement_cny"
    assert len(await bank.door.facts(v1.AccountOpened)) == 1
    refused = await bank.door.refused(
        v1.OpenAccountRequest(
            request_id="x",
            account_class=v1.ACCOUNT_CLASS_INTERNAL,
            product="nostro",
            currency_code="CNY",
            chosen_id="acc_settlement_cny",
        )
    )
    assert refused.reason == "ACCOUNT_ALREADY_OPEN"


async def test_the_accounts_that_ship_open_however_often_the_platform_starts(bank: Bank) -> None:
    seed = json.loads((files("zhongtai.operations.account") / "seed.json").read_text(encoding="utf-8"))
    for start in range(2):
        for number, line in enumerate(seed):
            request = ParseDict(line["request"], method(line["rpc"]).request_type(request_id=f"{start}-{number}"))
            await bank.door.call(request)
    assert len(await bank.door.facts(v1.AccountOpened)) == len(seed) == 3


async def test_opening_refuses_what_does_not_fit(bank: Bank) -> None:
    good = v1.OpenAccountRequest(
        request_id="x",
        customer_id="cus_1",
        account_class=v1.ACCOUNT_CLASS_CUSTOMER,
        product="demand_deposit",
        currency_code="CNY",
    )

    async def reason(**change: Any) -> str:
        request = v1.OpenAccountRequest()
        request.CopyFrom(good)
        for name, value in change.items():
            setattr(request, name, value)
        return (await bank.door.refused(request)).reason

    assert await reason(product="gold") == "ACCOUNT_PRODUCT_NOT_FOUND"
    assert await reason(account_class=v1.ACCOUNT_CLASS_INTERNAL) == "ACCOUNT_CLASS_MUST_MATCH"
    assert await reason(customer_id="") == "CUSTOMER_MUST_BE_NAMED"
    assert await reason(currency_code="ZZZ") == "CURRENCY_UNKNOWN"
    assert not await bank.door.envelopes()


async def test_a_hold_shows_in_what_is_available_and_lapses(bank: Bank) -> None:
    account_id = await bank.deposit(10_000)
    expires_at = Timestamp()
    expires_at.FromDatetime(bank.door.clock.now() + timedelta(hours=1))
    placed = await bank.door.call(
        v1.PlaceHoldRequest(
            request_id="h", account_id=account_id, amount=cny(4_000), expires_at=expires_at, reason="card"
        )
    )
    assert (placed.account.held, placed.account.available) == (cny(4_000), cny(6_000))
    assert [(hold.hold_id, hold.reason) for hold in placed.account.holds] == [(placed.hold_id, "card")]
    assert (await bank.door.facts(v1.HoldPlaced))[0].hold_id == placed.hold_id
    refused = await bank.door.refused(bank.entry((account_id, "DEBIT", 6_001), ("1001", "CREDIT", 6_001)))
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    assert refused.metadata["available"] == "CNY 60.00"
    bank.door.now(bank.door.clock.now() + timedelta(hours=1))
    account = await bank.account(account_id)
    assert (account.held, account.available, len(account.holds)) == (cny(0), cny(10_000), 0)
    await bank.post((account_id, "DEBIT", 10_000), ("1001", "CREDIT", 10_000))


async def test_a_hold_is_released_once_and_releasing_again_succeeds(bank: Bank) -> None:
    account_id = await bank.deposit(10_000)
    placed = await bank.door.call(v1.PlaceHoldRequest(request_id="h", account_id=account_id, amount=cny(4_000)))
    for request_id in ("u1", "u2"):
        released = await bank.door.call(
            v1.ReleaseHoldRequest(request_id=request_id, account_id=account_id, hold_id=placed.hold_id)
        )
        assert released.account.available == cny(10_000)
    assert len(await bank.door.facts(v1.HoldReleased)) == 1


async def test_a_frozen_account_takes_credits_only(bank: Bank) -> None:
    account_id = await bank.deposit(10_000)
    for request_id in ("f1", "f2"):
        frozen = await bank.door.call(
            v1.FreezeAccountRequest(request_id=request_id, account_id=account_id, reason="court order")
        )
        assert frozen.account.status == v1.ACCOUNT_STATUS_FROZEN
    await bank.post(("1001", "DEBIT", 1), (account_id, "CREDIT", 1))
    refused = await bank.door.refused(bank.entry((account_id, "DEBIT", 1), ("1001", "CREDIT", 1)))
    assert refused.reason == "ACCOUNT_MUST_BE_ACTIVE"
    await bank.door.call(v1.UnfreezeAccountRequest(request_id="u", account_id=account_id))
    await bank.post((account_id, "DEBIT", 1), ("1001", "CREDIT", 1))
    assert len(await bank.door.facts(v1.AccountFrozen)) == 1
    assert len(await bank.door.facts(v1.AccountUnfrozen)) == 1


async def test_an_account_with_money_on_it_does_not_close(bank: Bank) -> None:
    account_id = await bank.deposit(1)
    refused = await bank.door.refused(v1.CloseAccountRequest(request_id="c", account_id=account_id))
    assert refused.reason == "BALANCE_MUST_BE_ZERO"
    missing = await bank.door.refused(v1.GetAccountRequest(account_id="acc_none"))
    assert missing.reason == "ACCOUNT_NOT_FOUND"


async def test_accounts_are_listed_by_customer_and_status_page_by_page(bank: Bank) -> None:
    mine = [await bank.deposit(customer_id="cus_1") for _ in range(3)]
    other = await bank.deposit(customer_id="cus_2")
    await bank.door.call(v1.CloseAccountRequest(request_id="c", account_id=mine[0]))
    first = await bank.door.call(v1.ListAccountsRequest(customer_id="cus_1", page=PageRequest(size=2)))
    rest = await bank.door.call(
        v1.ListAccountsRequest(customer_id="cus_1", page=PageRequest(size=2, token=first.page.next_token))
    )
    assert [found.account_id for found in (*first.accounts, *rest.accounts)] == mine
    assert not rest.page.next_token
    active = await bank.door.call(v1.ListAccountsRequest(status=v1.ACCOUNT_STATUS_ACTIVE))
    assert {found.account_id for found in active.accounts} == {*mine[1:], other}


async def test_a_request_that_says_nothing_is_refused_field_by_field(bank: Bank) -> None:
    refused = await bank.door.refused(v1.PlaceHoldRequest())
    assert refused.kind == "Invalid"
    assert all(name in str(refused.metadata) for name in ("request_id", "account_id", "amount")), refused.metadata
