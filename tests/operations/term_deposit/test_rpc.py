"""Term deposits through the door."""

from datetime import date, timedelta
from typing import Any

from tests.operations.bank import Bank, cny
from zhongtai.operations.v1 import account_freeze_pb2, account_pb2, payment_pb2
from zhongtai.operations.v1 import term_deposit_pb2 as v1
from zhongtai.runtime.convert import date_message

OPENED = date(2026, 3, 2)


async def deposited(bank: Bank, product: str = "fixed_3m", fen: int = 10_000_000, **change: Any) -> v1.TermDeposit:
    bank.door.today(OPENED)
    source = await bank.deposit(fen + 100)
    request = v1.OpenTermDepositRequest(
        request_id=bank.request_id(), settlement_account_id=source, product=product, amount=cny(fen), **change
    )
    deposit: v1.TermDeposit = (await bank.door.call(request)).term_deposit
    return deposit


async def accrue(bank: Bank, on: date) -> list[v1.TermDepositLine]:
    bank.door.today(on + timedelta(days=1))
    told = await bank.door.call(v1.PreviewTermDepositAccrualRequest(business_date=date_message(on)))
    request = v1.AccrueTermDepositsRequest(request_id=bank.request_id(), business_date=date_message(on))
    lines = list((await bank.door.call(request)).lines)
    assert list(told.lines) == lines
    return lines


async def mature(bank: Bank, on: date) -> v1.MatureTermDepositsResponse:
    first: v1.MatureTermDepositsResponse | None = None
    while True:
        request = v1.MatureTermDepositsRequest(request_id=bank.request_id(), business_date=date_message(on))
        reply = await bank.door.call(request)
        if first is None:
            first = reply
        if not reply.more:
            return first


async def test_a_deposit_is_opened_accrued_and_paid_out_at_its_term(bank: Bank) -> None:
    deposit = await deposited(bank)
    assert await bank.balance(deposit.account_id) == 10_000_000
    assert await bank.balance(deposit.settlement_account_id) == 100
    refused = await bank.door.refused(
        payment_pb2.TransferRequest(
            request_id="steal",
            end_to_end_id="e1",
            debtor_account_id=deposit.account_id,
            creditor_account_id=deposit.settlement_account_id,
            amount=cny(1),
        )
    )
    assert refused.reason == "AVAILABLE_BALANCE_EXHAUSTED"
    # 100,000 yuan at 0.65 % for a quarter of a year earns 162.50, over 92 days.
    (line,) = await accrue(bank, OPENED)
    assert line.payable.minor_units == 177
    assert not await accrue(bank, OPENED)
    (line,) = await accrue(bank, date(2026, 6, 1))
    assert (line.accrued.minor_units, line.payable.minor_units) == (16_250 - 177, 16_250)
    done = await mature(bank, date(2026, 6, 1))
    assert (done.paid, done.renewed, done.kept) == (1, 0, 0)
    assert await bank.balance(deposit.settlement_account_id) == 10_016_350
    assert await bank.balance("2231") == 0
    found = (await bank.door.call(v1.GetTermDepositRequest(term_deposit_id=deposit.term_deposit_id))).term_deposit
    assert found.status == v1.TERM_DEPOSIT_STATUS_CLOSED
    (paid,) = await bank.door.facts(v1.TermDepositPaid)
    assert (paid.interest.minor_units, paid.closed) == (16_250, True)
    await bank.must_be_sound()


async def test_a_deposit_renews_with_its_interest_and_a_part_is_withdrawn_early(bank: Bank) -> None:
    deposit = await deposited(bank, instruction=v1.MATURITY_INSTRUCTION_RENEW_ALL)
    await accrue(bank, date(2026, 6, 1))
    assert (await mature(bank, date(2026, 6, 1))).renewed == 1
    assert await bank.balance(deposit.account_id) == 10_016_250
    bank.door.today(date(2026, 6, 14))
    quote = await bank.door.call(v1.QuoteTermDepositRequest(term_deposit_id=deposit.term_deposit_id))
    assert quote.interest.minor_units == 167
    paid = await bank.door.call(
        v1.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id, amount=cny(10_000_000))
    )
    assert paid.interest.minor_units == 167
    assert paid.term_deposit.principal.minor_units == 16_250
    assert paid.term_deposit.partial_withdrawals == 1
    await accrue(bank, date(2026, 6, 14))
    assert await bank.balance("2231") == 4
    await bank.must_be_sound()


async def test_one_that_waits_is_kept_and_earns_the_demand_rate(bank: Bank) -> None:
    deposit = await deposited(bank)
    await bank.door.call(
        v1.InstructMaturityRequest(
            request_id="i1",
            term_deposit_id=deposit.term_deposit_id,
            instruction=v1.MATURITY_INSTRUCTION_KEEP,
        )
    )
    bank.door.today(date(2026, 6, 12))
    assert (await mature(bank, date(2026, 6, 11))).kept == 1
    paid = await bank.door.call(v1.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id))
    assert paid.interest.minor_units == 16_250 + 139


