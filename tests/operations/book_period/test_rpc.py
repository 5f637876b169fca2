"""Periods through the door: what they carry forward, and that a closed one takes nothing."""

from datetime import date, timedelta
from typing import Any

from tests.operations.bank import Bank
from zhongtai.operations.v1 import book_day_pb2, ledger_pb2
from zhongtai.operations.v1 import book_period_pb2 as v1
from zhongtai.runtime.convert import date_message

DECEMBER, YEAR_END = date(2026, 12, 1), date(2026, 12, 31)
STATES = ("CUT_OFF", "ACCRUED", "POSTED", "PROVED", "CLOSED")


async def closed_dates(bank: Bank, through: date) -> None:
    bank.door.today(through + timedelta(days=1))
    for state in STATES:
        await bank.door.call(
            book_day_pb2.AdvanceBookDayRequest(
                request_id=bank.request_id(),
                book="general",
                business_date=date_message(through),
                to=f"BOOK_DAY_STATUS_{state}",
            )
        )


def close(bank: Bank, through: date = YEAR_END, kind: str = "PERIOD_KIND_YEAR") -> Any:
    return v1.ClosePeriodRequest(request_id=bank.request_id(), book="general", through=date_message(through), kind=kind)


async def earned(bank: Bank) -> None:
    bank.door.today(DECEMBER)
    await bank.post(("1001", "DEBIT", 500), ("6011", "CREDIT", 500))
    await bank.post(("6411", "DEBIT", 200), ("1001", "CREDIT", 200))
    await bank.post(("1001", "DEBIT", 7), ("6021", "CREDIT", 7), currency="USD")


async def test_a_year_is_carried_forward_and_closed_once(bank: Bank) -> None:
    await earned(bank)
    assert (await bank.door.refused(close(bank))).reason == "PERIOD_DATES_MUST_BE_CLOSED"
    await closed_dates(bank, YEAR_END)
    refuse = book_day_pb2.SetBookPolicyRequest(
        request_id="p", book="general", late_entries="LATE_ENTRIES_REFUSE", next_date="NEXT_DATE_EVERY_DAY"
    )
    await bank.door.call(refuse)
    preview = v1.PreviewPeriodRequest(book="general", through=date_message(YEAR_END), kind="PERIOD_KIND_YEAR")
    drafts = (await bank.door.call(preview)).drafts
    assert len(drafts) == 4
    period = (await bank.door.call(close(bank))).period
    assert len(period.entry_ids) == len(drafts)
    assert (await bank.door.call(close(bank))).period == period
    assert len(await bank.door.facts(v1.PeriodClosed)) == 1
    for code, balance in (("6011", 0), ("6411", 0), ("6021", 0), ("4103", 0)):
        assert await bank.balance(code) == balance
    at_end = ledger_pb2.GetBalanceRequest(account_code="4104", on=date_message(YEAR_END))
    kept = {each.currency_code: each.minor_units for each in (await bank.door.call(at_end)).balances}
    assert kept == {"CNY": 300, "USD": 7}
    await bank.must_be_sound()
    assert [found.through for found in (await bank.door.call(v1.ListPeriodsRequest())).periods] == [period.through]


async def test_a_closed_period_takes_no_entry_and_the_next_one_follows(bank: Bank) -> None:
    await earned(bank)
    november, january = date(2026, 11, 30), date(2027, 1, 31)
    await closed_dates(bank, november)
    await bank.door.call(close(bank, november, "PERIOD_KIND_MONTH"))
    bank.door.today(DECEMBER)
    late = bank.entry(
        ("1001", "DEBIT", 1), ("6011", "CREDIT", 1), booking_date=date_message(november), narrative="forgotten"
    )
    assert (await bank.door.refused(late)).reason == "PERIOD_MUST_BE_OPEN"
    await closed_dates(bank, january)
    skipped = await bank.door.refused(close(bank, january, "PERIOD_KIND_MONTH"))
    assert (skipped.reason, skipped.metadata["last"]) == ("PERIOD_MUST_FOLLOW_THE_LAST", "2026-11-30")
    assert (await bank.door.refused(close(bank, november, "PERIOD_KIND_YEAR"))).reason == "PERIOD_MUST_END_WHOLE"
    await bank.door.call(close(bank, kind="PERIOD_KIND_UNSPECIFIED"))
    assert await bank.balance("6011") == 0
