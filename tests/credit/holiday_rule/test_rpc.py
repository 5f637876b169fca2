"""Due dates off holidays, of accounts and of loans that follow their schedule, through the door."""

from datetime import date
from typing import Any

import pytest

from tests.credit.examples import disbursed, fen, product_message, request_id
from tests.credit.serviced import (
    account_of,
    conventions,
    forget,
    interest_convention,
    lent,
    on,
    publish,
    repayment_convention,
    serviced_product,
)
from zhongtai.credit.v1 import holiday_rule_pb2 as v1
from zhongtai.credit.v1 import loan_change_pb2, loan_pb2, product_pb2, repayment_pb2, servicing_pb2
from zhongtai.kernel.calendar import CHINA_INTERBANK
from zhongtai.runtime.convert import date_of
from zhongtai.testing.doors import Door


def rule(**changes: Any) -> v1.HolidayRule:
    fields: dict[str, Any] = {
        "business_day": v1.BUSINESS_DAY_RULE_FOLLOWING,
        "calendar": "china_interbank",
        "beyond": v1.BEYOND_CALENDAR_REFUSED,
    }
    return v1.HolidayRule(**{**fields, **changes})


async def due_dates(door: Door, loan_id: str) -> list[date]:
    return [date_of(line.due_date) for line in (await account_of(door, loan_id)).plan if line.number > 0]


async def test_due_dates_of_an_account_are_business_days_and_come_back_to_their_day(door: Door) -> None:
    await publish(door, serviced_product(holidays=rule()))
    loan_id = await lent(door)
    found = await due_dates(door, loan_id)
    # 5 April 2026 is Qingming, until the 6th; the 5th of July a Sunday.
    months = [(2, 5), (3, 5), (4, 7), (5, 6), (6, 5), (7, 6)]
    assert found == [date(2026, month, of_month) for month, of_month in months]
    assert all(CHINA_INTERBANK.is_business_day(each) for each in found)
    plan = [line for line in (await account_of(door, loan_id)).plan if line.number > 0]
    assert sum(line.due.principal.minor_units for line in plan) == 1_200_000
    # Interest of the third instalment runs for the 33 days from 5 March to 7 April.
    balance = plan[1].balance.minor_units
    assert plan[2].due.interest.minor_units == round(balance * 0.12 * 33 / 365)
    forget()
    door.today(date(2026, 1, 6))
    extend = loan_change_pb2.RescheduleLoanRequest(
        request_id=request_id(), loan_id=loan_id, from_on=on(door, 2026, 1, 6), extra_instalments=3
    )
    await door.call(extend)
    longer = await due_dates(door, loan_id)
    assert longer[:6] == found
    assert longer[6:] == [date(2026, 8, 5), date(2026, 9, 7), date(2026, 10, 8)]


async def test_what_is_paid_on_the_day_it_was_moved_to_is_not_late(door: Door) -> None:
    await publish(door, serviced_product(holidays=rule()))
    loan_id = await lent(door)
    for number, paid_on in enumerate((date(2026, 2, 5), date(2026, 3, 5), date(2026, 4, 7))):
        door.today(paid_on)
        line = [line for line in (await account_of(door, loan_id)).plan if line.number > 0][number]
        assert not (await account_of(door, loan_id)).arrears.past_due_days
        pay = repayment_pb2.RepayLoanRequest(
            request_id=request_id(), loan_id=loan_id, amount=line.due.principal, payment_id=f"pay_{number}"
        )
        pay.amount.minor_units = sum(getattr(line.due, part).minor_units for part in ("principal", "interest"))
        await door.call(pay)
    plan = [line for line in (await account_of(door, loan_id)).plan if line.number > 0]
    assert [line.outstanding.minor_units for line in plan[:3]] == [0, 0, 0]
    assert not any(line.late.minor_units for line in plan)


@pytest.mark.parametrize(
    ("business_day", "third"),
    [
        (v1.BUSINESS_DAY_RULE_FOLLOWING, date(2026, 5, 6)),
        (v1.BUSINESS_DAY_RULE_PRECEDING, date(2026, 4, 30)),
        (v1.BUSINESS_DAY_RULE_MODIFIED_PRECEDING, date(2026, 5, 6)),
    ],
)
async def test_a_loan_that_follows_its_schedule_keeps_off_holidays_too(
    door: Door, business_day: Any, third: date
) -> None:
    product = product_message(product_id="off_holidays", holidays=rule(business_day=business_day))
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    door.today(date(2026, 2, 2))
    loan = await disbursed(door, product_id="off_holidays", term_months=6)
    assert date_of(loan.instalments[2].due_date) == third
    assert all(CHINA_INTERBANK.is_business_day(date_of(each.due_date)) for each in loan.instalments)
    assert sum(each.principal.minor_units for each in loan.instalments) == 1_200_000


