"""Plans that change under way, on whole accounts: re-age, re-amortise, reschedule, charge-off and termination."""

from datetime import date
from typing import Any

import pytest

from tests.kernel.servicing.test_accounts import lent, pay, terms
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.terms import (
    Charge,
    ChargeBasis,
    ChargeOffBehaviour,
    ChargeTime,
    Interest,
    InterestRecalculation,
    Repayment,
    Terms,
    Unit,
)

Row = tuple[date, int, int, int]


def recalculating(**others: Any) -> Terms:
    return terms(recalculation=InterestRecalculation(), **others)


def plan(account: Account) -> list[Row]:
    """Due date, principal, interest and what was paid of each instalment."""
    return [
        (row.due_on, row.due.principal, row.due.interest, row.paid.principal + row.paid.interest)
        for row in account.schedule()
        if row.number
    ]


def paid_once() -> Account:
    """A first instalment paid on its day, interest recalculated."""
    account = lent(recalculating())
    pay(account, "p1", date(2024, 2, 1), 1701)
    return account


def re_aged(account: Account, reference: str, on: date, start: date, **others: Any) -> None:
    fields: dict[str, Any] = {"every": 1, "unit": Unit.MONTHS, "instalments": 3, **others}
    account.apply(do.ReAge(reference=reference, booked_on=on, start_on=start, **fields))


def principal_due(account: Account) -> int:
    return sum(principal for _, principal, _, _ in plan(account))


def test_a_re_age_takes_what_is_open_into_new_instalments() -> None:
    """SOURCE: apache/fineract, re-ageing of 100.00 at 7 % on 15 March, six instalments from 1 April: 14.30 a month."""
    account = paid_once()
    re_aged(account, "r", date(2024, 3, 15), date(2024, 4, 1), instalments=6)
    assert plan(account)[1:5] == [
        (date(2024, 3, 1), 0, 0, 0),
        (date(2024, 3, 15), 0, 0, 0),
        (date(2024, 4, 1), 1332, 98, 0),
        (date(2024, 5, 1), 1389, 41, 0),
    ]
    assert principal_due(account) == 10_000


def test_a_second_re_age_keeps_what_was_paid_since_the_first() -> None:
    account = paid_once()
    re_aged(account, "r1", date(2024, 3, 15), date(2024, 4, 1), instalments=6)
    pay(account, "p2", date(2024, 4, 20), 2000)
    re_aged(account, "r2", date(2024, 5, 10), date(2024, 6, 1))
    assert principal_due(account) == 10_000
    assert sum(paid for *_, paid in plan(account)) == 1701 + 2000
    assert [due for due, *_ in plan(account)][-4:] == [
        date(2024, 5, 10),
        *(date(2024, month, 1) for month in (6, 7, 8)),
    ]
    pay(account, "p3", date(2024, 6, 1), 1000)


def test_undoing_a_re_age_brings_the_old_plan_back() -> None:
    account = paid_once()
    before = plan(account)
    re_aged(account, "r", date(2024, 2, 10), date(2024, 3, 10))
    account.apply(do.UndoReAge(reference="u", booked_on=date(2024, 2, 10)))
    assert plan(account) == before


def test_a_re_amortisation_leaves_past_instalments_with_what_was_paid() -> None:
    account = paid_once()
    account.apply(do.ReAmortize(reference="r", booked_on=date(2024, 3, 15)))
    assert plan(account)[1] == (date(2024, 3, 1), 0, 0, 0)
    assert principal_due(account) == 10_000


def test_due_dates_move_behind_an_instalment_paid_early() -> None:
    account = lent(recalculating())
    pay(account, "p1", date(2024, 1, 10), 1701)
    account.apply(
        do.Reschedule(
            reference="r", booked_on=date(2024, 1, 11), from_on=date(2024, 2, 1), adjusted_due_on=date(2024, 2, 16)
        )
    )
    assert [due for due, *_ in plan(account)][:3] == [date(2024, 2, 1), date(2024, 3, 16), date(2024, 4, 16)]
    account.apply(do.PayOff(reference="o", booked_on=date(2024, 1, 11), dated=date(2024, 1, 11)))
    assert account.outstanding().total == 0


def test_the_last_rate_given_for_a_day_stands() -> None:
    account = lent(recalculating())
    for reference, rate in (("r1", 12), ("r2", 0)):
        account.apply(
            do.Reschedule(reference=reference, booked_on=date(2024, 1, 5), from_on=date(2024, 3, 2), rate=rate)  # type: ignore[arg-type]
        )
    assert [interest for _, _, interest, _ in plan(account)] == [58, 49, 0, 0, 0, 0]


@pytest.mark.parametrize("behaviour", list(ChargeOffBehaviour))
def test_a_charge_off_keeps_the_principal_whole(behaviour: ChargeOffBehaviour) -> None:
    account = lent(recalculating(charge_off=behaviour))
    pay(account, "p1", date(2024, 2, 1), 1701)
    fee = Charge("fee", ChargeTime.SPECIFIED_DUE_DATE, ChargeBasis.FLAT, 500, due_on=date(2024, 9, 1))
    account.apply(do.AddCharge(reference="f", booked_on=date(2024, 2, 2), charge=fee))
    account.apply(do.ChargeOff(reference="c", booked_on=date(2024, 2, 29), dated=date(2024, 2, 29)))
    assert principal_due(account) == 10_000
    assert account.outstanding().fee == 500


def test_everything_falls_due_when_a_contract_is_terminated() -> None:
    account = paid_once()
    account.apply(do.TerminateContract(reference="t", booked_on=date(2024, 3, 10)))
    assert plan(account)[-1][0] == date(2024, 3, 10)
    assert principal_due(account) == 10_000
    account.apply(do.PayOff(reference="o", booked_on=date(2024, 3, 10), dated=date(2024, 3, 10)))
    assert account.outstanding().total == 0


def test_a_loan_without_interest_is_spread_in_multiples() -> None:
    account = lent(terms(interest=Interest(), repayment=Repayment(instalments=3, multiples_of=100)))
    re_aged(account, "r", date(2024, 2, 15), date(2024, 3, 15), instalments=3)
    assert [principal for _, principal, _, _ in plan(account) if principal] == [3300, 3300, 3400]
