"""Dormant accounts through the door."""

from datetime import date, timedelta

from tests.operations.bank import Bank, cny
from tests.operations.overdraft.test_rpc import firm
from zhongtai.operations.dormancy.store import ENTRIES
from zhongtai.operations.v1 import account_fee_pb2, account_pb2, ledger_pb2, term_deposit_pb2
from zhongtai.operations.v1 import dormancy_pb2 as v1
from zhongtai.runtime.convert import date_of

OPENED = date(2025, 6, 1)
DAY = timedelta(days=1)


async def noted(bank: Bank) -> int:
    """How many accounts were used since it was noted last."""
    used, more = 0, True
    while more:
        found = await bank.door.call(v1.NoteAccountUseRequest(request_id=bank.request_id()))
        used, more = used + found.used, found.more
    return used


async def night(bank: Bank, on: date) -> tuple[int, int]:
    """How many owners are told and how many accounts fall dormant on a date."""
    bank.door.today(on)
    await noted(bank)
    found = await bank.door.call(v1.SweepDormantAccountsRequest(request_id=bank.request_id()))
    assert not found.next_position
    return found.noticed, found.fell_dormant


async def dormancy(bank: Bank, account_id: str) -> v1.Dormancy:
    found: v1.Dormancy = (await bank.door.call(v1.GetDormancyRequest(account_id=account_id))).dormancy
    return found


async def asleep(bank: Bank) -> str:
    """A firm's account with 5 yuan on it that fell dormant on 2 July 2026."""
    bank.door.today(OPENED)
    account_id = await firm(bank)
    await bank.post(("1001", "DEBIT", 500), (account_id, "CREDIT", 500))
    assert await night(bank, date(2026, 6, 1)) == (1, 0)
    assert await night(bank, date(2026, 7, 1)) == (0, 0)
    assert await night(bank, date(2026, 7, 2)) == (0, 1)
    return account_id


async def test_a_firms_account_is_noticed_falls_dormant_and_wakes(bank: Bank) -> None:
    account_id = await asleep(bank)
    (told,) = await bank.door.facts(v1.DormancyNoticed)
    assert (date_of(told.last_used_on), date_of(told.until)) == (OPENED, date(2026, 7, 1))
    (fell,) = await bank.door.facts(v1.AccountFellDormant)
    assert fell.balance.minor_units == 500
    account = await bank.account(account_id)
    assert (account.status, list(account.stops)) == (account_pb2.ACCOUNT_STATUS_DORMANT, ["dormant"])
    # It takes credits, and pays nothing.
    await bank.post(("1001", "DEBIT", 100), (account_id, "CREDIT", 100))
    refused = await bank.door.refused(bank.entry((account_id, "DEBIT", 1), ("1001", "CREDIT", 1)))
    assert refused.reason == "ACCOUNT_MUST_BE_ACTIVE"
    assert "DORMANT" in str(refused)
    closing = account_pb2.CloseAccountRequest(request_id="c1", account_id=account_id)
    assert (await bank.door.refused(closing)).reason == "ACCOUNT_MUST_BE_ACTIVE"
    # What arrives wakes it not, nor does unfreezing it.
    assert await noted(bank) == 1
    await bank.door.call(account_pb2.UnfreezeAccountRequest(request_id="u1", account_id=account_id))
    assert (await bank.account(account_id)).status == account_pb2.ACCOUNT_STATUS_DORMANT
    listed = await bank.door.call(v1.ListDormanciesRequest(status=v1.DORMANCY_STATUS_DORMANT))
    assert [each.account_id for each in listed.dormancies] == [account_id]
    # It wakes by somebody's word for its owner's proof.
    bank.door.as_caller("teller_7", "*")
    woken = v1.WakeAccountRequest(request_id="w1", account_id=account_id, proof="business licence, at the counter")
    assert (await bank.door.call(woken)).dormancy.woken_by == "teller_7"
    await bank.door.call(v1.WakeAccountRequest(request_id="w2", account_id=account_id, proof="once more"))
    (fact,) = await bank.door.facts(v1.AccountWoken)
    assert (fact.woken_by, fact.proof) == ("teller_7", "business licence, at the counter")
    await bank.post((account_id, "DEBIT", 600), ("1001", "CREDIT", 600))
    assert (await bank.door.call(closing)).account.status == account_pb2.ACCOUNT_STATUS_CLOSED
    await bank.must_be_sound()


