"""Capital, portfolio losses and expected credit loss: printed figures, and columns equal to decimals."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from zhongtai.kernel import creditmetrics, ecl, ifrs9, vasicek
from zhongtai.kernel.irb import (
    ProbabilityMustBeWithinBounds,
    Risk,
    RiskClass,
    capital_requirement,
    correlation,
    risk_weight,
)

PLACES = Decimal("0.01")
# The accord rounded something on the way: some of its figures are off by a little more than half of the last place.
ROUNDED = Decimal("0.0075")


# BCBS 128, annex 5, illustrative risk weights for unexpected losses: LGD 45 %, maturity 2.5 years.
@pytest.mark.parametrize(
    ("probability", "corporate", "small"),
    [
        ("0.0003", "14.44", "11.30"),
        ("0.0010", "29.65", "23.30"),
        ("0.0100", "92.32", "72.40"),
        ("0.0600", "159.61", "119.48"),
        ("0.2000", "238.23", "188.42"),
    ],
)
def test_risk_weights_are_those_of_the_accord(probability: str, corporate: str, small: str) -> None:
    risk = Risk(RiskClass.CORPORATE, Decimal(probability), Decimal("0.45"))
    assert abs(risk_weight(risk) * 100 - Decimal(corporate)) < ROUNDED
    sized = Risk(RiskClass.CORPORATE, Decimal(probability), Decimal("0.45"), turnover=Decimal(5))
    assert abs(risk_weight(sized) * 100 - Decimal(small)) < ROUNDED


def test_size_maturity_and_class_have_their_bounds() -> None:
    def of(risk_class: RiskClass = RiskClass.CORPORATE, **terms: Decimal) -> Decimal:
        return capital_requirement(Risk(risk_class, Decimal("0.01"), Decimal("0.45"), **terms))

    assert of(turnover=Decimal(1)) == of(turnover=Decimal(5)) < of(turnover=Decimal(20)) < of(turnover=Decimal(50))
    assert of(turnover=Decimal(80)) == of()
    assert of(maturity_years=Decimal("0.1")) == of(maturity_years=Decimal(1)) < of() < of(maturity_years=Decimal(5))
    assert of(maturity_years=Decimal(9)) == of(maturity_years=Decimal(5))
    assert of(RiskClass.MORTGAGE, maturity_years=Decimal(5)) == of(RiskClass.MORTGAGE)
    assert correlation(Risk(RiskClass.FINANCIAL, Decimal("0.01"), Decimal("0.45"))) == pytest.approx(
        1.25 * correlation(Risk(RiskClass.CORPORATE, Decimal("0.01"), Decimal("0.45")))
    )


def test_what_is_in_default_has_no_unexpected_loss_and_a_share_is_a_share() -> None:
    assert capital_requirement(Risk(RiskClass.CORPORATE, Decimal(1), Decimal("0.45"))) == 0
    assert capital_requirement(Risk(RiskClass.CORPORATE, Decimal(0), Decimal("0.45"))) == 0
    for probability, loss in (("1.1", "0.45"), ("0.1", "-0.1")):
        with pytest.raises(ProbabilityMustBeWithinBounds):
            capital_requirement(Risk(RiskClass.CORPORATE, Decimal(probability), Decimal(loss)))


def test_the_loss_distribution_adds_up_to_its_mean_and_deviation() -> None:
    places = (np.arange(20_000) + 0.5) / 20_000
    losses = np.array([vasicek.default_rate(0.02, 0.2, float(place)) for place in places])
    assert losses.mean() == pytest.approx(0.02, abs=1e-4)
    assert losses.std() == pytest.approx(vasicek.deviation(0.02, 0.2), rel=5e-3)


def test_the_migrations_of_a_bbb_bond_spread_as_the_document_prints() -> None:
    # CreditMetrics, Technical Document (1997), table 1.1: mean 107.09, standard deviation 2.99, first percentile 98.10.
    chances = [Decimal(it) for it in ("0.0002", "0.0033", "0.0595", "0.8693", "0.0530", "0.0117", "0.0012", "0.0018")]
    values = [Decimal(it) for it in ("109.37", "109.19", "108.66", "107.55", "102.02", "98.10", "83.64", "51.13")]
    assert creditmetrics.mean_value(chances, values).quantize(PLACES) == Decimal("107.09")
    assert creditmetrics.deviation(chances, values).quantize(PLACES) == Decimal("2.99")
    assert creditmetrics.percentile_value(chances, values, Decimal("0.01")) == Decimal("98.10")


def test_amortised_cost_comes_to_the_principal() -> None:
    # IFRS 9, implementation guidance B.26: 1,000 paid for 1,250 in five years with 59 a year; the rate is 10 %.
    receipts = [Decimal(59)] * 4 + [Decimal(59 + 1250)]
    rate = ifrs9.effective_interest_rate(Decimal(1000), receipts)
    assert rate.quantize(Decimal("0.001")) == Decimal("0.100")
    assert abs(ifrs9.amortised_costs(Decimal(1000), receipts, rate)[-1]) < Decimal("1e-9")


def test_a_provision_matrix_adds_up_its_bands() -> None:
    # IFRS 9, illustrative example 12: 580,000 over five bands.
    gross = [Decimal(it) for it in (15_000_000, 7_500_000, 4_000_000, 2_500_000, 1_000_000)]
    rates = [Decimal(it) for it in ("0.003", "0.016", "0.036", "0.066", "0.106")]
    assert ifrs9.provision_matrix(gross, rates) == 580_000


def test_months_share_the_default_of_their_year_evenly() -> None:
    months = ifrs9.marginal_probabilities([Decimal("0.02"), Decimal("0.05"), Decimal(1)])
    assert sum(months[:12]) == pytest.approx(Decimal("0.02"))
    assert sum(months[:24]) == pytest.approx(Decimal("0.05"))
    assert sum(months) == pytest.approx(Decimal(1))
    hazards = [chance / (1 - sum(months[:place])) for place, chance in enumerate(months[:12])]
    assert max(hazards) == pytest.approx(min(hazards))


rates = some.sampled_from(["0", "0.000001", "0.0005", "0.01", "0.03"]).map(Decimal)
loans = some.lists(
    some.tuples(
        some.sampled_from(ecl.Repayment),
        some.integers(0, 2),
        some.integers(1, 48),
        rates,
        rates,
        some.integers(0, 10**11),
        some.sampled_from(["0", "0.1", "0.45", "1"]).map(Decimal),
    ),
    min_size=1,
    max_size=30,
)
TABLE = [[Decimal(1) / (1000 * (grade + 1) + month) for month in range(48)] for grade in range(3)]


def exposures(repayment: ecl.Repayment, months: int, rate: Decimal) -> list[Decimal]:
    """What one unit owes at the end of each month, that month's interest with it, instalment by instalment."""
    level = rate / (1 - (1 + rate) ** -months) if rate else Decimal(1) / months
    balance, owed = Decimal(1), []
    for _ in range(months):
        owed.append(balance * (1 + rate))
        match repayment:
            case ecl.Repayment.LEVEL:
                balance = balance * (1 + rate) - level
            case ecl.Repayment.EQUAL_PRINCIPAL:
                balance -= Decimal(1) / months
    return owed