async def test_a_notice_is_given_and_taken_back(bank: Bank) -> None:
    deposit = await deposited(bank, "notice_7d")
    assert not deposit.HasField("matures_on")
    for request in (
        v1.GiveNoticeRequest(request_id="n1", term_deposit_id=deposit.term_deposit_id, amount=cny(5_000_000)),
        v1.CancelNoticeRequest(request_id="n2", term_deposit_id=deposit.term_deposit_id),
        v1.GiveNoticeRequest(request_id="n3", term_deposit_id=deposit.term_deposit_id, amount=cny(10_000_000)),
    ):
        noticed = (await bank.door.call(request)).term_deposit
    assert noticed.notice.due_on.day == 9
    (line,) = await accrue(bank, OPENED)
    assert line.payable.minor_units == 83
    bank.door.today(date(2026, 3, 9))
    paid = await bank.door.call(v1.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id))
    # Seven days of all, less seven days of the half whose notice was taken back.
    assert paid.interest.minor_units == 292
    listed = await bank.door.call(v1.ListTermDepositsRequest(customer_id="cus_1"))
    assert [each.status for each in listed.term_deposits] == [v1.TERM_DEPOSIT_STATUS_CLOSED]


async def test_what_may_not_be_is_refused_and_leaves_nothing(bank: Bank) -> None:
    bank.door.today(OPENED)
    source = await bank.deposit(1_000_000)
    before = await bank.door.envelopes()

    async def refused(product: str, fen: int) -> str:
        request = v1.OpenTermDepositRequest(
            request_id="x", settlement_account_id=source, product=product, amount=cny(fen)
        )
        return (await bank.door.refused(request)).reason

    assert await refused("gold", 10_000) == "TERM_DEPOSIT_PRODUCT_NOT_FOUND"
    assert await refused("fixed_1y", 4_999) == "PRINCIPAL_MUST_REACH_MINIMUM"
    assert await refused("fixed_1y", 1_000_001) == "AVAILABLE_BALANCE_EXHAUSTED"
    request = v1.AccrueTermDepositsRequest(request_id="x", business_date=date_message(OPENED))
    assert (await bank.door.refused(request)).reason == "TERM_DEPOSIT_DAY_MUST_BE_OVER"
    assert await bank.door.envelopes() == before


def frozen(bank: Bank, account_id: str, fen: int | None = None) -> account_freeze_pb2.FreezeFundsRequest:
    """A court's freeze, of an amount or of the whole."""
    return account_freeze_pb2.FreezeFundsRequest(
        request_id=bank.request_id(),
        account_id=account_id,
        kind=account_freeze_pb2.FREEZE_KIND_JUDICIAL,
        authority="上海市浦东新区人民法院",
        document="(2026)沪0115执1号",
        reason="execution",
        amount=None if fen is None else cny(fen),
    )


async def test_what_a_court_froze_is_kept_at_its_term_and_stops_no_other_deposit(bank: Bank) -> None:
    deposit, other = await deposited(bank), await deposited(bank)
    served = await bank.door.call(frozen(bank, deposit.account_id, 4_000_000))
    withdrawn = v1.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id)
    assert (await bank.door.refused(withdrawn)).reason == "AVAILABLE_BALANCE_EXHAUSTED"
    # What is not frozen may go.
    part = v1.WithdrawTermDepositRequest(
        request_id="w2", term_deposit_id=deposit.term_deposit_id, amount=cny(6_000_000)
    )
    await bank.door.call(part)
    await accrue(bank, date(2026, 6, 1))
    done = await mature(bank, date(2026, 6, 1))
    assert (done.paid, done.kept) == (1, 1)
    assert await bank.balance(other.settlement_account_id) == 10_016_350
    kept = (await bank.door.call(v1.GetTermDepositRequest(term_deposit_id=deposit.term_deposit_id))).term_deposit
    assert (kept.status, kept.principal.minor_units) == (v1.TERM_DEPOSIT_STATUS_MATURED, 4_000_000)
    await bank.door.call(account_freeze_pb2.LiftFreezeRequest(request_id="l1", freeze_id=served.freeze_id))
    # Its term's interest of 65.00 yuan.
    assert (await bank.door.call(withdrawn)).interest.minor_units == 6_500
    await bank.must_be_sound()


async def test_a_frozen_deposit_renews_and_stays_held(bank: Bank) -> None:
    deposit = await deposited(bank, instruction=v1.MATURITY_INSTRUCTION_RENEW_ALL)
    served = await bank.door.call(frozen(bank, deposit.account_id))
    withdrawn = v1.WithdrawTermDepositRequest(request_id="w1", term_deposit_id=deposit.term_deposit_id)
    assert (await bank.door.refused(withdrawn)).reason == "ACCOUNT_MUST_BE_ACTIVE"
    await accrue(bank, date(2026, 6, 1))
    assert (await mature(bank, date(2026, 6, 1))).renewed == 1
    await bank.door.call(account_freeze_pb2.LiftFreezeRequest(request_id="l1", freeze_id=served.freeze_id))
    account = await bank.account(deposit.account_id)
    assert account.held == account.balance == cny(10_016_250)


async def test_money_that_others_paid_into_its_account_stands_in_no_ones_way(bank: Bank) -> None:
    deposit = await deposited(bank)
    await bank.post(("1001", "DEBIT", 7), (deposit.account_id, "CREDIT", 7))
    await accrue(bank, date(2026, 6, 1))
    assert (await mature(bank, date(2026, 6, 1))).paid == 1
    account = await bank.account(deposit.account_id)
    assert (account.status, account.available) == (account_pb2.ACCOUNT_STATUS_ACTIVE, cny(7))
