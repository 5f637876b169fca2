"""What the ledger says of loans that were taken over: its entry about a batch is one about each of them."""

from datetime import date
from typing import Any

import pytest

from tests.credit.closes import close, rows
from tests.credit.examples import fen, minor_units, plant_seeds, request_id
from tests.credit.loan_files import ARREARS, csv_file, landed, loan
from zhongtai.credit.v1 import exposure_proof_pb2, limit_pb2, loan_import_pb2, loan_pb2, repayment_pb2
from zhongtai.operations.v1 import ledger_pb2
from zhongtai.testing.doors import Door


@pytest.fixture(autouse=True)
async def products(door: Door) -> None:
    """The products that ship with credit."""
    await plant_seeds(door)


def booked(reference: str, amount: int, *, taken_back: bool = False) -> ledger_pb2.EntryPosted:
    """The ledger's entry about a batch."""
    sides = (
        (ledger_pb2.SIDE_CREDIT, ledger_pb2.SIDE_DEBIT)
        if taken_back
        else (ledger_pb2.SIDE_DEBIT, ledger_pb2.SIDE_CREDIT)
    )
    legs = [
        ledger_pb2.Leg(account_code=code, side=side, amount=fen(amount))
        for code, side in zip(("1303", "300104"), sides, strict=True)
    ]
    return ledger_pb2.EntryPosted(entry_id=request_id(), reference=reference, legs=legs)


async def proof(door: Door) -> Any:
    """The proof as it is now."""
    return (await door.call(exposure_proof_pb2.ProveExposureRequest(request_id=request_id()))).proof


async def test_an_entry_about_a_batch_is_one_about_each_loan(door: Door) -> None:
    await landed(door, csv_file([loan(1), loan(2, customer_id="cus_1"), loan(3, **ARREARS)]))
    assert (await proof(door)).open_breaks == 3, "the ledger has not told yet"
    (told,) = await door.facts(loan_import_pb2.LoansImported)
    for _ in range(2):
        await door.deliver(booked(told.batch_id, 2_460_000), event_id="evt_booked")
    assert (await proof(door)).proven
    await door.deliver(booked(told.batch_id, 2_460_000, taken_back=True), event_id="evt_back")
    assert (await proof(door)).open_breaks == 3


async def test_an_entry_of_another_amount_is_a_break_of_the_batch(door: Door) -> None:
    await landed(door, csv_file([loan(1)]))
    (told,) = await door.facts(loan_import_pb2.LoansImported)
    await door.deliver(booked(told.batch_id, 819_999))
    reply = await door.call(exposure_proof_pb2.ListExposureBreaksRequest())
    assert not reply.breaks
    assert (await proof(door)).open_breaks == 2
    reply = await door.call(exposure_proof_pb2.ListExposureBreaksRequest())
    assert {one.subject.split("_")[0] for one in reply.breaks} == {"imp", "loan"}


async def test_the_end_of_day_closes_what_was_taken_over(door: Door) -> None:
    door.today(date(2026, 1, 4))
    await landed(door, csv_file([loan(1), loan(2, **ARREARS)]))
    await close(door, date(2026, 1, 4))
    first, late = await rows(door, date(2026, 1, 4))
    # From 2025-12-20 to the end of 2026-01-04, sixteen days at 12 % of CNY 8,200.00.
    assert (first.outstanding_minor, first.accruing_minor, first.accrual_minor) == (820_000, 820_000, 4_313)
    assert (first.days_past_due, first.category, first.stage) == (0, 0, 1)
    # What is in arrears bears no interest of its own; the interest in arrears is recognised with the first close.
    assert (late.accruing_minor, late.accrual_minor) == (730_000, 3_840 + 8_150)
    assert (late.days_past_due, late.category, late.stage) == (45, 1, 2)
    await close(door, date(2026, 1, 5))
    first, late = await rows(door, date(2026, 1, 5))
    assert (first.accrual_minor, late.days_past_due) == (270, 46)


async def test_customers_with_loans_of_many_products_have_limits_of_exactly_what_they_owe(door: Door) -> None:
    other = {"product_id": "personal_equal_principal", "principal": "12000.00"}
    await landed(door, csv_file([loan(1), loan(2, customer_id="cus_1"), loan(3, customer_id="cus_1", **other)]))
    loans = list((await door.call(loan_pb2.ListLoansRequest())).loans)
    assert len({one.limit_id for one in loans}) == 1, "both products are of one line"
    assert minor_units(loans, "outstanding") == 2_460_000


async def test_what_is_repaid_of_it_is_not_promised_again(door: Door) -> None:
    await landed(door, csv_file([loan(1, **ARREARS)]))
    (one,) = (await door.call(loan_pb2.ListLoansRequest())).loans
    paid = {"request_id": request_id(), "loan_id": one.loan_id, "payment_id": "pay_1", "amount": fen(98_150)}
    await door.call(repayment_pb2.RepayLoanRequest(**paid))
    (repaid,) = await door.facts(loan_pb2.LoanRepaid)
    await door.deliver(repaid)
    limit = (await door.call(limit_pb2.GetLimitRequest(limit_id=one.limit_id))).limit
    assert (limit.granted, limit.used, limit.available) == (fen(730_000), fen(730_000), fen(0))