def columns(rows: list[tuple[ecl.Repayment, int, int, Decimal, Decimal, int, Decimal]]) -> ecl.Loans:
    repayment, grade, months, contract, effective, exposure, lgd = zip(*rows, strict=True)
    return ecl.Loans(
        repayment=np.array(repayment, dtype=np.int8),
        grade=np.array(grade, dtype=np.int16),
        months=np.array(months, dtype=np.int16),
        contract_rate=np.array(contract, dtype=np.float64),
        effective_rate=np.array(effective, dtype=np.float64),
        exposure=np.array(exposure, dtype=np.int64),
        loss_given_default=np.array(lgd, dtype=np.float64),
    )


@settings(max_examples=60)
@given(loans)
def test_columns_are_the_sum_term_by_term(
    rows: list[tuple[ecl.Repayment, int, int, Decimal, Decimal, int, Decimal]],
) -> None:
    lifetime, year = ecl.expected_losses(columns(rows), np.array(TABLE, dtype=np.float64))
    for place, (repayment, grade, months, contract, effective, exposure, lgd) in enumerate(rows):
        owed = exposures(repayment, months, contract)
        for column, horizon in ((lifetime, months), (year, 12)):
            exact = exposure * ifrs9.expected_loss(TABLE[grade], owed[:horizon], lgd, effective)
            assert abs(int(column[place]) - exact) <= Decimal("0.5") + exact * Decimal("1e-11")