@pytest.mark.parametrize("business_day", [v1.BUSINESS_DAY_RULE_FOLLOWING, v1.BUSINESS_DAY_RULE_PRECEDING])
async def test_by_the_days_agreed_amounts_are_those_without_holidays(door: Door, business_day: Any) -> None:
    await publish(door, serviced_product(product_id="untouched"))
    await publish(door, serviced_product(holidays=rule(business_day=business_day, interest=v1.INTEREST_DAYS_AGREED)))
    untouched, loan_id = await lent(door, product_id="untouched"), await lent(door)
    dues = await due_dates(door, loan_id)
    assert dues != await due_dates(door, untouched)
    assert all(CHINA_INTERBANK.is_business_day(each) for each in dues)
    plans = [
        [line.due for line in (await account_of(door, one)).plan if line.number > 0] for one in (untouched, loan_id)
    ]
    assert plans[0] == plans[1]
    # Each pays on its own due date: nothing is late, and both have paid the same in the end.
    for one in (untouched, loan_id):
        for number in range(6):
            line = [line for line in (await account_of(door, one)).plan if line.number > 0][number]
            door.today(date_of(line.due_date))
            pay = repayment_pb2.RepayLoanRequest(
                request_id=request_id(), loan_id=one, amount=line.outstanding, payment_id=f"{one} {number}"
            )
            await door.call(pay)
        loan = (await door.call(loan_pb2.GetLoanRequest(loan_id=one))).loan
        assert loan.status == loan_pb2.LOAN_STATUS_PAID_OFF
    paid = [
        [line.paid for line in (await account_of(door, one)).plan if line.number > 0] for one in (untouched, loan_id)
    ]
    assert paid[0] == paid[1] == plans[0]


async def test_a_loan_without_an_account_runs_to_the_day_it_is_moved_to(door: Door) -> None:
    product = product_message(holidays=rule(interest=v1.INTEREST_DAYS_AGREED))
    refusal = await door.refused(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    assert (refusal.metadata["first"], refusal.metadata["second"]) == ("holidays.interest", "servicing")


async def test_beyond_the_calendar_a_loan_is_refused_or_weekdays_count(door: Door) -> None:
    await publish(door, serviced_product(holidays=rule(), product_id="refused_beyond"))
    weekdays = rule(beyond=v1.BEYOND_CALENDAR_WEEKDAYS)
    await publish(door, serviced_product(holidays=weekdays, product_id="weekdays_beyond"))
    plain = product_message(product_id="plain_refused", holidays=rule())
    await door.call(product_pb2.PublishProductRequest(request_id=request_id(), product=plain))
    door.today(date(2026, 8, 10))
    for product_id in ("refused_beyond", "plain_refused"):
        ask = loan_pb2.QuoteLoanRequest(product_id=product_id, amount=fen(1_200_000), term_months=6)
        assert (await door.refused(ask)).reason == "DATE_OUTSIDE_CALENDAR"
    ask = loan_pb2.QuoteLoanRequest(product_id="weekdays_beyond", amount=fen(1_200_000), term_months=6)
    dues = [date_of(one.due_date) for one in (await door.call(ask)).instalments]
    assert dues[4:] == [date(2027, 1, 11), date(2027, 2, 10)]


@pytest.mark.parametrize(
    ("servicing", "second"),
    [
        (conventions(repayment=repayment_convention(unit=servicing_pb2.LENGTH_UNIT_WEEKS)), "servicing.repayment.unit"),
        (
            conventions(interest=interest_convention(period=servicing_pb2.INTEREST_MEASURE_SAME_AS_REPAYMENT_PERIOD)),
            "servicing.interest.period",
        ),
        (
            conventions(
                convention=servicing_pb2.SERVICING_CONVENTION_CUMULATIVE,
                allocation=servicing_pb2.AllocationConvention(
                    strategy="mifos-standard-strategy", direction=servicing_pb2.WATERFALL_DIRECTION_HORIZONTAL
                ),
            ),
            "servicing.convention",
        ),
        (
            conventions(tranches=servicing_pb2.TrancheConvention(maximum=2, full_term=True)),
            "servicing.tranches.full_term",
        ),
    ],
)
async def test_contradictions_name_both(door: Door, servicing: servicing_pb2.Servicing, second: str) -> None:
    product = serviced_product(servicing, holidays=rule())
    refusal = await door.refused(product_pb2.PublishProductRequest(request_id=request_id(), product=product))
    assert (refusal.reason, refusal.metadata["second"]) == ("CONVENTIONS_MUST_AGREE", second)
    assert refusal.metadata["first"].startswith("holidays")
