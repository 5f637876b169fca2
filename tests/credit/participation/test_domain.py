"""Participations: whatever is lent, paid, taken back and sold, the parts are the loan."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.credit.examples import cny
from zhongtai.credit.loan.domain import LoanStatus
from zhongtai.credit.participation.domain import (
    BankPartExhausted,
    Participation,
    ParticipationFunded,
    ParticipationSettled,
    Partner,
    TooManyFunders,
    agree,
    alone,
)

NONE = Decimal(0)


def joint(*shares: str, fee: str = "0.1") -> Participation:
    partners = [Partner(f"partner_{place}", Decimal(share), Decimal(fee)) for place, share in enumerate(shares)]
    return agree("loan_1", LoanStatus.PENDING, "CNY", partners, least=NONE, earlier=None)[0]


def test_each_gets_its_part_of_principal_and_interest_less_the_fee() -> None:
    funded, (told,) = joint("0.3", "0.4").follow("", cny(1_000), cny(0), lent=True)
    assert isinstance(told, ParticipationFunded)
    assert (told.principal, [line.principal.minor_units for line in told.lines]) == (cny(700), [300, 400])
    settled, (fact,) = funded.follow("pay_1", cny(900), cny(50), lent=False)
    assert isinstance(fact, ParticipationSettled)
    assert [(line.principal.minor_units, line.interest.minor_units, line.fee.minor_units) for line in fact.lines] == [
        (30, 15, 2),
        (40, 20, 2),
    ]
    assert fact.passed_on == cny(70 + 35 - 4)
    assert settled.parts[0].outstanding == cny(270)
    assert settled.follow("pay_1", cny(900), cny(0), lent=False) == (settled, ()), "what was shared is shared once"


SHARES = st.lists(st.sampled_from(["0.1", "0.15", "0.333333", "0.000001"]), min_size=1, max_size=3)
STEPS = st.lists(
    st.tuples(st.sampled_from(["pay", "back", "sell"]), st.integers(0, 100), st.integers(0, 500)), max_size=25
)


@given(SHARES, st.integers(1, 10**9), STEPS)
def test_the_parts_are_the_loan_and_the_last_payment_empties_them(
    shares: list[str], lent: int, steps: list[tuple[str, int, int]]
) -> None:
    parts, _ = joint(*shares).follow("", cny(lent), cny(0), lent=True)
    owed, got = lent, 0
    for step, percent, interest in steps:
        if step == "sell":
            own = parts.parts[0].outstanding.minor_units * percent // 100
            if own:
                parts, _ = parts.sell("buyer", cny(own), cny(own + 1), NONE)
            continue
        change = owed * percent // 100 if step == "pay" else -((lent - owed) * percent // 100)
        owed -= change
        got += interest
        parts, _ = parts.follow("pay", cny(owed), cny(interest), lent=False)
        assert parts.outstanding == cny(owed)
    parts, _ = parts.follow("pay", cny(0), cny(0), lent=False)
    assert all(not part.outstanding for part in parts.parts)
    assert sum(part.interest.minor_units for part in parts.parts) == got


def test_a_sale_tells_what_was_gained_or_lost() -> None:
    own = alone("loan_1", LoanStatus.ACTIVE, cny(1_000), cny(1))
    sold, fact = own.sell("buyer", cny(400), cny(390), NONE)
    assert (fact.loss, fact.gain, sold.outstanding) == (cny(10), cny(0), cny(1_000))
    sold, fact = sold.sell("buyer", cny(600), cny(610), NONE)
    assert (fact.loss, fact.gain, len(sold.parts)) == (cny(0), cny(10), 2)
    with pytest.raises(BankPartExhausted):
        sold.sell("buyer", cny(1), cny(1), NONE)


def test_funders_are_bounded() -> None:
    parts = alone("loan_1", LoanStatus.ACTIVE, cny(1_000), cny(1))
    for number in range(19):
        parts, _ = parts.sell(f"buyer_{number}", cny(1), cny(1), NONE)
    with pytest.raises(TooManyFunders):
        parts.sell("one more", cny(1), cny(1), NONE)
    parts.sell("buyer_3", cny(1), cny(1), NONE)