async def test_use_answers_a_notice_and_interest_fees_and_corrections_of_the_bank_are_none(bank: Bank) -> None:
    bank.door.today(OPENED)
    used, unused = await firm(bank), await firm(bank)
    for account_id in (used, unused):
        await bank.post(("1001", "DEBIT", 500_000), (account_id, "CREDIT", 500_000))
    bank.door.today(date(2025, 9, 21))
    await bank.post(("2231", "DEBIT", 7), (unused, "CREDIT", 7))
    charged = account_fee_pb2.ChargeFeeRequest(
        request_id="f1", account_id=unused, event="counter_transfer_outside", subject="pay_1"
    )
    charged.basis.currency_code, charged.basis.minor_units = "CNY", 100
    await bank.door.call(charged)
    assert await night(bank, date(2026, 6, 1)) == (2, 0)
    assert date_of((await dormancy(bank, unused)).last_used_on) == OPENED
    bank.door.today(date(2026, 6, 10))
    await bank.post((used, "DEBIT", 1), ("1001", "CREDIT", 1))
    await noted(bank)
    assert (await dormancy(bank, used)).status == v1.DORMANCY_STATUS_AWAKE
    assert await night(bank, date(2026, 7, 2)) == (0, 1)
    found = await dormancy(bank, used)
    assert (found.status, date_of(found.last_used_on), found.HasField("noticed_on")) == (
        v1.DORMANCY_STATUS_AWAKE,
        date(2026, 6, 10),
        False,
    )
    assert (await dormancy(bank, unused)).status == v1.DORMANCY_STATUS_DORMANT


async def test_who_owes_the_bank_a_fee_is_not_put_to_sleep(bank: Bank) -> None:
    bank.door.today(OPENED)
    account_id = await firm(bank)
    owed = account_fee_pb2.ChargeFeeRequest(
        request_id="f1", account_id=account_id, event="counter_transfer_outside", subject="pay_1"
    )
    owed.basis.currency_code, owed.basis.minor_units = "CNY", 100
    assert (await bank.door.call(owed)).account_fee.status == account_fee_pb2.ACCOUNT_FEE_STATUS_DUE
    await bank.door.deliver(opened(account_id))
    assert await night(bank, date(2026, 6, 1)) == (0, 0)
    await bank.door.call(
        account_fee_pb2.RefundFeeRequest(
            request_id="r1", account_fee_id=(await bank.door.facts(account_fee_pb2.AccountFeeArose))[0].account_fee_id
        )
    )
    assert await night(bank, date(2026, 6, 2)) == (1, 0)


async def test_an_account_that_a_deposit_is_paid_to_waits_for_it(bank: Bank) -> None:
    bank.door.today(OPENED)
    account_id = await firm(bank)
    await bank.post(("1001", "DEBIT", 100_000), (account_id, "CREDIT", 100_000))
    await bank.door.call(
        term_deposit_pb2.OpenTermDepositRequest(
            request_id="t1", settlement_account_id=account_id, product="fixed_3y", amount=cny(50_000)
        )
    )
    assert await night(bank, date(2026, 6, 1)) == (0, 0)
    (opened_deposit,) = await bank.door.facts(term_deposit_pb2.TermDepositOpened)
    await bank.door.call(
        term_deposit_pb2.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=opened_deposit.term_deposit_id)
    )
    assert await night(bank, date(2027, 5, 31)) == (0, 0)
    assert await night(bank, date(2027, 6, 1)) == (1, 0)


async def test_an_account_that_was_never_used_counts_from_its_opening(bank: Bank) -> None:
    bank.door.today(OPENED)
    account_id = await firm(bank)
    missing = await bank.door.refused(v1.GetDormancyRequest(account_id=account_id))
    assert missing.reason == "DORMANCY_NOT_FOUND"
    await bank.door.deliver(opened(account_id))
    await bank.door.deliver(
        account_pb2.AccountOpened(
            account_id="acc_settlement_cny",
            account_class=account_pb2.ACCOUNT_CLASS_INTERNAL,
            product="central_bank_settlement",
        )
    )
    assert await night(bank, date(2026, 5, 31)) == (0, 0)
    assert await night(bank, date(2026, 6, 1)) == (1, 0)
    # Its owner answers the notice at the counter.
    answered = v1.WakeAccountRequest(request_id="w1", account_id=account_id, proof="by phone, licence number")
    await bank.door.call(answered)
    assert await night(bank, date(2026, 7, 2)) == (0, 0)
    assert [each.account_id for each in (await bank.door.call(v1.ListDormanciesRequest())).dormancies] == [account_id]
    assert len((await bank.door.call(v1.ListDormancyRulesRequest())).rules) == 4


async def test_entries_are_read_in_pieces_and_once(bank: Bank) -> None:
    bank.door.today(OPENED)
    account_id = await firm(bank)
    entries = ENTRIES + 5
    drafts = [bank.entry(("1001", "DEBIT", 1), (account_id, "CREDIT", 1)).draft for _ in range(entries)]
    for first in range(0, entries, 500):
        await bank.door.call(
            ledger_pb2.PostEntriesRequest(request_id=bank.request_id(), drafts=drafts[first : first + 500])
        )
    first_call = await bank.door.call(v1.NoteAccountUseRequest(request_id=bank.request_id()))
    assert (first_call.used, first_call.more) == (1, True)
    assert await noted(bank) == 1
    assert await noted(bank) == 0


def opened(account_id: str) -> account_pb2.AccountOpened:
    """The fact that a firm's account was opened."""
    return account_pb2.AccountOpened(
        account_id=account_id,
        customer_id="cus_firm",
        account_class=account_pb2.ACCOUNT_CLASS_CUSTOMER,
        product="corporate_demand_deposit",
    )