def test_a_partition_changes_no_bit() -> None:
    chance = np.random.default_rng(7)
    count = 70_000
    rows = ecl.Loans(
        chance.integers(0, 3, count),
        chance.integers(0, 3, count),
        chance.integers(1, 49, count),
        chance.random(count) / 50,
        chance.random(count) / 50,
        chance.integers(0, 10**9, count),
        chance.random(count),
    )
    table = np.array(TABLE, dtype=np.float64)
    whole = ecl.loss_shares(rows, table)
    halves = [
        ecl.loss_shares(ecl.Loans(**{name: column[part] for name, column in vars(rows).items()}), table)
        for part in (slice(None, 333), slice(333, None))
    ]
    for place in range(2):
        assert np.array_equal(whole[place], np.concatenate([half[place] for half in halves]))


def test_no_loans_have_no_loss() -> None:
    nothing, none = np.empty(0), np.empty(0, dtype=np.int64)
    empty = ecl.Loans(none, none, none, nothing, nothing, none, nothing)
    lifetime, year = ecl.expected_losses(empty, np.array(TABLE, dtype=np.float64))
    assert len(lifetime) == len(year) == 0


def test_a_loan_beyond_the_table_is_a_defect() -> None:
    row = (ecl.Repayment.LEVEL, 0, 48, Decimal(0), Decimal(0), 1, Decimal(1))
    for beyond in ((*row[:2], 49, *row[3:]), (row[0], 3, *row[2:])):
        with pytest.raises(AssertionError):
            ecl.loss_shares(columns([beyond]), np.array(TABLE, dtype=np.float64))


def test_scenarios_weigh_into_one_table() -> None:
    chance = np.random.default_rng(3)
    marginal, weights, severities = chance.random((3, 2, 48)) / 100, np.array([0.2, 0.5, 0.3]), np.array([1.2, 1, 0.9])
    rows = columns([(ecl.Repayment.LEVEL, 1, 40, Decimal("0.01"), Decimal("0.01"), 10**10, Decimal("0.4"))])
    apart = [ecl.loss_shares(rows, table)[0] for table in marginal]
    together = ecl.loss_shares(rows, ecl.weighted(marginal, weights, severities))[0]
    assert together[0] == pytest.approx(
        float(sum(w * s * one[0] for w, s, one in zip(weights, severities, apart, strict=True)))
    )
    with pytest.raises(AssertionError):
        ecl.weighted(marginal, np.array([0.2, 0.5, 0.5]), severities)


def test_what_covers_an_exposure_takes_its_share_of_the_loss() -> None:
    share = ecl.loss_given_default(
        exposure=np.array([100, 100, 100, 0]),
        collateral=np.array([0, 60, 500, 10]),
        guarantee=np.array([0, 30, 500, 10]),
        unsecured=np.full(4, 0.45),
        guaranteed=np.full(4, 0.2),
        secured=0.1,
    )
    assert share.tolist() == pytest.approx(
        [0.45, float(Fraction(60, 1000) + Fraction(60, 1000) + Fraction(45, 1000)), 0.1, 0]
    )
