"""Minimum balances through the door."""

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_pb2
from zhongtai.operations.v1 import minimum_balance_pb2 as v1


def asked(bank: Bank, account_id: str, fen: int, currency: str = "CNY") -> v1.SetMinimumBalanceRequest:
    return v1.SetMinimumBalanceRequest(request_id=bank.request_id(), account_id=account_id, minimum=cny(fen, currency))


async def test_what_has_to_stay_stays_until_it_is_lifted(bank: Bank) -> None:
    account_id = await bank.deposit(10_000)
    told = await bank.door.call(asked(bank, account_id, 4_000))
    assert told.available.minor_units == 6_000
    await bank.door.call(asked(bank, account_id, 4_000))
    assert len(await bank.door.facts(v1.MinimumBalanceSet)) == 1
    beyond = bank.entry((account_id, "DEBIT", 6_001), ("1001", "CREDIT", 6_001))
    assert (await bank.door.refused(beyond)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    await bank.post((account_id, "DEBIT", 6_000), ("1001", "CREDIT", 6_000))
    await bank.door.call(asked(bank, account_id, 0))
    await bank.post((account_id, "DEBIT", 4_000), ("1001", "CREDIT", 4_000))
    assert await bank.balance(account_id) == 0


async def test_what_may_not_be_set_is_refused(bank: Bank) -> None:
    account_id = await bank.deposit()
    nostro = await bank.internal("nostro", "acc_nostro_cny")
    assert (await bank.door.refused(asked(bank, nostro, 1))).reason == "CUSTOMER_ACCOUNT_MUST_BE_GIVEN"
    assert (await bank.door.refused(asked(bank, account_id, 1, "USD"))).reason == "CURRENCY_MUST_MATCH"
    assert (await bank.door.refused(asked(bank, account_id, -1))).reason == "REQUEST_INVALID"
    await bank.door.call(account_pb2.CloseAccountRequest(request_id=bank.request_id(), account_id=account_id))
    assert (await bank.door.refused(asked(bank, account_id, 1))).reason == "ACCOUNT_MUST_BE_OPEN"
