"""Stages, allowances and movements: one loan at a time, and the columns equal to it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.credit.allowance_model.model import shipped
from tests.credit.examples import cny
from zhongtai.credit.allowance import engine
from zhongtai.credit.allowance.domain import (
    AssessmentMustNotPrecedeLatest,
    ImpairmentStage,
    Position,
    Risk,
    StageReason,
    Standing,
    months_left,
    stage_of,
)
from zhongtai.credit.allowance_movement.domain import AllowanceMovement, MovementCause, movements_between
from zhongtai.kernel import ecl, ifrs9
from zhongtai.kernel.schedule import Amortisation

MODEL = shipped()
ONE, TWO, THREE, PURCHASED_IMPAIRED, SIMPLIFIED = ImpairmentStage
BBB, BB, CCC, D = (MODEL.row(grade) for grade in ("BBB", "BB", "CCC", "D"))


def risk(**changes: Any) -> Risk:
    ordinary: dict[str, Any] = {
        "now": BBB,
        "then": BBB,
        "days_past_due": 0,
        "credit_impaired": False,
        "watch_list": False,
        "purchased_impaired": False,
        "simplified": False,
        "months_clean": 0,
        "previous": None,
    }
    return Risk(**{**ordinary, **changes})


@pytest.mark.parametrize(
    ("changes", "stage", "reasons"),
    [
        ({}, ONE, ()),
        ({"days_past_due": 30}, ONE, ()),
        ({"days_past_due": 31}, TWO, (StageReason.PAST_DUE,)),
        ({"days_past_due": 90}, TWO, (StageReason.PAST_DUE,)),
        ({"days_past_due": 91}, THREE, (StageReason.DEFAULTED, StageReason.PAST_DUE)),
        ({"watch_list": True}, TWO, (StageReason.WATCH_LIST,)),
        ({"now": BB}, TWO, (StageReason.ROSE_RELATIVELY,)),
        ({"now": CCC}, TWO, (StageReason.ROSE_ABSOLUTELY, StageReason.ROSE_RELATIVELY)),
        ({"now": D, "then": D}, THREE, (StageReason.GRADE_IN_DEFAULT,)),
        ({"credit_impaired": True}, THREE, (StageReason.CREDIT_IMPAIRED,)),
        ({"previous": TWO, "months_clean": 5}, TWO, (StageReason.NOT_CURED,)),
        ({"previous": TWO, "months_clean": 6}, ONE, ()),
        ({"previous": THREE, "months_clean": 5}, THREE, (StageReason.NOT_CURED,)),
        ({"previous": THREE, "months_clean": 6, "watch_list": True}, TWO, (StageReason.WATCH_LIST,)),
        ({"purchased_impaired": True, "days_past_due": 500}, PURCHASED_IMPAIRED, (StageReason.PURCHASED_IMPAIRED,)),
        ({"simplified": True}, SIMPLIFIED, (StageReason.SIMPLIFIED,)),
    ],
)
def test_a_stage_names_its_reasons(
    changes: dict[str, Any], stage: ImpairmentStage, reasons: tuple[StageReason, ...]
) -> None:
    assert stage_of(MODEL, risk(**changes)) == (stage, reasons)


grades = some.integers(0, len(MODEL.grades) - 1)
risks = some.builds(
    Risk,
    now=grades,
    then=grades,
    days_past_due=some.sampled_from([0, 30, 31, 90, 91, 400]),
    months_clean=some.sampled_from([0, 5, 6]),
    previous=some.none() | some.sampled_from(ImpairmentStage),
    **{name: some.booleans() for name in ("credit_impaired", "watch_list", "purchased_impaired", "simplified")},
)


@settings(max_examples=150)
@given(some.lists(risks, min_size=1, max_size=8))
def test_columns_stage_as_one_loan_at_a_time(many: list[Risk]) -> None:
    columns: dict[str, Any] = {
        name: np.array([getattr(it, name) for it in many]) for name in Risk.__annotations__ if name != "previous"
    }
    before = [engine.FIRST_TIME if it.previous is None else it.previous.code for it in many]
    codes = engine.stages(MODEL, engine.Risks(**columns, previous=np.array(before, dtype=np.int8)))
    assert codes.tolist() == [stage_of(MODEL, it)[0].code for it in many]


def position(**changes: Any) -> Position:
    ordinary: dict[str, Any] = {
        "amortisation": Amortisation.EQUAL_INSTALMENT,
        "grade": "BBB",
        "months": 24,
        "contract_rate": Decimal("0.01"),
        "effective_rate": Decimal("0.0105"),
        "exposure": cny(100_000_000),
        "loss_given_default": Decimal("0.45"),
        "stage": ONE,
        "days_past_due": 0,
        "initial_expected_loss": cny(0),
    }
    return Position(**{**ordinary, **changes})


def amount(**changes: Any) -> int:
    return int(engine.losses(MODEL, engine.book(MODEL, [position(**changes)])).allowance[0])


def test_the_probabilities_are_those_of_the_reference_month_by_month() -> None:
    for factor in (Decimal(1), Decimal("1.5")):
        columns = engine.monthly(MODEL, float(factor))
        for row, term in enumerate(MODEL.grades):
            hazards = [1 - (1 - reached) ** factor for reached in term.cumulative]
            told = ifrs9.marginal_probabilities(hazards)
            assert columns[row, : len(told)] == pytest.approx([float(it) for it in told], abs=1e-12)
    # Behind the last year of the model its hazard goes on.
    left = 1 - np.cumsum(engine.monthly(MODEL, 1.0), axis=1)
    assert left[BBB, 95] / left[BBB, 83] == pytest.approx(left[BBB, 59] / left[BBB, 47])


def test_the_allowance_is_the_loss_of_the_stage_over_all_scenarios() -> None:
    owed = Decimal(100_000_000)
    exact = Decimal(0)
    for scenario in MODEL.scenarios:
        hazards = [1 - (1 - it) ** scenario.hazard_factor for it in MODEL.grades[BBB].cumulative]
        months = ifrs9.marginal_probabilities(hazards)[:12]
        loss = ifrs9.expected_loss(months, [owed * Decimal("1.01")] * 12, Decimal("0.45"), Decimal("0.0105"))
        exact += scenario.weight * scenario.severity_factor * loss
    assert abs(amount(amortisation=Amortisation.BULLET) - exact) <= 1
    assert amount(stage=TWO) > amount(stage=ONE) > 0
    assert amount(stage=THREE) == 45_900_000, "1,000,000 × 45 % × 1.02, the severity of all scenarios"
    assert amount(stage=SIMPLIFIED, days_past_due=45) == 3_600_000
    assert amount(stage=PURCHASED_IMPAIRED, initial_expected_loss=cny(7)) == amount(stage=TWO) - 7
    assert amount(exposure=cny(0), stage=PURCHASED_IMPAIRED, initial_expected_loss=cny(7)) == 0
    assert engine.band_rates(MODEL, np.array([0, 1, 30, 31, 900])).tolist() == [0.003, 0.016, 0.016, 0.036, 0.106]
    assert engine.band_rates(replace(MODEL, bands=()), np.array([0, 100])).tolist() == [0, 0]


@settings(max_examples=80)
@given(some.integers(1, 10**9), some.integers(0, 10**9), some.integers(0, 10**9))
def test_cover_takes_its_share_of_the_loss_as_in_columns(exposure: int, collateral: int, guarantee: int) -> None:
    share = MODEL.loss_given_default(cny(exposure), cny(collateral), cny(guarantee))
    columns = ecl.loss_given_default(
        exposure=np.array([exposure]),
        collateral=np.array([collateral]),
        guarantee=np.array([guarantee]),
        unsecured=np.array([0.45]),
        guaranteed=np.array([0.25]),
        secured=0.2,
    )
    assert float(share) == pytest.approx(columns[0], abs=1e-11)
    assert Decimal("0.2") <= share <= Decimal("0.45")


def test_months_are_counted_up_and_one_is_always_left() -> None:
    assert months_left(date(2026, 1, 5), date(2027, 1, 5)) == 12
    assert months_left(date(2026, 1, 5), date(2027, 1, 6)) == 13
    assert months_left(date(2026, 1, 5), date(2025, 12, 1)) == 1


def standing(**changes: Any) -> Standing:
    return Standing(position(**changes), "ifrs9", 1, date(2026, 1, 1))


def test_each_cause_is_told_apart() -> None:
    before = standing()
    amounts = (900_000, 1_500_000, 1_400_000, 1_450_000)
    moved = movements_between(
        1_000_000,
        amounts,
        unwound=before.unwound(cny(1_000_000), date(2026, 1, 31)),
        gone=MovementCause.REPAID,
        currency="CNY",
    )
    unwound = round(1_000_000 * (1.0105 ** (30 * 12 / 365) - 1))
    assert [(it.cause, it.amount.minor_units) for it in moved] == [
        (MovementCause.UNWINDING, unwound),
        (MovementCause.REPAID, -100_000 - unwound),
        (MovementCause.STAGE_TRANSFER, 600_000),
        (MovementCause.CREDIT_RISK, -100_000),
        (MovementCause.MODEL, 50_000),
    ]
    lost = MovementCause.WRITTEN_OFF
    gone = movements_between(1_000_000, (0, 0, 0, 0), unwound=0, gone=lost, currency="CNY")
    assert gone == (AllowanceMovement(MovementCause.WRITTEN_OFF, cny(-1_000_000)),)
    new = movements_between(0, (1, 2, 3, 4), unwound=None, gone=lost, currency="CNY")
    assert new == (AllowanceMovement(MovementCause.NEW, cny(4)),)
    with pytest.raises(AssessmentMustNotPrecedeLatest):
        before.unwound(cny(1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("changes", "revised", "cause"),
    [
        ({"exposure": cny(50_000_000)}, {}, MovementCause.REPAID),
        ({"months": 6}, {}, MovementCause.REPAID),
        ({"stage": TWO}, {}, MovementCause.STAGE_TRANSFER),
        ({"grade": "CCC"}, {}, MovementCause.CREDIT_RISK),
        ({"loss_given_default": Decimal("0.2")}, {}, MovementCause.CREDIT_RISK),
        ({}, {"grades": MODEL.grades[1:]}, MovementCause.MODEL),
    ],
)
def test_what_changed_alone_is_the_only_cause(
    changes: dict[str, Any], revised: dict[str, Any], cause: MovementCause
) -> None:
    model = replace(MODEL, version=2, **revised)
    if revised:
        model = replace(model, scenarios=(replace(MODEL.scenarios[0], weight=Decimal(1)),))
    opening = amount()
    steps = engine.step_by_step(position(), MODEL, position(**changes), position(**changes), model).steps
    moved = movements_between(opening, steps, unwound=0, gone=MovementCause.REPAID, currency="CNY")
    assert moved == (AllowanceMovement(cause, cny(steps[-1] - opening)),)
    assert steps[-1] != opening


@settings(max_examples=60)
@given(
    some.lists(
        some.fixed_dictionaries(
            {
                "grade": some.sampled_from(["A", "BBB", "CCC", "D"]),
                "months": some.integers(1, 60),
                "exposure": some.integers(0, 10**9).map(cny),
                "stage": some.sampled_from([ONE, TWO, THREE, SIMPLIFIED]),
                "loss_given_default": some.sampled_from(["0.2", "0.45"]).map(Decimal),
            }
        ),
        min_size=2,
        max_size=2,
    ),
    some.integers(0, 400),
    some.booleans(),
)
def test_opening_and_movements_are_the_closing(terms: list[dict[str, Any]], days: int, revised: bool) -> None:
    first, second = (position(**one) for one in terms)
    model = replace(MODEL, version=2, unsecured_loss=Decimal("0.5"), bands=()) if revised else MODEL
    opening = amount(**terms[0])
    values = engine.step_by_step(first, MODEL, second, second, model).steps
    on = date.fromordinal(date(2026, 1, 1).toordinal() + days)
    unwound = standing(**terms[0]).unwound(cny(opening), on)
    moved = movements_between(opening, values, unwound=unwound, gone=MovementCause.REPAID, currency="CNY")
    closing = int(engine.losses(model, engine.book(model, [second])).allowance[0])
    assert opening + sum(it.amount.minor_units for it in moved) == closing
    causes = {it.cause for it in moved}
    assert first.stage is not second.stage or MovementCause.STAGE_TRANSFER not in causes
    assert revised or MovementCause.MODEL not in causes
    assert (
        first.grade != second.grade
        or first.loss_given_default != second.loss_given_default
        or (MovementCause.CREDIT_RISK not in causes)
    )
