"""Stages and allowances of many loans at once, in columns.

Shapes: every column is (n,), one row for each loan; a stage is its `ImpairmentStage.code`, a grade its row in the
model. What one loan gets is what `domain.stage_of` gives it and `kernel.ifrs9` tells term by term; property tests
hold them together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zhongtai.credit.allowance.domain import Amounts, ImpairmentStage, Position
from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.kernel import ecl
from zhongtai.kernel.schedule import TERM_MONTHS_MAX, Amortisation

Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
MinorUnits = NDArray[np.int64]

FIRST_TIME = -1
ONE, TWO, THREE, PURCHASED_IMPAIRED, SIMPLIFIED = (np.int8(stage.code) for stage in ImpairmentStage)

# What comes back in any other way is taken to be owed whole until the end, so that nothing is provided too little.
REPAYMENTS = {
    Amortisation.EQUAL_INSTALMENT: ecl.Repayment.LEVEL,
    Amortisation.EQUAL_PRINCIPAL: ecl.Repayment.EQUAL_PRINCIPAL,
}


@dataclass(frozen=True)
class Risks:
    """What decides the stages: the fields of `domain.Risk` as columns, `previous` `FIRST_TIME` where there is none."""

    now: NDArray[np.integer]
    then: NDArray[np.integer]
    days_past_due: NDArray[np.integer]
    credit_impaired: Flags
    watch_list: Flags
    purchased_impaired: Flags
    simplified: Flags
    months_clean: NDArray[np.integer]
    previous: Codes


@dataclass(frozen=True)
class Book:
    """What decides the allowances: loans as `kernel.ecl` takes them, with their stage and what else counts."""

    loans: ecl.Loans
    stage: Codes
    days_past_due: NDArray[np.integer]
    initial_expected_loss: MinorUnits


@dataclass(frozen=True)
class Losses:
    """What is lost, in minor units: the allowance, and the two losses it may be."""

    allowance: MinorUnits
    lifetime: MinorUnits
    twelve_months: MinorUnits


def stages(model: AllowanceModel, risks: Risks) -> Codes:
    """The stage of every loan."""
    risen, defaulted = _grounds(model)
    two = risen[risks.now, risks.then] | risks.watch_list | (risks.days_past_due > model.backstop_days)
    three = defaulted[risks.now] | risks.credit_impaired | (risks.days_past_due > model.default_days)
    found = np.where(three, THREE, np.where(two, TWO, ONE)).astype(np.int8)
    staged = (risks.previous == TWO) | (risks.previous == THREE)
    held = staged & (risks.previous > found) & (risks.months_clean < model.cure_months)
    found = np.where(held, risks.previous, found)
    found = np.where(risks.purchased_impaired, PURCHASED_IMPAIRED, found)
    return np.where(risks.simplified, SIMPLIFIED, found).astype(np.int8)


@lru_cache(maxsize=16)
def _grounds(model: AllowanceModel) -> tuple[Flags, Flags]:
    """Whether the probability rose significantly from one grade to another, (now, then), and is one of default."""
    rows = range(len(model.grades))
    risen = [[model.rose_absolutely(now, then) or model.rose_relatively(now, then) for then in rows] for now in rows]
    return np.array(risen), np.array([term.one_year == 1 for term in model.grades])


def losses(model: AllowanceModel, book: Book) -> Losses:
    """The allowance of every loan, and the two losses it may be.

    Stage one the loss of twelve months, stage two that of the life; in stage three default has come, and the loss
    given default is lost of all that is owed; purchased or originated impaired what the lifetime loss changed by,
    below zero where it fell; simplified the rate of the band.
    """
    lifetime, year = ecl.expected_losses(book.loans, table(model))
    exposure, severity = book.loans.exposure, float(model.severity)
    incurred = np.rint(exposure * (book.loans.loss_given_default * severity)).astype(np.int64)
    allowance = np.select(
        [book.stage == ONE, book.stage == TWO, book.stage == THREE, book.stage == PURCHASED_IMPAIRED],
        [year, lifetime, incurred, np.where(exposure > 0, lifetime - book.initial_expected_loss, 0)],
        default=np.rint(exposure * band_rates(model, book.days_past_due)).astype(np.int64),
    )
    return Losses(allowance, lifetime, year)


def band_rates(model: AllowanceModel, days_past_due: NDArray[np.integer]) -> Floats:
    """The rate of the provision matrix for every loan; 0 where the model has none."""
    if not model.bands:
        return np.zeros(len(days_past_due))
    begins = np.array([band.days_past_due for band in model.bands])
    rates = np.array([float(band.rate) for band in model.bands])
    found: Floats = rates[np.searchsorted(begins, days_past_due, side="right") - 1]
    return found


@lru_cache(maxsize=16)
def table(model: AllowanceModel) -> Floats:
    """The probability of default in each month, (grades, months), over all scenarios weighed by their severity."""
    marginal = np.stack([monthly(model, float(it.hazard_factor)) for it in model.scenarios])
    weights, severities = (
        np.array([float(getattr(it, name)) for it in model.scenarios]) for name in ("weight", "severity_factor")
    )
    whole = ecl.weighted(marginal, weights, severities)
    whole.setflags(write=False)
    return whole


def monthly(model: AllowanceModel, hazard_factor: float) -> Floats:
    """The probability of default in each month by grade, (grades, months), where hazards are so many times as high.

    Within a year the hazard is even, behind the last year of the model it goes on: `ifrs9.marginal_probabilities`.
    """
    years = -(-TERM_MONTHS_MAX // ecl.MONTHS_OF_YEAR)
    factors = np.empty((len(model.grades), years))
    for row, term in enumerate(model.grades):
        left = np.concatenate([[1.0], 1 - np.array([float(it) for it in term.cumulative])])
        kept = np.divide(left[1:], left[:-1], out=np.zeros(len(left) - 1), where=left[:-1] > 0)
        factors[row, : len(kept)] = kept[:years]
        factors[row, len(kept) :] = kept[-1]
    monthly_factors = np.repeat(factors ** (hazard_factor / ecl.MONTHS_OF_YEAR), ecl.MONTHS_OF_YEAR, axis=1)
    survived = np.cumprod(monthly_factors, axis=1)
    before = np.concatenate([np.ones((len(factors), 1)), survived[:, :-1]], axis=1)
    marginal: Floats = before - survived
    return marginal


def book(model: AllowanceModel, positions: Sequence[Position]) -> Book:
    """Positions as columns."""
    loans = ecl.Loans(
        repayment=np.array([REPAYMENTS.get(it.amortisation, ecl.Repayment.AT_END) for it in positions], dtype=np.int8),
        grade=np.array([model.row(it.grade) for it in positions], dtype=np.int16),
        months=np.array([min(it.months, TERM_MONTHS_MAX) for it in positions], dtype=np.int16),
        contract_rate=np.array([float(it.contract_rate) for it in positions]),
        effective_rate=np.array([float(it.effective_rate) for it in positions]),
        exposure=np.array([it.exposure.minor_units for it in positions], dtype=np.int64),
        loss_given_default=np.array([float(it.loss_given_default) for it in positions]),
    )
    return Book(
        loans=loans,
        stage=np.array([it.stage.code for it in positions], dtype=np.int8),
        days_past_due=np.array([it.days_past_due for it in positions], dtype=np.int64),
        initial_expected_loss=np.array([it.initial_expected_loss.minor_units for it in positions], dtype=np.int64),
    )


def steps(
    before: Book, old_model: AllowanceModel, by_old_model: Book, after: Book, new_model: AllowanceModel
) -> tuple[MinorUnits, MinorUnits, MinorUnits, MinorUnits]:
    """The allowances as time and balance, then the stage, then grade and cover, then the model become new; (n,) each.

    `by_old_model` is what the loans are today by the parameters of the old model. What `domain.movements_between`
    explains.
    """
    loans = replace(by_old_model.loans, grade=before.loans.grade, loss_given_default=before.loans.loss_given_default)
    balance = replace(by_old_model, loans=loans, stage=before.stage)
    stage = replace(balance, stage=by_old_model.stage)
    timed, staged, covered = (losses(old_model, one).allowance for one in (balance, stage, by_old_model))
    return timed, staged, covered, losses(new_model, after).allowance


def step_by_step(
    before: Position, old_model: AllowanceModel, by_old_model: Position, after: Position, new_model: AllowanceModel
) -> Amounts:
    """What one loan loses, and the steps to its allowance."""
    # A grade that the old model never had is a matter of the new one.
    known = by_old_model.grade in {term.grade for term in old_model.grades}
    covered = by_old_model if known else replace(by_old_model, grade=before.grade)
    today = book(new_model, [after])
    balance, stage, cover, model = (
        int(column[0])
        for column in steps(book(old_model, [before]), old_model, book(old_model, [covered]), today, new_model)
    )
    loss = losses(new_model, today)
    return Amounts(int(loss.twelve_months[0]), int(loss.lifetime[0]), (balance, stage, cover, model))
