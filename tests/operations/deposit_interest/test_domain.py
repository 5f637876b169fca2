"""Interest on demand deposits, held to a plain sum over days."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from zhongtai.operations.deposit_interest.domain import (
    DepositInterest,
    DepositPlan,
    DepositTotal,
    Move,
    RateChoice,
    Terms,
    TierChoice,
)
from zhongtai.operations.deposit_interest.store import PLANS
from zhongtai.operations.deposit_rate.domain import DepositRate, DepositRateTier

START = date(2026, 1, 1)
DAY = timedelta(days=1)


def rate(on: date, *tiers: tuple[int, str]) -> DepositRate:
    return DepositRate(
        "demand", "CNY", on, tuple(DepositRateTier(start, Decimal(paid)) for start, paid in tiers), "test"
    )


def plan(choice: RateChoice = RateChoice.AS_IT_RUNS, tiers: TierChoice = TierChoice.EACH_PART) -> DepositPlan:
    return replace(PLANS["personal_demand"], rate_choice=choice, tier_choice=tiers, counts_from_minor=1)


def plainly(moves: list[Move], terms: Terms, first: date, through: date, rate_on: date) -> Fraction:
    """The same by a loop over days."""
    total = Fraction(0)
    for number in range((through - first).days + 1):
        on = first + number * DAY
        balance = max(0, sum(minor for value_date, minor in moves if value_date <= on))
        listed = [one for one in terms.rates if one.effective_on <= (on if _runs(terms) else rate_on)]
        if not listed or on < terms.rates[0].effective_on:
            continue
        tiers = listed[-1].tiers
        for tier, following in zip(tiers, [*[each.from_minor for each in tiers[1:]], None], strict=True):
            if terms.plan.tier_choice is TierChoice.WHOLE_BALANCE:
                reached = tier.from_minor <= balance and (following is None or balance < following)
                part = balance if reached else 0
            else:
                part = max(0, (balance if following is None else min(balance, following)) - tier.from_minor)
            total += part * Fraction(tier.rate)
    return total / terms.plan.days_in_year


def _runs(terms: Terms) -> bool:
    return terms.plan.rate_choice is RateChoice.AS_IT_RUNS


def test_the_example_of_the_rule() -> None:
    """10,000 yuan from 1 March, half of it out on the 11th: 10 days of all, 10 of half, at 0.36 % over 360."""
    terms = Terms(plan(), (rate(START, (0, "0.0036")),))
    moves = [(date(2026, 3, 1), 1_000_000), (date(2026, 3, 11), -500_000)]
    account = DepositInterest.begin("acc_1", "personal_demand", "CNY", moves[0][0])
    account = account.moved(moves, moves, 2, date(2026, 3, 20), terms)
    assert account.product == 15_000_000
    after, paid, _ = account.settled(terms, date(2026, 3, 20))
    assert paid.minor_units == 150
    assert after.product == 0
    assert after.settled_through == date(2026, 3, 20)


def test_a_person_gets_the_rate_of_the_day_of_settlement_and_a_firm_the_rate_of_each_day() -> None:
    rates = (rate(START, (0, "0.0072")), rate(date(2026, 3, 11), (0, "0.0036")))
    moves = [(date(2026, 3, 1), 1_000_000)]
    for choice, paid in ((RateChoice.AT_SETTLEMENT, 200), (RateChoice.AS_IT_RUNS, 300)):
        terms = Terms(plan(choice), rates)
        account = DepositInterest.begin("acc_1", "personal_demand", "CNY", moves[0][0])
        _, amount, _ = account.moved(moves, moves, 1, date(2026, 3, 20), terms).settled(terms, date(2026, 3, 20))
        assert amount.minor_units == paid


def test_a_person_earns_on_whole_yuan_only() -> None:
    terms = Terms(PLANS["personal_demand"], (rate(START, (0, "0.0036")),))
    assert terms.bands(199) == (100,)
    assert terms.bands(-500) == (0,)


def test_what_was_valued_before_the_settlement_is_paid_with_the_next() -> None:
    terms = Terms(plan(), (rate(START, (0, "0.0036")),))
    first = [(date(2026, 3, 1), 1_000_000)]
    account = DepositInterest.begin("acc_1", "personal_demand", "CNY", first[0][0])
    account, paid, _ = account.moved(first, first, 1, date(2026, 3, 20), terms).settled(terms, date(2026, 3, 20))
    late = [(date(2026, 3, 11), 1_000_000)]
    account = account.moved(late, [], 2, date(2026, 6, 20), terms)
    _, with_late, _ = account.settled(terms, date(2026, 6, 20))
    # 92 days of the doubled balance, and the ten days of March that came too late.
    assert (paid.minor_units, with_late.minor_units) == (200, 92 * 20 + 100)


def test_the_days_before_the_first_rate_earn_nothing() -> None:
    terms = Terms(plan(), (rate(date(2026, 3, 11), (0, "0.0036")),))
    moves = [(date(2026, 3, 1), 1_000_000)]
    account = DepositInterest.begin("acc_1", "personal_demand", "CNY", moves[0][0])
    assert account.moved(moves, moves, 1, date(2026, 3, 20), terms).product == 10_000_000


MOVES = st.lists(
    st.tuples(
        st.integers(0, 80).map(lambda days: START + days * DAY),
        st.integers(-500_000, 900_000),
        st.integers(0, 80).map(lambda days: START + days * DAY),
    ),
    min_size=1,
    max_size=12,
)


@given(
    booked=MOVES,
    choice=st.sampled_from(RateChoice),
    tiers=st.sampled_from(TierChoice),
    changes_after=st.integers(0, 90),
    others=MOVES,
)
def test_any_order_of_booking_earns_the_sum_over_days_and_the_total_is_the_sum_of_accounts(
    booked: list[tuple[date, int, date]],
    choice: RateChoice,
    tiers: TierChoice,
    changes_after: int,
    others: list[tuple[date, int, date]],
) -> None:
    thresholds = ((0, "0.001"), (200_000, "0.002"), (700_000, "0.0033"))
    terms = Terms(plan(choice, tiers), (rate(START, *thresholds),))
    if changes_after:
        changed = tuple((start, str(Decimal(paid) * 2)) for start, paid in thresholds)
        terms = Terms(terms.plan, (*terms.rates, rate(START + changes_after * DAY, *changed)))
    through = START + 85 * DAY
    total = DepositTotal("personal_demand", "CNY", START, (), (), 0)
    sums = Fraction(0)
    for lines in (booked, others):
        known: list[Move] = []
        account: DepositInterest | None = None
        present: DepositInterest | None = None
        for number, (value_date, minor, counted_on) in enumerate(lines, 1):
            known = sorted([*known, (value_date, minor)])
            account = account or DepositInterest.begin("acc_1", "personal_demand", "CNY", START)
            account = account.moved([(value_date, minor)], known, number, counted_on, terms)
            total = total.changed([(present, account)], terms)
            present = account
        assert account is not None
        account = account.moved([], known, account.seen_number, through, terms)
        total = total.changed([(present, account)], terms)
        earned = terms.interest(account.all_products, through)
        assert earned == plainly([(day, minor) for day, minor, _ in lines], terms, START, through, through)
        sums += earned
    assert terms.interest(total.rolled(through, terms).products, through) == sums
