"""Freezes through the door."""

from datetime import date

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_freeze_pb2 as v1
from zhongtai.operations.v1 import account_pb2


def frozen(
    bank: Bank, account_id: str, fen: int | None = None, *, document: str = "(2026)沪0115执1号"
) -> v1.FreezeFundsRequest:
    request = v1.FreezeFundsRequest(
        request_id=bank.request_id(),
        account_id=account_id,
        kind=v1.FREEZE_KIND_JUDICIAL,
        reason="execution",
        authority="上海市浦东新区人民法院",
        document=document,
    )
    if fen is not None:
        request.amount.CopyFrom(cny(fen))
    return request


async def spend(bank: Bank, account_id: str, fen: int) -> str:
    """The reason that spending is refused for; "" where it is not."""
    request = bank.entry((account_id, "DEBIT", fen), ("1001", "CREDIT", fen))
    try:
        await bank.door.call(request)
    except Exception as refusal:  # whatever the door raises tells its reason
        return str(getattr(refusal, "reason", type(refusal).__name__))
    return ""


async def test_an_amount_is_frozen_even_where_the_money_is_not_there_yet(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    served = await bank.door.call(frozen(bank, account_id, 15_000))
    assert (served.freeze.covered.minor_units, served.freeze.waiting) == (10_000, True)
    assert await spend(bank, account_id, 1) == "AVAILABLE_BALANCE_EXHAUSTED"
    await bank.post(("1001", "DEBIT", 7_000), (account_id, "CREDIT", 7_000))
    assert await spend(bank, account_id, 2_001) == "AVAILABLE_BALANCE_EXHAUSTED"
    assert not await spend(bank, account_id, 2_000)
    lifted = await bank.door.call(v1.LiftFreezeRequest(request_id="l1", freeze_id=served.freeze_id))
    assert lifted.freeze.status == v1.FREEZE_STATUS_LIFTED
    assert not await spend(bank, account_id, 15_000)
    assert len(await bank.door.facts(v1.FundsFrozen)) == len(await bank.door.facts(v1.FreezeEnded)) == 1


async def test_a_waiting_freeze_takes_its_place_when_the_one_before_ends(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    first = await bank.door.call(frozen(bank, account_id))
    second = await bank.door.call(frozen(bank, account_id, 4_000))
    assert (second.freeze.covered.minor_units, second.freeze.waiting) == (0, True)
    account = await bank.account(account_id)
    assert account.status == account_pb2.ACCOUNT_STATUS_FROZEN
    bank.door.today(date(2027, 5, 1))
    renewed = await bank.door.call(v1.RenewFreezeRequest(request_id="n1", freeze_id=second.freeze_id))
    assert (renewed.freeze.ends_on.year, renewed.freeze.renewals) == (2028, 1)
    bank.door.today(date(2027, 6, 2))
    ended = await bank.door.call(v1.EndFreezesRequest(request_id="e1"))
    assert (ended.ended, ended.more) == (1, True)
    assert not (await bank.door.call(v1.EndFreezesRequest(request_id="e2"))).more
    listed = (await bank.door.call(v1.ListFreezesRequest(account_id=account_id))).freezes
    assert [freeze.status for freeze in listed] == [v1.FREEZE_STATUS_EXPIRED, v1.FREEZE_STATUS_STANDING]
    assert (listed[1].covered.minor_units, listed[1].waiting) == (4_000, False)
    assert first.freeze_id == listed[0].freeze_id
    assert await spend(bank, account_id, 6_001) == "AVAILABLE_BALANCE_EXHAUSTED"
    assert not await spend(bank, account_id, 6_000)


async def test_a_court_deducts_what_its_freeze_covers(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    first = await bank.door.call(frozen(bank, account_id, 6_000))
    second = await bank.door.call(frozen(bank, account_id, 8_000))

    def deduct(freeze_id: str, fen: int) -> v1.DeductFrozenRequest:
        return v1.DeductFrozenRequest(
            request_id=bank.request_id(), freeze_id=freeze_id, amount=cny(fen), document="(2026)沪0115执1号之二"
        )

    assert (await bank.door.refused(deduct(second.freeze_id, 4_001))).reason == "FROZEN_AMOUNT_EXHAUSTED"
    done = await bank.door.call(deduct(first.freeze_id, 6_000))
    assert done.freeze.deducted.minor_units == 6_000
    assert await bank.balance("224103") == 6_000
    assert await spend(bank, account_id, 1) == "AVAILABLE_BALANCE_EXHAUSTED"
    done = await bank.door.call(deduct(second.freeze_id, 4_000))
    assert await bank.balance(account_id) == 0
    assert done.entry_id
    await bank.must_be_sound()


async def test_what_may_not_be_frozen_is_refused(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit()
    assert (await bank.door.refused(frozen(bank, account_id, document=""))).reason == "AUTHORITY_MUST_BE_NAMED"
    await bank.door.call(account_pb2.CloseAccountRequest(request_id="c", account_id=account_id))
    assert (await bank.door.refused(frozen(bank, account_id))).reason == "ACCOUNT_MUST_BE_OPEN"
    missing = await bank.door.refused(v1.LiftFreezeRequest(request_id="l", freeze_id="frz_none"))
    assert missing.reason == "FREEZE_NOT_FOUND"


async def test_the_banks_own_freeze_and_a_courts_are_lifted_each_by_itself(bank: Bank) -> None:
    bank.door.today(date(2026, 6, 1))
    account_id = await bank.deposit(10_000)
    served = await bank.door.call(frozen(bank, account_id))
    await bank.door.call(account_pb2.FreezeAccountRequest(request_id="f1", account_id=account_id, reason="alarm"))
    # Unfreezing takes the bank's own freeze back and leaves the court's.
    thawed = await bank.door.call(account_pb2.UnfreezeAccountRequest(request_id="u1", account_id=account_id))
    assert (thawed.account.status, list(thawed.account.stops)) == (
        account_pb2.ACCOUNT_STATUS_FROZEN,
        [served.freeze_id],
    )
    assert await spend(bank, account_id, 1) == "ACCOUNT_MUST_BE_ACTIVE"
    # And a court takes its own while the bank's freeze stands, which stays.
    await bank.door.call(account_pb2.FreezeAccountRequest(request_id="f2", account_id=account_id, reason="alarm"))
    deducted = v1.DeductFrozenRequest(
        request_id="d1", freeze_id=served.freeze_id, amount=cny(4_000), document="(2026)沪0115执1号之一"
    )
    await bank.door.call(deducted)
    await bank.door.call(v1.LiftFreezeRequest(request_id="l1", freeze_id=served.freeze_id))
    left = await bank.account(account_id)
    assert (left.balance.minor_units, list(left.stops)) == (6_000, ["bank"])
    assert await spend(bank, account_id, 1) == "ACCOUNT_MUST_BE_ACTIVE"
