"""Entries while their book goes through the close of a date: postings never stop, no date changes unseen."""

from datetime import date

import pytest

from tests.operations.bank import Bank
from zhongtai.operations.v1 import book_day_pb2, ledger_pb2
from zhongtai.runtime.convert import date_message, date_of

MAY_4, MAY_5 = date(2026, 5, 4), date(2026, 5, 5)
LEGS = (("1001", "DEBIT", 100), ("4001", "CREDIT", 100))


@pytest.fixture(autouse=True)
def on_may_4(bank: Bank) -> None:
    bank.door.today(MAY_4)


async def advance(bank: Bank, *states: str) -> None:
    for state in states:
        await bank.door.call(
            book_day_pb2.AdvanceBookDayRequest(
                request_id=bank.request_id(),
                book="general",
                business_date=date_message(MAY_4),
                to=f"BOOK_DAY_STATUS_{state}",
            )
        )


async def test_an_entry_after_cut_off_belongs_to_the_next_date(bank: Bank) -> None:
    assert date_of((await bank.post(*LEGS)).booking_date) == MAY_4
    await advance(bank, "CUT_OFF")
    after = await bank.post(*LEGS)
    assert (date_of(after.booking_date), date_of(after.value_date)) == (MAY_5, MAY_5)
    bank.door.today(MAY_5)
    assert date_of((await bank.post(*LEGS)).booking_date) == MAY_5
    at = ledger_pb2.GetBalanceRequest(account_code="1001", on=date_message(MAY_4))
    assert [each.minor_units for each in (await bank.door.call(at)).balances] == [100]
    await bank.must_be_sound()


async def test_a_late_entry_needs_a_reason_or_goes_to_the_next_date(bank: Bank) -> None:
    await advance(bank, "CUT_OFF", "ACCRUED", "POSTED", "PROVED", "CLOSED")
    late = bank.entry(*LEGS, booking_date=date_message(MAY_4))
    assert (await bank.door.refused(late)).reason == "LATE_ENTRY_MUST_SAY_WHY"
    posted = await bank.post(*LEGS, booking_date=date_message(MAY_4), narrative="the voucher was mislaid")
    assert date_of(posted.booking_date) == MAY_4
    policy = book_day_pb2.SetBookPolicyRequest(
        request_id=bank.request_id(),
        book="general",
        late_entries="LATE_ENTRIES_NEXT_DAY",
        next_date="NEXT_DATE_EVERY_DAY",
    )
    await bank.door.call(policy)
    moved = await bank.post(*LEGS, booking_date=date_message(MAY_4))
    assert (date_of(moved.booking_date), date_of(moved.value_date)) == (MAY_5, MAY_4)
    policy.request_id, policy.late_entries = bank.request_id(), book_day_pb2.LATE_ENTRIES_REFUSE
    await bank.door.call(policy)
    refused = await bank.door.refused(bank.entry(*LEGS, booking_date=date_message(MAY_4)))
    assert (refused.reason, refused.metadata["open_date"]) == ("LATE_ENTRY_MUST_BE_ALLOWED", "2026-05-05")
