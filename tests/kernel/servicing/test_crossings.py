"""Lives in which changes of different kinds cross: each was once refused because its parts did not sum, or worse.

None of them is forbidden, so each must be let in and leave an account that adds up.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.kernel.servicing.test_accounts import LOANS, check, lent
from zhongtai.kernel.servicing import operations as do
from zhongtai.kernel.servicing.account import Account
from zhongtai.kernel.servicing.operations import PaymentType
from zhongtai.kernel.servicing.refusals import AmountExceedsTransaction, LoanStatusForbids
from zhongtai.kernel.servicing.terms import (
    Charge,
    ChargeBasis,
    ChargeOffBehaviour,
    ChargeTime,
    DeferredIncome,
    DownPayment,
    Terms,
    Tranches,
    Unit,
)

RECALCULATED = replace(LOANS["recalculated"], charges=())
FEE = Charge("fee", ChargeTime.SPECIFIED_DUE_DATE, ChargeBasis.FLAT, 400, due_on=date(2024, 3, 20))
Step = tuple[type[do.Operation], dict[str, Any]]


def on(month: int, of_month: int) -> date:
    return date(2024, month, of_month)


def pay(day: date, amount: int, booked: date | None = None, type_: PaymentType = PaymentType.REPAYMENT) -> Step:
    return do.Pay, {"booked_on": booked or day, "dated": day, "amount": amount, "type": type_}


def change(day: date, **values: Any) -> Step:
    return do.Reschedule, {"booked_on": day, **values}


def re_age(day: date, start_on: date, interest: do.ReAgeInterest = do.ReAgeInterest.DEFAULT) -> Step:
    values = {"every": 1, "unit": Unit.MONTHS, "instalments": 4, "start_on": start_on, "interest": interest}
    return do.ReAge, {"booked_on": day, **values}


def ended(day: date) -> Step:
    return do.TerminateContract, {"booked_on": day}


PLAIN, ZERO = LOANS["plain"], replace(RECALCULATED, charge_off=ChargeOffBehaviour.ZERO_INTEREST)
INCOME = replace(RECALCULATED, tranches=Tranches(), principal=20_000, capitalized_income=DeferredIncome())
SPLIT = do.ReAmortizeInterest.EQUAL_AMORTIZATION_INTEREST_SPLIT
LIVES: dict[str, tuple[Terms, list[Step]]] = {
    "a payment dated before a charge-back of what paid it off, then a large one": (
        RECALCULATED,
        [
            (do.PayOff, {"booked_on": on(1, 11), "dated": on(1, 11)}),
            (do.ChargeBack, {"booked_on": on(1, 23), "transaction": "s0", "amount": 1_000}),
            pay(on(1, 26), 446, booked=on(2, 16)),
            pay(on(3, 17), 5_000),
        ],
    ),
    "money refunded, then payments": (
        RECALCULATED,
        [pay(on(1, 20), 3_000), pay(on(2, 5), 1_500, type_=PaymentType.REFUND), pay(on(3, 1), 2_000)],
    ),
    "a due date moved behind a charge-off that ended interest": (
        ZERO,
        [
            (do.ChargeOff, {"booked_on": on(1, 20), "dated": on(1, 20)}),
            change(on(1, 21), from_on=on(3, 1), adjusted_due_on=on(3, 12)),
        ],
    ),
    "a rate changed behind a charge-off that ended interest": (
        ZERO,
        [
            (do.ChargeOff, {"booked_on": on(1, 20), "dated": on(1, 20)}),
            change(on(1, 21), from_on=on(3, 1), rate=Decimal(20)),
        ],
    ),
    "the end of a contract of which later instalments were paid": (PLAIN, [pay(on(1, 20), 5_000), ended(on(2, 7))]),
    "the same where interest is recalculated": (
        RECALCULATED,
        [pay(on(2, 7), 4_000), pay(on(2, 20), 2_500), ended(on(2, 21))],
    ),
    "a payment dated before the end, of a contract of which money was refunded": (
        replace(PLAIN, down_payment=DownPayment(Decimal(25))),
        [
            pay(on(1, 2), 2_500),
            pay(on(2, 13), 196, type_=PaymentType.REFUND),
            ended(on(2, 14)),
            pay(on(1, 19), 1_668, booked=on(3, 3)),
        ],
    ),
    "income capitalised behind the end of an overpaid loan": (
        INCOME,
        [
            (do.PayOff, {"booked_on": on(1, 26), "dated": on(1, 26)}),
            pay(on(3, 28), 1_668),
            (do.CapitalizeIncome, {"booked_on": on(8, 28), "dated": on(8, 28), "amount": 2_087}),
        ],
    ),
    "a fee waived that a re-amortisation behind it had spread": (
        RECALCULATED,
        [
            (do.AddCharge, {"booked_on": on(1, 17), "charge": FEE}),
            (do.ReAmortize, {"booked_on": on(3, 25), "interest": SPLIT}),
            (do.WaiveCharge, {"booked_on": on(4, 2), "charge": "s0"}),
        ],
    ),
    "a second re-age over a charge due behind the first end": (
        RECALCULATED,
        [
            (do.AddCharge, {"booked_on": on(2, 18), "charge": replace(FEE, due_on=on(8, 3))}),
            re_age(on(8, 20), on(8, 17)),
            re_age(on(10, 10), on(10, 3), do.ReAgeInterest.EQUAL_AMORTIZATION_PAYABLE_INTEREST),
        ],
    ),
}


def lived(terms: Terms, steps: list[Step]) -> Account:
    account = lent(terms, 10_000)
    for number, (kind, values) in enumerate(steps):
        account.apply(kind(reference=f"s{number}", **values))
        check(account)
    return account


@pytest.mark.parametrize("name", sorted(LIVES))
def test_a_crossing_of_changes_adds_up(name: str) -> None:
    lived(*LIVES[name])


def test_refunded_principal_bears_interest_again() -> None:
    steps: list[Step] = [pay(on(1, 20), 3_000), pay(on(2, 5), 1_500, type_=PaymentType.REFUND)]
    kept, refunded = lived(RECALCULATED, steps[:1]), lived(RECALCULATED, steps)
    assert refunded.payoff(on(3, 1)) > kept.payoff(on(3, 1)) + 1_500


def test_no_more_is_refunded_than_was_paid_of_a_running_loan() -> None:
    account = lived(RECALCULATED, [pay(on(1, 20), 3_000)])
    kind, values = pay(on(2, 5), 3_001, type_=PaymentType.REFUND)
    with pytest.raises(AmountExceedsTransaction):
        account.apply(kind(reference="r", **values))
    account.apply(do.PayOff(reference="p", booked_on=on(2, 5), dated=on(2, 5)))
    with pytest.raises(LoanStatusForbids):
        account.apply(kind(reference="r", **{**values, "amount": 1}))
